import { JsonFault } from '../../model/json.ts';
import { iso, type Millis } from '../../model/time.ts';
import { canonicalJson, type Json, type JsonObject } from './canonical-json.ts';
import type { CompactRange } from './compact-range.ts';
import { hex, isHash } from './hash.ts';
import { isSignedJson, type PublicKey, type SigningKey, signJson } from './keys.ts';

/** What is signed: so many entries the log has, and this is the root of their tree. */
export interface Head extends JsonObject {
  readonly log: string;
  /** Hex. */
  readonly root: string;
  readonly size: number;
  readonly ts: string;
  readonly v: 1;
}

export interface SignedHead {
  readonly head: Head;
  readonly keyId: string;
  /** Ed25519, 64 bytes. */
  readonly signature: Buffer;
}

export const headOf = (log: string, range: CompactRange, at: Millis): Head => ({
  log,
  root: hex(range.root()),
  size: range.size,
  ts: iso(at),
  v: 1,
});

export const signHead = (head: Head, key: SigningKey): SignedHead => ({
  head,
  keyId: key.id,
  signature: signJson(head, key),
});

export const isHeadSigned = ({ head, keyId, signature }: SignedHead, key: PublicKey): boolean =>
  key.id === keyId && isSignedJson(head, signature, key);

/** One line of `heads.jsonl`, and what anchors are sent. */
export const headJson = ({ head, keyId, signature }: SignedHead): JsonObject => ({
  head,
  key_id: keyId,
  signature: signature.toString('base64'),
});
export const headText = (signed: SignedHead): string => canonicalJson(headJson(signed));

/** @throws JsonFault when it is no signed head */
export function headFromJson(value: Json): SignedHead {
  const { head, key_id: keyId, signature } = (value ?? {}) as Record<string, Json>;
  const { log, root, size, ts, v } = (head ?? {}) as Record<string, Json>;
  const isHead =
    typeof log === 'string' &&
    isHash(root) &&
    Number.isSafeInteger(size) &&
    (size as number) >= 0 &&
    typeof ts === 'string' &&
    v === 1 &&
    Object.keys(head as object).length === 5;
  if (!isHead || !isHash(keyId) || typeof signature !== 'string') throw new JsonFault('it is no signed head');
  return { head: head as Head, keyId, signature: Buffer.from(signature, 'base64') };
}
