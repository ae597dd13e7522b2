import { createHmac } from 'node:crypto';
import type { Millis } from '../../model/time.ts';

const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The keys in a secret, one a line (two while one replaces the other): `whsec_` and base64, or plain text, which stands
 * for its UTF-8 bytes.
 * @throws RangeError when there is no key, or `whsec_` isn't followed by base64; the message doesn't hold the secret
 */
export function keysOf(secret: string): Buffer[] {
  const lines = secret.split(/\r?\n/).filter((line) => line !== '');
  if (lines.length === 0) throw new RangeError('it is empty');
  return lines.map((line) => {
    if (!line.startsWith(PREFIX)) return Buffer.from(line, 'utf8');
    const text = line.slice(PREFIX.length);
    if (!BASE64.test(text)) throw new RangeError('whsec_ has to be followed by base64');
    return Buffer.from(text, 'base64');
  });
}

/** What a key makes of a message. @param timestamp  as its header has it */
export const signatureOf = (key: Buffer, id: string, timestamp: string, body: string | Uint8Array): string =>
  `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;

/**
 * The three headers that Standard Webhooks 1.0.0 asks for.
 * @param id  the same in every attempt
 * @param at  of this attempt
 */
export function signedHeaders(keys: readonly Buffer[], id: string, at: Millis, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const signatures = keys.map((key) => signatureOf(key, id, timestamp, body));
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
