import type { Millis } from '../model/time.ts';
import type { Statement } from './items.ts';

/** A lease is good for so long, by the clock of the database, and is renewed so often. */
export const LEASE_MS: Millis = 10_000;
export const RENEW_MS: Millis = 3_000;

/** What somebody who holds a lease was given: each who takes it over has a higher one than all before. */
export type FencingToken = number;

/** Who holds the lease of a deployment; `token` 0: nobody ever did. */
export interface LeaseHolder {
  readonly holder: string;
  readonly token: FencingToken;
}

/** The row that says which of several processes leads. Every call is one short transaction; its clock is the database's. */
export interface Lease {
  /** Takes it where nobody holds it, or makes one's own last longer. @returns who holds it now */
  claim(holder: string): Promise<LeaseHolder>;
  /** Gives up one's own, so that nobody has to wait for its end. */
  release(held: LeaseHolder): Promise<void>;
  close(): Promise<void>;
}

/** A transaction that was written by a leader who is none any more: nothing of it is stored. */
export const NOT_THE_LEADER = 'not the leader: another replica has taken over';
/** A transaction that was thought out from records which somebody else has changed since: nothing of it is stored. */
export const RECORDS_CHANGED = 'another replica has changed records in the meantime';

/** Stands in front of what a leader writes: its transaction is none when another one leads by then. Who takes over waits for its end. */
export const asLeader = (token: FencingToken): Statement => ({
  sql: 'select token from leader where id = 1 and token = ? for share',
  parameters: [token],
  expect: { rows: 1, otherwise: NOT_THE_LEADER },
});

/** Stands in front of a change of incidents: it is none when somebody else has changed any since `revision`. */
export const asOf = (revision: number): Statement => ({
  sql: 'update record_revision set revision = revision + 1 where id = 1 and revision = ?',
  parameters: [revision],
  expect: { rows: 1, otherwise: RECORDS_CHANGED },
});
