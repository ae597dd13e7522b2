import { OperatorError } from '../../model/errors.ts';
import type { SqlDatabase } from '../sql.ts';
import { MOVED_FROM, MOVING, type MovedFrom, Settings } from '../sqlite/settings.ts';
import { PgConnection } from './connection.ts';
import { type PgAddress, writerOptions } from './database.ts';
import { migratePostgres } from './migrate.ts';
import { isEmptyStore } from './move.ts';

/** A statement that waits for all of a big table. */
export const PATIENCE_MS = 3_600_000;
/** Any number that nobody else uses as a lock: one store at a time is moved into a database. */
const MOVE_LOCK = 7_346_982;
/** What each store begins with stays. */
const KEPT = ['migration', 'shard_key', 'trace_lock'];

/** An address as it may be shown and kept. */
export const withoutPassword = (url: string): string => url.replace(/(:\/\/[^:@/]*):[^@/]*@/, '$1:…@');

/**
 * A database that a store is moved into, with its tables and nothing in them; what a move that was cut off has left is dropped.
 * @throws OperatorError when it holds a store, or another one is being moved there
 */
export function openTarget(address: PgAddress): PgConnection {
  const target = connectToTarget(address);
  try {
    migratePostgres(target);
    if (isUnfinished(target)) emptyTarget(target);
    else if (!isEmptyStore(target)) throw notEmpty(address.url);
    return target;
  } catch (error) {
    target.close();
    throw error;
  }
}

/** @throws OperatorError when a store is being moved there just now */
export function connectToTarget(address: PgAddress): PgConnection {
  const options = writerOptions(address);
  const target = new PgConnection({
    ...options,
    name: 'plimsoll migrate',
    statementTimeoutMs: PATIENCE_MS,
    // The other store is read in between.
    session: `${options.session}; set idle_in_transaction_session_timeout = 0`,
  });
  try {
    const { mine } = target.prepare('select pg_try_advisory_lock(?) as mine').get(MOVE_LOCK) as { mine: number };
    if (mine === 0) throw inUse(address.url);
    return target;
  } catch (error) {
    target.close();
    throw error;
  }
}

/** Within the transaction that copies: nobody starts on what is not whole. */
export const markUnfinished = (target: SqlDatabase, from: string): void => new Settings(target).set(MOVING, from);

export const isUnfinished = (target: SqlDatabase): boolean => {
  const { there } = target.prepare("select to_regclass('setting') is not null as there").get() as { there: number };
  return there === 1 && new Settings(target).get(MOVING) !== null;
};

/** From now on this is the store; its first start says where it came from. */
export function finishTarget(target: SqlDatabase, moved: MovedFrom): void {
  target.exec('begin');
  const settings = new Settings(target);
  settings.set(MOVED_FROM, JSON.stringify(moved));
  settings.delete(MOVING);
  target.exec('commit');
}

function emptyTarget(target: PgConnection): void {
  const tables = target
    .prepare(
      `select relname::text as name from pg_class where relkind in ('r', 'p') and not relispartition
       and relnamespace = current_schema()::regnamespace`,
    )
    .all() as { name: string }[];
  const emptied = tables.filter(({ name }) => !KEPT.includes(name)).map(({ name }) => `"${name}"`);
  target.exec('begin');
  target.exec(`truncate ${emptied.join(', ')}`);
  target.exec("insert into audit_tip values (1, 0, '', '', 0, '')");
  target.exec('commit');
}

const notEmpty = (url: string): OperatorError =>
  new OperatorError('PLIM_MOVE_NOT_EMPTY', {
    what: `the database ${withoutPassword(url)} holds a store already`,
    fix: 'a store is moved into an empty database: make one (createdb)',
    retryable: false,
  });

const inUse = (url: string): OperatorError =>
  new OperatorError('PLIM_MOVE_UNDER_WAY', {
    what: `a store is being moved into ${withoutPassword(url)} just now`,
    fix: 'wait for the other plimsoll migrate to end',
    retryable: true,
  });
