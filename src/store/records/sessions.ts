import type { Actor } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../items.ts';
import { type Records, statement } from './records.ts';

/** Somebody who is signed in to the console. */
export interface SessionRecord {
  /** SHA-256 of what the cookie holds, hex. */
  readonly hash: string;
  readonly actor: Actor;
  /** Groups that an identity provider named. */
  readonly groups: readonly string[];
  /** The token that was signed in with: the session ends with it. Null: an identity provider said who it is. */
  readonly token: string | null;
  readonly createdAt: Millis;
  /** When it was last used, to within a minute. */
  readonly seenAt: Millis;
}

export const insertSession = (records: Records, session: SessionRecord): Statement =>
  statement(
    records.insertInto('web_session').values({
      hash: session.hash,
      actor: JSON.stringify(session.actor),
      member_of: JSON.stringify(session.groups),
      token: session.token,
      created_at: session.createdAt,
      seen_at: session.seenAt,
    }),
  );

export const touchSession = (records: Records, hash: string, at: Millis): Statement =>
  statement(records.updateTable('web_session').set({ seen_at: at }).where('hash', '=', hash));

export const deleteSession = (records: Records, hash: string): Statement =>
  statement(records.deleteFrom('web_session').where('hash', '=', hash));

/** Drops those that are over: not used since `idle`, or begun before `absolute`. */
export const dropSessions = (records: Records, idle: Millis, absolute: Millis): Statement =>
  statement(
    records
      .deleteFrom('web_session')
      .where((row) => row.or([row('seen_at', '<=', idle), row('created_at', '<=', absolute)])),
  );

export async function readSession(records: Records, hash: string): Promise<SessionRecord | null> {
  const row = await records.selectFrom('web_session').selectAll().where('hash', '=', hash).executeTakeFirst();
  return row === undefined
    ? null
    : {
        hash: row.hash,
        actor: JSON.parse(row.actor),
        groups: JSON.parse(row.member_of),
        token: row.token,
        createdAt: row.created_at,
        seenAt: row.seen_at,
      };
}
