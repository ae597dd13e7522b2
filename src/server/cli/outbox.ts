import type { StoreConfig } from '../../model/config/deployment.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Actor } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import {
  discardMessage,
  listMessages,
  type MessageJson,
  type OutboxDesk,
  type ReplayedJson,
  replayMessage,
} from '../delivery/outbox-desk.ts';
import { destinationsOf } from '../delivery/ways.ts';
import { isThere, placeOf } from '../engines.ts';
import type { Configuration } from '../plimsoll.ts';
import { atStore } from '../store-desk.ts';
import { HOW_A_COMMAND_COMES_IN, LocalServer } from './local-server.ts';
import { columns, countOf } from './words.ts';

export interface OutboxOptions {
  readonly configuration: Configuration;
  readonly json: boolean;
  readonly now: Millis;
}

/** Which messages a command is about: by id, or all that fit. */
export interface Which {
  readonly ids: readonly string[];
  readonly sink?: string | undefined;
  readonly incident?: string | undefined;
  readonly state?: 'dead' | 'pending' | undefined;
}

interface Desk {
  list(which: Omit<Which, 'ids'>): Promise<readonly MessageJson[]>;
  replay(id: string): Promise<ReplayedJson>;
  discard(id: string, reason: string): Promise<MessageJson>;
}

const BY: Actor = { kind: 'user', id: 'local' };
const PAGE = 1000;

/** What waits and what was given up, newest first. Exit status 0. */
export async function listOutboxCommand(options: OutboxOptions, which: Omit<Which, 'ids'>): Promise<number> {
  return atDesk(options, async (desk) => {
    const messages = await desk.list(which);
    if (options.json) console.log(JSON.stringify({ messages }));
    else if (messages.length === 0)
      console.log(`nothing waits, and nothing was given up${unknownSink(options, which)}`);
    else console.log(columns([HEADER, ...messages.map(row)]).join('\n'));
    return 0;
  });
}

/** Sends again what was given up. Exit status 0, or 2 when there was nothing. */
export async function replayOutboxCommand(options: OutboxOptions, which: Which): Promise<number> {
  return atDesk(options, async (desk) => {
    const ids = await idsOf(desk, { ...which, state: 'dead' });
    const replayed: ReplayedJson[] = [];
    for (const id of ids) {
      const one = await unlessChanged(which, () => desk.replay(id));
      if (one !== null) replayed.push(one);
    }
    if (options.json) console.log(JSON.stringify({ messages: replayed }));
    else if (replayed.length === 0) console.log(`nothing was given up${unknownSink(options, which)}`);
    else
      for (const one of replayed)
        console.log(`${nameOf(one)}: ${one.needless === null ? 'sent again' : `not sent: ${one.needless}`}`);
    return replayed.length === 0 ? 2 : 0;
  });
}

/** Messages that are not to be sent. Exit status 0, or 2 when there were none. */
export async function discardOutboxCommand(options: OutboxOptions, which: Which, reason: string): Promise<number> {
  return atDesk(options, async (desk) => {
    const ids = await idsOf(desk, { ...which, state: which.state ?? 'dead' });
    const discarded: MessageJson[] = [];
    for (const id of ids) {
      const one = await unlessChanged(which, () => desk.discard(id, reason));
      if (one !== null) discarded.push(one);
    }
    if (options.json) console.log(JSON.stringify({ messages: discarded }));
    else if (discarded.length === 0) console.log(`there is nothing to discard${unknownSink(options, which)}`);
    else console.log(`${countOf(discarded.length, 'message')} discarded: ${discarded.map(nameOf).join(', ')}`);
    return discarded.length === 0 ? 2 : 0;
  });
}

/** Oldest first: what was written first is sent first. */
const idsOf = async (desk: Desk, { ids, ...filter }: Which): Promise<readonly string[]> =>
  ids.length > 0 ? ids : (await desk.list(filter)).map(({ id }) => id).toReversed();

/** A name that is written wrong finds nothing, too. One that was taken out of the configuration may still have messages. */
function unknownSink({ configuration }: OutboxOptions, { sink }: Pick<Which, 'sink'>): string {
  const known = configuration.deployment.sinks.map(({ name }) => name);
  if (sink === undefined || known.includes(sink)) return '';
  return `; no sink is named ${JSON.stringify(sink)}${known.length === 0 ? '' : `, known are: ${known.join(', ')}`}`;
}

/** Of all that fit, what has been delivered since it was listed fits no more, and does not keep the rest. Null: that is so. */
async function unlessChanged<T>({ ids }: Which, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (ids.length === 0 && error instanceof OperatorError && error.code === 'PLIM_OUTBOX_STATE') return null;
    throw error;
  }
}

const HEADER = ['ID', 'SINK', 'INCIDENT', 'WHAT', 'STATE', 'SINCE', 'TRIED', 'LAST ERROR'];
const row = (one: MessageJson): string[] => [
  one.id,
  one.sink,
  one.incident,
  one.transition,
  one.state === 'dead' ? 'given up' : 'waits',
  one.createdAt.slice(0, 16).replace('T', ' '),
  String(one.attempts),
  one.lastError ?? '',
];
const nameOf = ({ id, sink, incident, transition }: MessageJson): string =>
  `${id} (${incident} ${transition}, to ${sink})`;

async function atDesk({ configuration, now }: OutboxOptions, work: (desk: Desk) => Promise<number>): Promise<number> {
  const { deployment } = configuration;
  // A command of the wrong folder or file would make an empty store there, and find that nothing waits.
  if (!isThere(deployment.store)) throw noStore(deployment.store);
  try {
    return await atStore(
      deployment,
      () => now,
      ({ records, write }) => work(storedDesk({ records, write, sinks: destinationsOf(deployment), now, by: BY })),
    );
  } catch (error) {
    if (!(error instanceof OperatorError) || error.code !== 'PLIM_STORE_IN_USE') throw error;
    return work(runningDesk(configuration));
  }
}

/** This process writes: nobody else does, or several may. */
const storedDesk = (desk: OutboxDesk): Desk => ({
  list: async ({ sink, incident, state }) => {
    const states = state === undefined ? (['pending', 'dead'] as const) : [state];
    return listMessages(desk.records, { states, sink, incident, services: null, limit: Number.MAX_SAFE_INTEGER });
  },
  replay: (id) => replayMessage(desk, id),
  discard: (id, reason) => discardMessage(desk, id, reason),
});

/** A server runs: it writes, and delivers at once. */
function runningDesk({ deployment }: Configuration): Desk {
  const server = new LocalServer(deployment);
  const ask = async <T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> => {
    const answer = await server.askAny(`/api/v1/outbox${path}`, { method, body, timeout: 30_000 });
    if (answer === null) throw unreachable(`nobody answers at ${server.addresses.join(' or ')}`);
    const { address, statusCode, said } = answer;
    if (statusCode === 200) return said as T;
    if (statusCode === 404 || statusCode === 409) throw refused(said);
    throw unreachable(`${address} answered ${statusCode}: ${said['detail'] ?? ''}`);
  };
  return {
    list: async (which) => {
      const messages: MessageJson[] = [];
      const filter = Object.fromEntries(Object.entries(which).filter(([, value]) => value !== undefined));
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const query = new URLSearchParams({ ...filter, limit: `${PAGE}`, ...(cursor === '' ? {} : { cursor }) });
        const page: { messages: MessageJson[]; nextCursor?: string } = await ask('GET', `?${query}`);
        messages.push(...page.messages);
        cursor = page.nextCursor;
      }
      return messages;
    },
    replay: (id) => ask('POST', `/${encodeURIComponent(id)}/replay`, {}),
    discard: (id, reason) => ask('POST', `/${encodeURIComponent(id)}/discard`, { reason }),
  };
}

const noStore = (store: StoreConfig): OperatorError =>
  new OperatorError('PLIM_OUTBOX_NO_STORE', {
    what: `there is no store at ${placeOf(store)}, so there is no outbox`,
    fix: 'name its deployment file with --config; a store is made when Plimsoll is started',
    retryable: false,
  });
const refused = (said: Readonly<Record<string, unknown>>): OperatorError => {
  const code = String(said['code']);
  return new OperatorError(code === 'PLIM_API_NOT_FOUND' ? 'PLIM_OUTBOX_UNKNOWN' : code, {
    what: String(said['detail']),
    fix: 'plimsoll outbox list shows what waits and what was given up',
    retryable: false,
  });
};
const unreachable = (what: string): OperatorError =>
  new OperatorError('PLIM_OUTBOX_SERVER', {
    what: `another process has the store, and could not be asked: ${what}`,
    fix: `${HOW_A_COMMAND_COMES_IN}; or stop Plimsoll first`,
    retryable: true,
  });
