import type { Role } from '../../model/access.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../items.ts';
import { type Records, statement } from './records.ts';

/** A token as it is kept: what it is itself is known only to who was given it. */
export interface TokenRecord {
  /** The readable part of the token, by which it is listed, audited and revoked. */
  readonly id: string;
  /** SHA-256 of the whole token, hex. */
  readonly hash: string;
  /** What it is for, in the words of who made it. */
  readonly name: string;
  readonly role: Role;
  /** Names of services; null: all. */
  readonly services: readonly string[] | null;
  readonly createdAt: Millis;
  /** Actor, as the audit trail writes it. */
  readonly createdBy: string;
  readonly expiresAt: Millis;
  readonly revokedAt: Millis | null;
}

export const insertToken = (records: Records, token: TokenRecord): Statement =>
  statement(
    records.insertInto('access_token').values({
      id: token.id,
      hash: token.hash,
      name: token.name,
      role: token.role,
      services: token.services === null ? null : JSON.stringify(token.services),
      created_at: token.createdAt,
      created_by: token.createdBy,
      expires_at: token.expiresAt,
      revoked_at: token.revokedAt,
    }),
  );

/** Changes nothing where it is revoked already. */
export const revokeToken = (records: Records, id: string, at: Millis): Statement =>
  statement(
    records.updateTable('access_token').set({ revoked_at: at }).where('id', '=', id).where('revoked_at', 'is', null),
  );

/** All that were ever made, oldest first. */
export async function readTokens(records: Records): Promise<TokenRecord[]> {
  const rows = await records.selectFrom('access_token').selectAll().orderBy('created_at').orderBy('id').execute();
  return rows.map((row) => ({
    id: row.id,
    hash: row.hash,
    name: row.name,
    role: row.role as Role,
    services: row.services === null ? null : JSON.parse(row.services),
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  }));
}
