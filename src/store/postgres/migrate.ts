import { OperatorError } from '../../model/errors.ts';
import type { SqlDatabase } from '../sql.ts';
import { MOVING, Settings } from '../sqlite/settings.ts';
import { PgError } from './connection.ts';
import { MIGRATIONS } from './schema.ts';

/** Any number that nobody else uses as a lock: two servers that start together migrate one after the other. */
const MIGRATION_LOCK = 7_346_981;

/** How many of the migrations a database has seen; 0: it is empty. @throws OperatorError when this build does not know them all */
export function pgMigrationOf(db: SqlDatabase): number {
  const found = stepOf(db);
  if (found > MIGRATIONS.length)
    throw new OperatorError('PLIM_STORE_TOO_NEW', {
      what: `the database is at migration ${found}, this build knows migrations up to ${MIGRATIONS.length}`,
      fix: 'start the build that migrated it, or restore the backup taken before the upgrade',
      retryable: false,
    });
  return found;
}

function stepOf(db: SqlDatabase): number {
  const { there } = db.prepare("select to_regclass('migration') is not null as there").get() as { there: number };
  if (there === 0) return 0;
  return (db.prepare('select coalesce(max(step), 0) as step from migration').get() as { step: number }).step;
}

/**
 * Makes the tables what this build wants, or, with `to`, what an older one wanted: forward or back, step by step, each
 * statement a transaction of its own. A step that was cut off is done again. @returns the steps taken
 * @throws OperatorError when the database is of a newer build, or can't be reached
 */
export function migratePostgres(db: SqlDatabase, to = MIGRATIONS.length): number[] {
  const taken: number[] = [];
  try {
    db.prepare('select pg_advisory_lock(?)').all(MIGRATION_LOCK);
    try {
      db.exec('create table if not exists migration (step int4 primary key)');
      for (let step = pgMigrationOf(db); step < to; step++) {
        for (const statement of MIGRATIONS[step]!.forward) db.exec(statement);
        db.prepare('insert into migration values (?) on conflict do nothing').run(step + 1);
        taken.push(step + 1);
      }
      for (let step = pgMigrationOf(db); step > to; step--) {
        for (const statement of MIGRATIONS[step - 1]!.back) db.exec(statement);
        db.prepare('delete from migration where step = ?').run(step);
        taken.push(step - 1);
      }
    } finally {
      db.prepare('select pg_advisory_unlock(?)').all(MIGRATION_LOCK);
    }
  } catch (error) {
    throw asUnreachable(error);
  }
  return taken;
}

/** @throws OperatorError when another store is being moved into this one: what it holds is not yet, or not any more, what that holds */
export function refuseUnfinished(db: SqlDatabase): void {
  const from = new Settings(db).get(MOVING);
  if (from === null) return;
  throw new OperatorError('PLIM_MOVE_UNFINISHED', {
    what: `${from} is being moved into this database, and that has not come to its end`,
    fix: 'wait for plimsoll migrate; if it was cut off, run it again: it says how it ended, or begins anew',
    retryable: true,
  });
}

/** A connection that can't be had is the operator's to mend; anything else stays what it is. */
export const asUnreachable = (error: unknown): unknown =>
  error instanceof PgError && error.isUnreachable ? unreachablePostgres(error) : error;

const unreachablePostgres = (error: Error): OperatorError =>
  new OperatorError('PLIM_STORE_UNREACHABLE', {
    what: `PostgreSQL can't be reached: ${error.message}`,
    fix: 'check that it runs, that spec.store.url names its host, port, database and user, and that its password is right',
    retryable: true,
  });
