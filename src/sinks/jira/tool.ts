import { z } from 'zod';
import type { Message } from '../../model/delivery.ts';
import type { Priority } from '../../model/incident.ts';
import type { HttpRequest, HttpResult, SinkContext } from '../sink.ts';
import { answered, ask, basic, change, Failed, parsedJson, secretOf, withoutSlash } from '../steps.ts';
import type { Ticket, TicketTool } from '../ticket.ts';
import { noteText } from '../ticket-text.ts';
import { documentOf } from './adf.ts';
import {
  type Category,
  categoryOf,
  openingFields,
  priorityField,
  stepTowards,
  transitions,
  transitionTo,
} from './issue.ts';

export interface JiraOptions {
  /** Base address of the site. */
  readonly url: string;
  /** E-mail address of the account. */
  readonly user: string;
  /** `env:NAME` or `file:/path` of its API token. */
  readonly token: string;
  /** Key of the project. */
  readonly project: string;
  /** Name of the issue type. */
  readonly issueType: string;
  /** Reference to what webhooks are signed with; null: none report back. */
  readonly webhookSecret: string | null;
}

interface Issue extends Ticket {
  readonly category: string;
  /** Of one that was created in this visit: the key of the one before it. */
  readonly replaces?: string;
}

/** Of what people may change as well: what we said last. */
export interface Told {
  readonly category: Category;
  readonly priority: Priority;
}

const made = z.object({ key: z.string().min(1) });
const issue = z.object({
  key: z.string().min(1),
  fields: z.object({
    status: z.object({ statusCategory: z.object({ key: z.string() }) }),
    labels: z.array(z.string()).default([]),
  }),
});
const issues = z.object({ issues: z.array(issue) });
const comments = z.object({
  comments: z.array(z.object({ properties: z.array(z.object({ key: z.string(), value: z.unknown() })).default([]) })),
});
const refusal = z.object({ errors: z.record(z.string(), z.unknown()) });

/** Our entity property, of issues and of comments. */
const PROPERTY = 'plimsoll';
const COMMENTS_READ = 10;
const MOST_STEPS = 3;
const MOVES_IT: ReadonlySet<string> = new Set(['resolved', 'reopened', 'closed']);

export async function jiraTool(
  message: Message,
  id: string,
  context: SinkContext<JiraOptions>,
): Promise<TicketTool<Issue, Told>> {
  const { options, consoleUrl } = context;
  const { incident, deliveryId } = message;
  const base = withoutSlash(options.url);
  const headers = {
    authorization: basic(options.user, await secretOf(context, options.token)),
    'content-type': 'application/json',
  };
  const api = `${base}/rest/api/3`;
  const at = (key: string): string => `${api}/issue/${encodeURIComponent(key)}`;
  const request = (method: HttpRequest['method'], url: string, body?: object): HttpRequest => ({
    method,
    url,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  /** Null: there is no such thing; undefined: its answer can't be read, as one that was too long and was cut. */
  const tryToLook = async <T>(url: string, shape: z.ZodType<T>): Promise<T | null | undefined> => {
    const answer = await ask(context, request('GET', url));
    return answer === null ? null : shape.safeParse(parsedJson(answer.body)).data;
  };
  const look = async <T>(url: string, shape: z.ZodType<T>): Promise<T | null> => {
    const read = await tryToLook(url, shape);
    if (read === undefined) throw new Failed({ kind: 'retry', reason: 'its answer is not what was asked for' });
    return read;
  };
  const issueOf = ({ key, fields }: z.output<typeof issue>): Issue => ({
    ...identity(key),
    category: fields.status.statusCategory.key,
  });
  const identity = (key: string): Ticket => ({
    id: key,
    url: `${base}/browse/${encodeURIComponent(key)}`,
    isFinal: false,
  });

  /** Priorities have other names elsewhere, or no place on the screen: then it goes without. */
  const withPriority = async (send: (priority: object) => Promise<HttpResult>): Promise<HttpResult> => {
    const result = await send(priorityField(incident.priority));
    if (!refusesPriority(result)) return result;
    context.warn(
      'priority_refused',
      'it takes no priority of the names Highest, High, Medium, Low, Lowest: none is set',
    );
    return send({});
  };

  /** Fields have lists of what may be chosen, which can be very long. */
  const offeredFor = async (key: string) => {
    const offered =
      (await tryToLook(`${at(key)}/transitions?expand=transitions.fields`, transitions)) ??
      (await look(`${at(key)}/transitions`, transitions));
    if (offered === null) throw new Failed({ kind: 'retry', reason: 'answered 404: it was there a moment ago' });
    return offered.transitions;
  };

  /** One that is refused and not offered any more was overtaken: somebody has moved the issue since it was looked at. */
  const take = async (key: string, towards: Category, taken: object): Promise<void> => {
    try {
      await change(context, request('POST', `${at(key)}/transitions`, taken), true);
    } catch (error) {
      if (!(error instanceof Failed) || error.outcome.kind !== 'permanent') throw error;
      const now = transitionTo(towards, await offeredFor(key));
      if (JSON.stringify(now) === JSON.stringify(taken)) throw error;
      throw new Failed({ kind: 'retry', reason: 'somebody has moved it meanwhile' });
    }
  };

  /** In steps, where no transition leads there at once. */
  const move = async (key: string, from: string, to: Category): Promise<void> => {
    let here = from;
    for (let step = 0; step < MOST_STEPS && here !== to; step++) {
      const offered = await offeredFor(key);
      const direct = transitionTo(to, offered);
      const taken = direct ?? (step === 0 ? transitionTo(stepTowards[to], offered) : null);
      if (taken === null) break;
      const towards = direct === null ? stepTowards[to] : to;
      await take(key, towards, taken);
      here = towards;
    }
    if (here !== to)
      context.warn('no_transition', `no transition leads an issue from ${nameOf(from)} to ${nameOf(to)}`);
  };

  const holdsComment = async (key: string): Promise<boolean> => {
    // People's comments may be longer than what is read: then it is said again rather than never.
    const latest = await tryToLook(
      `${at(key)}/comment?orderBy=-created&maxResults=${COMMENTS_READ}&expand=properties`,
      comments,
    );
    const marks = latest?.comments.flatMap(({ properties }) => properties) ?? [];
    return marks.some((mark) => mark.key === PROPERTY && deliveryOf(mark.value) === deliveryId);
  };

  const comment = async (key: string, text: string): Promise<void> => {
    const properties = [
      // Where customers read along, it is not for them.
      { key: 'sd.public.comment', value: { internal: true } },
      { key: PROPERTY, value: { delivery: deliveryId } },
    ];
    await change(context, request('POST', `${at(key)}/comment`, { body: documentOf(text), properties }), true);
  };

  return {
    opening: { category: 'new', priority: incident.priority },

    read: async (key) => {
      const found = await look(`${at(key)}?fields=status,labels`, issue);
      return found && issueOf(found);
    },

    find: async () => {
      const jql = encodeURIComponent(`labels = "${id}" ORDER BY created ASC`);
      const found = await look(`${api}/search/jql?jql=${jql}&fields=status,labels&maxResults=10`, issues);
      if (found === null)
        throw new Failed({ kind: 'permanent', reason: 'answered 404: there is no search at this address' });
      return found.issues.filter(({ fields }) => fields.labels.includes(id)).map(issueOf);
    },

    create: async (replaces) => {
      const properties = [{ key: PROPERTY, value: { incident: incident.id, correlation: id } }];
      const fields = openingFields(incident, id, options, consoleUrl);
      const result = await withPriority((priority) =>
        context.http(request('POST', `${api}/issue`, { fields: { ...fields, ...priority }, properties })),
      );
      const created = made.safeParse(parsedJson(answered(context, result).body));
      if (!created.success) throw new Failed({ kind: 'unknown', reason: 'its answer names no issue' });
      const { key } = created.data;
      return { ...identity(key), category: 'new', ...(replaces === null ? {} : { replaces }) };
    },

    tell: async (there, told, isNew) => {
      const now: Told = { category: categoryOf(incident), priority: incident.priority };
      if (now.priority !== told.priority) {
        const result = await withPriority(async (priority) =>
          Object.keys(priority).length === 0 ? TAKEN : context.http(request('PUT', at(there.id), { fields: priority })),
        );
        answered(context, result);
      }
      const mayMove = there.category !== 'done' || message.transition === 'reopened';
      // Somebody may have done the opposite there in the meantime: these say how it stands whatever was said before.
      const isMoved = now.category !== told.category || MOVES_IT.has(message.transition);
      if (isMoved && now.category !== there.category && mayMove) await move(there.id, there.category, now.category);
      const isSaid = isNew && now.category === told.category && there.replaces === undefined;
      if (isSaid || (message.mayHaveArrived && (await holdsComment(there.id)))) return now;
      const before = there.replaces === undefined ? '' : `It takes the place of ${there.replaces}, which is gone.\n`;
      await comment(there.id, before + noteText(message, consoleUrl));
      return now;
    },
  };
}

const TAKEN: HttpResult = { kind: 'answer', status: 204, headers: {}, body: '' };

const refusesPriority = (result: HttpResult): boolean => {
  if (result.kind !== 'answer' || result.status !== 400) return false;
  const read = refusal.safeParse(parsedJson(result.body));
  return read.success && 'priority' in read.data.errors;
};

const deliveryOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'delivery' in value ? value.delivery : null;

const NAMES: Readonly<Record<string, string>> = { new: 'to do', indeterminate: 'in progress', done: 'done' };
const nameOf = (category: string): string => NAMES[category] ?? 'an unknown status category';
