import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Grant, Role } from '../../model/access.ts';
import type { Actor } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import type { TokenRecord } from '../../store/records/tokens.ts';

const ID_BYTES = 6;
const SECRET_BYTES = 32;
const TOKEN = /^plim_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

/**
 * A token is `plim_`, twelve hex digits by which people know it, and 256 random bits. What is kept is its SHA-256: against
 * guessing a slow hash would help with what people think of themselves, of 2^256 possible ones none is found; and every
 * request is checked, so it has to be quick. @returns the token, which nobody can say a second time, and what is kept of it
 */
export function makeToken(
  wanted: { readonly name: string; readonly role: Role; readonly services: Grant['services']; readonly lives: Millis },
  by: Actor,
  now: Millis,
): { readonly token: string; readonly record: TokenRecord } {
  const id = randomBytes(ID_BYTES).toString('hex');
  const token = `plim_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return {
    token,
    record: {
      id,
      hash: hashOf(token),
      name: wanted.name,
      role: wanted.role,
      services: wanted.services,
      createdAt: now,
      createdBy: `${by.kind}:${by.id}`,
      expiresAt: now + wanted.lives,
      revokedAt: null,
    },
  };
}

/** The readable part; null where a text is no token of Plimsoll's. */
export const idOfToken = (text: string): string | null => TOKEN.exec(text)?.[1] ?? null;

/** SHA-256 of a secret with 256 random bits, hex. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Whether a text is the one that a hash was made of; takes as long either way. */
export const isOfHash = (secret: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashOf(secret), 'hex'), Buffer.from(hash, 'hex'));
