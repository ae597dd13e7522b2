import { z } from 'zod';
import { isOpen } from '../../model/incident.ts';
import { plainText } from '../../model/plain-text.ts';
import type { SilencedThere } from '../../model/remote-act.ts';
import type { Poll, RemoteEvent } from '../inbound.ts';
import type { SinkContext } from '../sink.ts';
import { ask, Failed, parsedJson, withoutSlash } from '../steps.ts';
import type { AlertmanagerOptions } from './index.ts';

type Context = SinkContext<AlertmanagerOptions>;

const alerts = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    status: z.object({ silencedBy: z.array(z.string().max(200)).max(50).default([]) }),
  }),
);
const silence = z.object({
  id: z.string(),
  createdBy: z.string().default(''),
  comment: z.string().default(''),
  endsAt: z.string(),
});

/** What silenced each incident when it was looked at last, as text. */
type Cursor = Readonly<Record<string, string>>;

const SILENCED = 'silenced=true&active=false&inhibited=false&unprocessed=false';
/** Of a set of labels that names its incident already, ours are told from those of others by this. */
const OURS = 'filter=alertname%3D%22PlimsollBreach%22';

/** Alertmanager calls nobody when somebody silences an alert: it is asked for those of ours that are silenced, and by whom. */
export const poll: Poll<AlertmanagerOptions> = {
  everyMs: ({ poll: everyMs }) => everyMs ?? null,
  look: async (cursor, told, context) => {
    const before = (cursor as Cursor | null) ?? {};
    const open = told.filter(({ incident }) => isOpen(incident)).map(({ incident }) => incident.id);
    if (open.length === 0) return { events: [], cursor: {} };
    const silencedBy = await anyInstance(context, (url) => silencedAlerts(url, open, context));
    const known = new Map<string, SilencedThere | null>();
    const after: Record<string, string> = {};
    const events: RemoteEvent[] = [];
    for (const incident of open) {
      const silences: SilencedThere[] = [];
      for (const id of [...(silencedBy.get(incident) ?? [])].toSorted()) {
        if (!known.has(id)) known.set(id, await anyInstance(context, (url) => silenceOf(url, id, context)));
        const one = known.get(id);
        if (one != null) silences.push(one);
      }
      const text = JSON.stringify(silences);
      if (silences.length > 0) after[incident] = text;
      if (text !== (before[incident] ?? '[]'))
        events.push({
          id: `silences:${incident}:${context.now()}`,
          about: { incident },
          at: null,
          by: null,
          acts: [{ type: 'silence', silences }],
        });
    }
    return { events, cursor: after };
  },
};

/** They gossip silences, so any of them that answers will do. */
async function anyInstance<T>({ options }: Context, work: (url: string) => Promise<T>): Promise<T> {
  let failed: unknown = null;
  for (const url of options.urls)
    try {
      return await work(withoutSlash(url));
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      failed = error;
    }
  throw failed;
}

/** Ids of silences by incident. Of an answer the first 64 KB are read: where that is not all, each incident is asked for alone. */
async function silencedAlerts(
  url: string,
  open: readonly string[],
  context: Context,
): Promise<Map<string, Set<string>>> {
  const all = await alertsAt(`${url}/api/v2/alerts?${SILENCED}&${OURS}`, context);
  const found = new Map<string, Set<string>>();
  const take = (read: z.output<typeof alerts>): void => {
    for (const { labels, status } of read) {
      const ids = found.get(labels['incident'] ?? '') ?? new Set();
      for (const id of status.silencedBy) ids.add(id);
      found.set(labels['incident'] ?? '', ids);
    }
  };
  if (all !== null) take(all);
  else
    for (const incident of open) {
      const filter = encodeURIComponent(`incident="${incident}"`);
      take((await alertsAt(`${url}/api/v2/alerts?${SILENCED}&${OURS}&filter=${filter}`, context)) ?? []);
    }
  return found;
}

async function alertsAt(url: string, context: Context): Promise<z.output<typeof alerts> | null> {
  const answer = await ask(context, { method: 'GET', url, headers: {} });
  if (answer === null) throw new Failed({ kind: 'permanent', reason: 'answered 404: there is no Alertmanager here' });
  return alerts.safeParse(parsedJson(answer.body)).data ?? null;
}

/** Null: it is gone. */
async function silenceOf(url: string, id: string, context: Context): Promise<SilencedThere | null> {
  const answer = await ask(context, {
    method: 'GET',
    url: `${url}/api/v2/silence/${encodeURIComponent(id)}`,
    headers: {},
  });
  const read = silence.safeParse(parsedJson(answer?.body ?? ''));
  const until = Date.parse(read.data?.endsAt ?? '');
  if (!read.success || !Number.isFinite(until)) return null;
  const by = plainText(read.data.createdBy, 100) || 'somebody';
  return { id, by, comment: plainText(read.data.comment, 200), until };
}
