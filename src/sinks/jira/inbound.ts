import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Remote } from '../../model/delivery.ts';
import type { CloseCode, Priority } from '../../model/incident.ts';
import type { Act } from '../../model/remote-act.ts';
import {
  HookFault,
  type HookRequest,
  hmacHex,
  type Inbound,
  incidentOf,
  isAnyOf,
  isOurNote,
  jsonOf,
  person,
  type ReadContext,
  type RemoteEvent,
  secretsIn,
  type Verdict,
  written,
} from '../inbound.ts';
import { textIn } from './adf.ts';
import { type Category, PRIORITIES } from './issue.ts';
import type { JiraOptions, Told } from './tool.ts';

const user = z.object({ accountId: z.string().nullish(), displayName: z.string().nullish() });
const named = z.object({ name: z.string().nullish() });
const callback = z.object({
  webhookEvent: z.string(),
  timestamp: z.number().nullish(),
  user: user.nullish(),
  issue: z
    .object({
      key: z.string().min(1).max(200),
      fields: z
        .object({
          labels: z.array(z.string()).nullish(),
          creator: user.nullish(),
          status: z.object({ statusCategory: z.object({ key: z.string() }).nullish() }).nullish(),
          resolution: named.nullish(),
        })
        .nullish(),
    })
    .nullish(),
  changelog: z.object({ items: z.array(z.object({ field: z.string(), toString: z.unknown() })).max(200) }).nullish(),
  comment: z.object({ author: user.nullish(), body: z.unknown() }).nullish(),
});
type Callback = z.output<typeof callback>;

/**
 * Webhooks that an administrator made with a secret.
 * @see https://developer.atlassian.com/cloud/jira/platform/webhooks/
 */
export const inbound: Inbound<JiraOptions> = {
  tool: 'Jira',
  hook: { secretsOf: ({ webhookSecret }) => [webhookSecret], verify, read, isUndated: true },
  absorb,
};

function verify({ headers, body }: HookRequest, secret: string): Verdict {
  const expected = secretsIn(secret).map((one) => `sha256=${hmacHex(one, body)}`);
  return isAnyOf([headers['x-hub-signature']], expected) ? 'genuine' : 'forged';
}

function read(request: HookRequest, context: ReadContext<JiraOptions>): RemoteEvent[] {
  const parsed = callback.safeParse(jsonOf(request));
  if (!parsed.success) throw new HookFault('it is not an event of Jira');
  const said = parsed.data;
  if (said.issue == null) return [];
  const about = aboutOf(said.issue, context.deployment);
  if (about === null) return [];
  const doer = said.comment?.author ?? said.user;
  // Who has created the issue is who we are there.
  const us = said.issue.fields?.creator?.accountId ?? null;
  const own = us !== null && doer?.accountId === us;
  const acts = own ? [] : actsOf(said, context);
  if (acts.length === 0) return [];
  return [
    {
      id: identityOf(said),
      about,
      at: said.timestamp ?? null,
      by: person(doer?.accountId, doer?.displayName),
      acts,
      shows: showsOf(said),
    },
  ];
}

/** The same in every repetition. The header `x-atlassian-webhook-identifier` is, too, but is not signed: whoever repeats may change it. */
function identityOf({ webhookEvent, timestamp, issue, changelog, comment }: Callback): string {
  const what = JSON.stringify([webhookEvent, timestamp, issue?.key, changelog, comment]);
  return createHash('sha256').update(what).digest('hex');
}

function aboutOf({ key, fields }: NonNullable<Callback['issue']>, deployment: string): RemoteEvent['about'] | null {
  // Comments come with an issue that has no labels.
  if (fields?.labels == null) return { remoteId: key };
  const ids = fields.labels.flatMap((label) => incidentOf(deployment, label) ?? []);
  return ids.length === 0 ? null : { incident: ids[0]! };
}

const isChanged = ({ changelog }: Callback, field: string): boolean =>
  changelog?.items.some((item) => item.field === field) ?? false;

/** What a field says now, in Jira's words; empty where it did not change. */
function changedTo({ changelog }: Callback, field: string): string {
  const item = changelog?.items.find((one) => one.field === field);
  // Every object has something of this name.
  return item !== undefined && typeof item.toString === 'string' ? (item.toString as string) : '';
}

function actsOf(said: Callback, context: ReadContext<JiraOptions>): Act[] {
  if (said.webhookEvent === 'jira:issue_deleted') return [{ type: 'delete' }];
  if (said.webhookEvent === 'comment_created') {
    const text = written(textIn(said.comment?.body));
    return text === '' || isOurNote(text, context) ? [] : [{ type: 'note', text }];
  }
  if (said.webhookEvent !== 'jira:issue_updated') return [];
  const priority = priorityNamed(changedTo(said, 'priority'));
  const assignee = written(changedTo(said, 'assignee')).slice(0, 256);
  return [
    ...(priority === null ? [] : [{ type: 'prioritize' as const, priority }]),
    ...(isChanged(said, 'status') ? statusActs(said) : []),
    ...(assignee === '' || showsOf(said).category === 'done' ? [] : [{ type: 'assign' as const, to: assignee }]),
  ];
}

function statusActs(said: Callback): Act[] {
  const { category } = showsOf(said);
  if (category === 'new') return [{ type: 'reopen' }];
  if (category === 'indeterminate') return [{ type: 'reopen' }, { type: 'acknowledge' }];
  if (category !== 'done') return [];
  const resolution = said.issue?.fields?.resolution?.name ?? '';
  return [{ type: 'resolve', code: CODES[resolution.toLowerCase()] ?? 'solution_provided', notes: null }];
}

interface Shows {
  readonly category: string | null;
  readonly priority: Priority | null;
}
const showsOf = (said: Callback): Shows => ({
  category: isChanged(said, 'status') ? (said.issue?.fields?.status?.statusCategory?.key ?? null) : null,
  priority: priorityNamed(changedTo(said, 'priority')),
});

const priorityNamed = (name: unknown): Priority | null => {
  const found = Object.entries(PRIORITIES).find(([, value]) => value === name)?.[0];
  return found === undefined ? null : (Number(found) as Priority);
};

const CODES: Readonly<Record<string, CloseCode>> = {
  duplicate: 'duplicate',
  'known error': 'known_error',
  "won't do": 'no_resolution',
  "won't fix": 'no_resolution',
  'cannot reproduce': 'no_resolution',
  workaround: 'workaround_provided',
};

const CATEGORIES: readonly string[] = ['new', 'indeterminate', 'done'] satisfies Category[];

function absorb(remote: Remote, { shows }: RemoteEvent): Remote {
  const kept = remote.state as { readonly told?: Told } | undefined;
  if (kept?.told === undefined) return remote;
  const { category, priority } = shows as Shows;
  const told: Told = {
    category: category !== null && CATEGORIES.includes(category) ? (category as Category) : kept.told.category,
    priority: priority ?? kept.told.priority,
  };
  return { ...remote, state: { ...kept, told } };
}
