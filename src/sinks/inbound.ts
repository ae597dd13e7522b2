import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Remote } from '../model/delivery.ts';
import type { Incident } from '../model/incident.ts';
import { JsonFault, parseJson } from '../model/json.ts';
import { plainText } from '../model/plain-text.ts';
import type { Act } from '../model/remote-act.ts';
import type { ChangeStanding, Deployed } from '../model/remote-change.ts';
import type { Millis } from '../model/time.ts';
import type { SinkContext } from './sink.ts';
import { lines } from './ticket-text.ts';
import { TRANSITION_WORDS } from './words.ts';

/** A request that came to `POST /api/v1/hooks/{name}`: nobody believes it yet. */
export interface HookRequest {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As it came, which is what was signed. */
  readonly body: Uint8Array;
}

/** `forged`: not signed with our secret. `stale`: it was, and too long ago to be the first time that it is sent. */
export type Verdict = 'genuine' | 'forged' | 'stale';

/** Which incident is meant: by its id, by what the tool calls it, or by what it is about. */
export type About =
  | { readonly incident: string }
  | { readonly remoteId: string }
  | { readonly service: string; readonly objective: string | null; readonly environment: string | null }
  /** No incident, but a deployment, by the tool's id of it. */
  | { readonly deployment: string }
  /** Changes that are known by one of these names in the tool. */
  | { readonly externalRefs: readonly string[] };

/** What a tool has to tell: plain JSON, since it is kept until it is dealt with. */
export interface RemoteEvent {
  /** The tool's id of it, the same when it is told again; unique within its destination. */
  readonly id: string;
  readonly about: About;
  /** When it happened, by the tool's clock; null: it does not say. */
  readonly at: Millis | null;
  /** Who did it: id there, and name. Null: nobody in particular. */
  readonly by: { readonly id: string; readonly name: string | null } | null;
  readonly acts: readonly Act[];
  /** Of a deployment: how it stands. */
  readonly deployed?: Deployed;
  /** Of a change that is approved in the tool: how it stands there. */
  readonly standing?: ChangeStanding;
  /** How the tool's ticket stands, where it tells that and not what was done. */
  readonly shows?: unknown;
  /** `own`: what it tells is what we did. It is read for what the tool calls things, and for nothing else. */
  readonly own?: true;
}

/** A body that says nothing that could be understood; the message says why, and repeats nothing of it. */
export class HookFault extends Error {
  override readonly name = 'HookFault';
}

/** What a destination is read with: where it may have been told something else by another Plimsoll. */
export interface ReadContext<Options> extends Pick<SinkContext<Options>, 'options' | 'deployment' | 'consoleUrl'> {}

export interface Hook<Options> {
  /** References to what callbacks are signed with, to any one of them; all null: nothing is taken. */
  readonly secretsOf: (options: Options) => readonly (string | null | undefined)[];
  /** @param secret  all of them, one a line (`secretsIn`) */
  readonly verify: (request: HookRequest, secret: string, now: Millis) => Verdict;
  /** What a genuine request tells; nothing, where it is of no concern. Throws `HookFault`. */
  readonly read: (request: HookRequest, context: ReadContext<Options>) => readonly RemoteEvent[];
  /** What is signed says no time of the sending: only what it tells says when that happened. */
  readonly isUndated?: true;
  /** The tool shows to people what is answered: it is answered nothing. */
  readonly silent?: true;
}

/** An incident that the destination was told of, and can still be asked about. */
export interface Told {
  readonly incident: Incident;
  readonly remote: Remote;
}

/** What a look has found, and where the next one begins. */
export interface Look {
  readonly events: readonly RemoteEvent[];
  /** Plain JSON. */
  readonly cursor: unknown;
}

/** A change that a tool is asked about. */
export interface AskedChange {
  /** What it is called there. */
  readonly reference: string;
  /** Another one whenever it has changed here: then how it stands there is told again. */
  readonly mark: string;
}

export interface Poll<Options> {
  /** Null: it is not looked at. */
  readonly everyMs: (options: Options) => Millis | null;
  /** @param cursor  of the look before; null: there was none. Throws `Failed` (see `steps.ts`) */
  readonly look: (cursor: unknown, told: readonly Told[], context: SinkContext<Options>) => Promise<Look>;
  /** Of a tool that changes are approved in: looks how these stand. As `look`. */
  readonly changes?: (cursor: unknown, asked: readonly AskedChange[], context: SinkContext<Options>) => Promise<Look>;
}

/** How what people do in a tool comes back. */
export interface Inbound<Options> {
  /** What people call the tool. */
  readonly tool: string;
  readonly hook?: Hook<Options>;
  readonly poll?: Poll<Options>;
  /** What was done there since, when it shows this and was last told that. */
  readonly compare?: (shows: unknown, remote: Remote) => readonly Act[];
  /** What is kept of the destination, now that it is known how things stand there: what is told next is compared with it. */
  readonly absorb?: (remote: Remote, event: RemoteEvent) => Remote;
  /** What the tool calls an incident's own thing there, where that is not the `id` of what is kept. */
  readonly idIn?: (remote: Remote) => string | null;
  /** It tells of deployments: each is a change, by an id that nobody else may give. */
  readonly deploys?: true;
  /** It is told what was done in it, too: its own message has to show it, or it was promised every transition. */
  readonly hearsItself?: true;
}

const PERSON_MAX = 100;
const NOTE_MAX = 8_000;

/** What a correlation id of this deployment stands for, `INC-<n>`; null: it is no such id. */
export function incidentOf(deployment: string, text: unknown): string | null {
  const prefix = `plimsoll-${deployment}-`;
  if (typeof text !== 'string' || !text.startsWith(prefix)) return null;
  const id = text.slice(prefix.length);
  return /^INC-\d{1,12}$/.test(id) ? id : null;
}

/** A person of another tool, whose name may be anything. */
export const person = (id: unknown, name: unknown): RemoteEvent['by'] => {
  const known = typeof id === 'string' || typeof id === 'number' ? plainText(String(id), PERSON_MAX) : '';
  if (known === '') return null;
  const called = typeof name === 'string' ? plainText(name, PERSON_MAX) : '';
  return { id: known, name: called === '' ? null : called };
};

/** What somebody wrote elsewhere, as it is kept: without control characters, cut. */
export const written = (text: string): string => lines(text, NOTE_MAX).trim();

const OUR_NOTE = new RegExp(
  `^(It takes the place of [^\\n]*\\n)?(${TRANSITION_WORDS.join('|')}) in Plimsoll, P[1-5]\\.`,
);

/** A note that we wrote there ourselves, whoever it is said to be from. */
export const isOurNote = (text: string, { consoleUrl }: { consoleUrl: string }): boolean =>
  OUR_NOTE.test(text.trimStart()) && text.includes(`${consoleUrl}/incidents/INC-`);

/** Throws `HookFault`. */
export function jsonOf({ body }: Pick<HookRequest, 'body'>, what = 'it'): unknown {
  try {
    return parseJson(body);
  } catch (error) {
    throw error instanceof JsonFault ? new HookFault(`${what} is not readable JSON: ${error.message}`) : error;
  }
}

/** Whether something given is what was expected; all are compared, so that the time it takes says nothing of which. */
export const isAnyOf = (given: readonly (string | undefined)[], expected: readonly string[]): boolean =>
  expected.flatMap((one) => given.map((text) => isSame(text, one))).includes(true);

/** Equal, in a time that says nothing of where they differ. */
function isSame(given: string | undefined, expected: string): boolean {
  const a = Buffer.from(given ?? '', 'utf8');
  const b = Buffer.from(expected, 'utf8');
  return a.length === b.length && timingSafeEqual(a, b);
}

/** HMAC-SHA256 of what follows each other. */
export const hmacHex = (secret: string, ...parts: readonly (string | Uint8Array)[]): string =>
  parts
    .reduce<ReturnType<typeof createHmac>>((hmac, part) => hmac.update(part), createHmac('sha256', secret))
    .digest('hex');

/** Secrets may be two, one a line, while one takes the place of the other. */
export const secretsIn = (secret: string): string[] => secret.split(/\r?\n/).filter((line) => line !== '');

/** How far clocks may be apart, and how long a request may have been under way. */
const FRESH_MS: Millis = 5 * 60_000;

/** @param seconds  since 1970, as a header has them */
export const isFresh = (seconds: string | undefined, now: Millis): boolean =>
  /^\d{1,12}$/.test(seconds ?? '') && Math.abs(now - Number(seconds) * 1000) <= FRESH_MS;

/** Of a tool that knows no signatures: the header `x-plimsoll-secret`, or a bearer token. */
export function bySharedSecret({ headers }: HookRequest, secret: string): Verdict {
  const bearer = /^Bearer +(.+)$/i.exec(headers['authorization'] ?? '')?.[1];
  const given = headers['x-plimsoll-secret'] ?? bearer;
  return isAnyOf([given], secretsIn(secret)) ? 'genuine' : 'forged';
}
