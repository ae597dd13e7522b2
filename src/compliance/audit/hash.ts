import { createHash } from 'node:crypto';

export const HASH_BYTES = 32;
const HEX = /^[0-9a-f]{64}$/;

export const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export const isHash = (value: unknown): value is string => typeof value === 'string' && HEX.test(value);
export const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');
export const unhex = (text: string): Buffer => Buffer.from(text, 'hex');

/** Hashes one behind the other, as columns and files hold them. @throws RangeError when the length is none of whole hashes */
export function hashesOf(bytes: Uint8Array): Buffer[] {
  if (bytes.length % HASH_BYTES !== 0) throw new RangeError(`${bytes.length} bytes are no whole hashes`);
  const count = bytes.length / HASH_BYTES;
  return Array.from({ length: count }, (_, i) => Buffer.from(bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)));
}
