import { z } from 'zod';
import { ROLES } from '../../model/access.ts';
import type { Actor } from '../../model/incident.ts';
import { type Millis, parseDuration } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';
import type { Records } from '../../store/records/records.ts';
import { insertToken, revokeToken, type TokenRecord } from '../../store/records/tokens.ts';
import { makeToken } from './token.ts';

export const DEFAULT_LIFE = '90d';
const LONGEST_LIFE = '5y';
const LIFE = `expected a duration like ${DEFAULT_LIFE}, from 1m to ${LONGEST_LIFE}`;

/** What is asked for when a token is made. */
export const NewToken = z.strictObject({
  role: z.enum(ROLES, { error: `expected one of ${ROLES.join(', ')}` }),
  /** What it is for. */
  name: z.string().max(256).default(''),
  /** Names of services; left out: all. */
  services: z
    .array(z.string().min(1).max(256))
    .min(1, 'expected the name of a service; leave it out for all')
    .max(100)
    .optional(),
  expiresIn: z
    .string()
    .default(DEFAULT_LIFE)
    .transform((text, context): Millis => {
      const ms = parseDuration(text);
      if (ms !== undefined && ms >= parseDuration('1m')! && ms <= parseDuration(LONGEST_LIFE)!) return ms;
      context.addIssue({ code: 'custom', message: LIFE });
      return z.NEVER;
    }),
});
export type NewToken = z.output<typeof NewToken>;

/** A new token, and what is written for it: its record and its audit entry, as one transaction. */
export function issueToken(
  records: Records,
  { role, name, services, expiresIn }: NewToken,
  by: Actor,
  now: Millis,
): { readonly token: string; readonly record: TokenRecord; readonly statements: readonly Statement[] } {
  const { token, record } = makeToken({ name, role, services: services ?? null, lives: expiresIn }, by, now);
  const entry = {
    id: record.id,
    name,
    role,
    services: record.services,
    expiresAt: new Date(record.expiresAt).toISOString(),
  };
  return {
    token,
    record,
    statements: [insertToken(records, record), auditEntry(by, 'token.created', entry, now)],
  };
}

/** What takes a token back. */
export const withdrawToken = (records: Records, id: string, by: Actor, now: Millis): Statement[] => [
  revokeToken(records, id, now),
  auditEntry(by, 'token.revoked', { id }, now),
];

/** A token as it is listed: never what it is itself, nor its hash. */
export interface TokenJson {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly services: readonly string[] | null;
  readonly state: 'valid' | 'expired' | 'revoked';
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
}

export const tokenToJson = (token: TokenRecord, now: Millis): TokenJson => ({
  id: token.id,
  name: token.name,
  role: token.role,
  services: token.services,
  state: token.revokedAt !== null ? 'revoked' : token.expiresAt <= now ? 'expired' : 'valid',
  createdAt: new Date(token.createdAt).toISOString(),
  createdBy: token.createdBy,
  expiresAt: new Date(token.expiresAt).toISOString(),
  revokedAt: token.revokedAt === null ? null : new Date(token.revokedAt).toISOString(),
});
