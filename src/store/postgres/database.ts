import type { ConnectionOptions } from './bridge.ts';
import { PgConnection } from './connection.ts';

/** A statement that takes longer is given up, ms: rather a group that is sent again than a writer that hangs. */
const STATEMENT_TIMEOUT_MS = 20_000;
/**
 * A transaction in which nothing is asked for longer is given up by the server, ms: its writer stands still, or the way to it is cut
 * without a word, while all others wait for its locks. Others come again for longer than that.
 */
const IDLE_TIMEOUT_MS = 30_000;

/**
 * How a writer's connection plans: what it asks goes by keys, and its tables grow from nothing, so that no guess about their size
 * may make it read them whole. Compiling a plan takes longer than running it.
 */
const WRITER_SESSION = [
  'set enable_seqscan = off',
  'set enable_hashjoin = off',
  'set enable_mergejoin = off',
  'set jit = off',
  'set synchronous_commit = on',
  `set idle_in_transaction_session_timeout = ${IDLE_TIMEOUT_MS}`,
].join('; ');

/** Where a store in PostgreSQL is. */
export interface PgAddress {
  readonly url: string;
  /** null: it is in the url, or none is needed. */
  readonly password: string | null;
}

export const writerOptions = ({ url, password }: PgAddress): ConnectionOptions => ({
  url,
  password,
  name: 'plimsoll writer',
  statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  session: WRITER_SESSION,
});

export const connectForWriting = (address: PgAddress, name?: string): PgConnection =>
  new PgConnection({ ...writerOptions(address), ...(name !== undefined && { name }) });
