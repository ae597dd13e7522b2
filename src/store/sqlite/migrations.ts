import { OperatorError } from '../../model/errors.ts';
import type { SqlDatabase } from '../sql.ts';
import { MIGRATIONS, type Migration } from './schema.ts';

/** The migration that this build works on: the number of steps from an empty file. */
export const LATEST = MIGRATIONS.length;

/** A step in full: one that was written as its text alone has no way back. */
export const stepOf = (migration: string | Migration): Migration =>
  typeof migration === 'string' ? { up: migration } : migration;

/** How many of the migrations a file has seen; 0: it is empty. @throws OperatorError when this build does not know them all */
export function migrationOf(db: SqlDatabase): number {
  const { user_version: found } = db.prepare('pragma user_version').get() as { user_version: number };
  if (found > LATEST)
    throw new OperatorError('PLIM_STORE_TOO_NEW', {
      what: `the database is at migration ${found}, this build knows migrations up to ${LATEST}`,
      fix: 'start the build that migrated it, or let that build take it back (plimsoll migrate --to), or restore the backup taken before the upgrade',
      retryable: false,
    });
  return found;
}

/** The lowest migration to which a file at `from` can be taken back. */
export function lowestFrom(from: number, steps: readonly (string | Migration)[] = MIGRATIONS): number {
  let lowest = from;
  while (lowest > 0 && stepOf(steps[lowest - 1]!).down !== undefined) lowest--;
  return lowest;
}

/**
 * Takes a store forward or back, a transaction a step, and keeps its data: what an older build has no place for waits in
 * the file until the store goes forward again.
 * @param to  from 0 to the number of steps
 * @param onStep  told of each step that was taken, and how many there are to take
 * @throws OperatorError when a step on the way has no way back: then nothing was done
 */
export function migrate(
  db: SqlDatabase,
  to: number = LATEST,
  steps: readonly (string | Migration)[] = MIGRATIONS,
  onStep: (done: number, of: number) => void = () => {},
): void {
  const from = migrationOf(db);
  const lowest = lowestFrom(from, steps);
  if (to < lowest) throw noWayBack(from, to, lowest);
  const count = Math.abs(to - from);
  for (let at = from; at < to; at++) {
    inTransaction(db, at + 1, () => forward(db, stepOf(steps[at]!)));
    onStep(at + 1 - from, count);
  }
  for (let at = from; at > to; at--) {
    inTransaction(db, at - 1, () => back(db, stepOf(steps[at - 1]!)));
    onStep(from - at + 1, count);
  }
}

const parked = (table: string): string => `parked_${table}`;

function forward(db: SqlDatabase, { up, parks = [] }: Migration): void {
  db.exec(up);
  for (const table of parks) {
    if (!hasTable(db, parked(table))) continue;
    db.exec(`insert or replace into ${table} select * from ${parked(table)}`);
    db.exec(`drop table ${parked(table)}`);
  }
}

function back(db: SqlDatabase, { down = '', parks = [] }: Migration): void {
  for (const table of parks) {
    db.exec(`create table ${parked(table)} as select * from ${table}`);
    db.exec(`drop table ${table}`);
  }
  db.exec(down);
}

const hasTable = (db: SqlDatabase, table: string): boolean =>
  db.prepare("select 1 from sqlite_schema where type = 'table' and name = ?").get(table) !== undefined;

function inTransaction(db: SqlDatabase, version: number, work: () => void): void {
  db.exec('begin immediate');
  try {
    work();
    db.exec(`pragma user_version = ${version}`);
    db.exec('commit');
  } catch (error) {
    if (db.isTransaction) db.exec('rollback');
    throw error;
  }
}

const noWayBack = (from: number, to: number, lowest: number): OperatorError =>
  new OperatorError('PLIM_STORE_NO_WAY_BACK', {
    what:
      lowest === from
        ? `the database can't be taken back from migration ${from} to ${to}: that step has no way back`
        : `the database can't be taken back from migration ${from} to ${to}: it goes back to ${lowest}, the step before that has no way back`,
    fix: 'restore the backup that was taken before the upgrade (plimsoll restore --from FILE)',
    retryable: false,
  });
