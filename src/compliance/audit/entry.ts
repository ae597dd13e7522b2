import type { Actor } from '../../model/incident.ts';
import { JsonFault } from '../../model/json.ts';
import { iso, type Millis } from '../../model/time.ts';
import { canonicalJson, type JsonObject, parseCanonical } from './canonical-json.ts';
import { hex, isHash, sha256 } from './hash.ts';

/** The layout described in docs/guide/audit-format.md; another one is another number. */
export const ENTRY_VERSION = 1;
/** What the first entry has in place of the leaf before it. */
export const NO_LEAF = '0'.repeat(64);
/** The type of the first entry of every log. */
export const LOG_CREATED = 'log.created';
/** Entries were cut off in front: `size` of them, whose tree had the root `root`. */
export const LOG_CUT = 'audit.cut';

/** What is recorded: before it has its place in the log. */
export interface NewEntry {
  readonly at: Millis;
  readonly actor: Pick<Actor, 'id'> & { readonly kind: string };
  /** `incident.opened`: words of lower-case letters, digits and underscores, with dots between them. */
  readonly type: string;
  /** Ids, counts and hashes; content lives in rows that can be erased. */
  readonly data: JsonObject;
}

/** One entry as it stands in the log. */
export interface Entry {
  readonly v: typeof ENTRY_VERSION;
  /** From 0, without a gap. */
  readonly seq: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly ts: string;
  readonly actor: { readonly kind: string; readonly id: string };
  readonly type: string;
  readonly data: JsonObject;
  /** Leaf of the entry before, in hex. */
  readonly prev: string;
}

const LEAF = Buffer.of(0x00);
const KEYS = ['actor', 'data', 'prev', 'seq', 'ts', 'type', 'v'];
const TYPE = /^[a-z0-9_]+(?:\.[a-z0-9_]+)*$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** The bytes of an entry are the UTF-8 of this. */
export const entryText = ({ at, actor, type, data }: NewEntry, seq: number, prev: string): string =>
  canonicalJson({
    actor: { id: actor.id, kind: actor.kind },
    data,
    prev,
    seq,
    ts: iso(at),
    type,
    v: ENTRY_VERSION,
  });

/** SHA-256(0x00 ‖ bytes). @see https://www.rfc-editor.org/rfc/rfc6962#section-2.1 */
export const leafOf = (bytes: Uint8Array): Buffer => sha256(LEAF, bytes);
export const leafOfText = (text: string): Buffer => leafOf(Buffer.from(text));

/** Reads an entry from its bytes. @throws JsonFault that says what is wrong with them */
export function readEntry(bytes: Uint8Array): Entry {
  const value = parseCanonical(bytes);
  const wrong = faultOf(value);
  if (wrong !== null) throw new JsonFault(wrong);
  return value as unknown as Entry;
}

function faultOf(value: unknown): string | null {
  if (!isObject(value)) return 'it is no object';
  if (Object.keys(value).join() !== KEYS.join()) return `its members are not ${KEYS.join(', ')}`;
  const { v, seq, ts, actor, type, data, prev } = value;
  if (v !== ENTRY_VERSION) return `its version is not ${ENTRY_VERSION}`;
  if (!Number.isSafeInteger(seq) || (seq as number) < 0) return 'seq is no whole number from 0 on';
  if (typeof ts !== 'string' || !TIME.test(ts) || Number.isNaN(Date.parse(ts))) return 'ts is no time';
  if (!isObject(actor) || Object.keys(actor).join() !== 'id,kind') return 'actor has not the members id, kind';
  if (typeof actor['id'] !== 'string' || typeof actor['kind'] !== 'string') return 'actor is not of texts';
  if (typeof type !== 'string' || !TYPE.test(type)) return 'type is no name';
  if (!isObject(data)) return 'data is no object';
  return isHash(prev) ? null : 'prev is no hash';
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The `prev` of what follows an entry. */
export const prevAfter = (leaf: Uint8Array): string => hex(leaf);
