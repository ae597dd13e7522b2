import type { Millis } from '../../model/time.ts';
import type { SqlDatabase } from '../sql.ts';
import { PartTable } from '../sqlite/parts.ts';
import type { PgConnection } from './connection.ts';
import { columnsIn, continueNumbers, countOf, fillerOf, isMoved, LANE, movedTables } from './move-rows.ts';
import { makePartitions, SpanCopies } from './moved-spans.ts';
import { TypedCopy } from './typed-copy.ts';

export interface Moved {
  /** Spans, links of the last hours among them. */
  readonly spans: number;
  /** Rows of everything else. */
  readonly rows: number;
}

/** Whether nothing has been stored there. */
export const isEmptyStore = (db: SqlDatabase): boolean =>
  (
    db.prepare('select exists (select 1 from dictionary) or exists (select 1 from setting) as is').get() as {
      is: number;
    }
  ).is === 0;

/**
 * Copies all that an embedded store holds, settled, into an empty one in PostgreSQL, in one transaction. Both must have the tables
 * of this build, and nobody else may write to either.
 * @param finish  what else is written in that transaction
 */
export function moveStore(
  source: SqlDatabase,
  target: PgConnection,
  now: Millis,
  onProgress: (done: number, of: number) => void,
  finish: () => void = () => {},
): Moved {
  const tables = movedTables(source, target);
  const of = ['part', ...tables].reduce((sum, table) => sum + countOf(source, table), 0);
  makePartitions(source, target, now);
  let done = 0;
  const step = (): void => {
    if (done++ % 1000 === 0) onProgress(done, of);
  };
  target.exec('begin');
  try {
    // Of an audit log that nothing is in yet: the one that comes has its own end.
    target.exec('delete from audit_tip');
    const spans = moveSpans(source, target, now, step);
    let rows = 0;
    for (const table of tables) rows += moveTable(source, target, table, step);
    target.exec(`insert into lane values (${LANE}, 'moved here', 0, 0) on conflict do nothing`);
    continueNumbers(target);
    finish();
    target.exec('commit');
    onProgress(of, of);
    return { spans, rows };
  } catch (error) {
    if (target.isTransaction) target.exec('rollback');
    throw error;
  }
}

function moveSpans(source: SqlDatabase, target: PgConnection, now: Millis, step: () => void): number {
  const copies = new SpanCopies(target, now);
  let moved = 0;
  for (const part of new PartTable(source).after(0)) {
    step();
    for (const stored of part) if (copies.add(stored)) moved++;
  }
  copies.flush();
  return moved;
}

function moveTable(source: SqlDatabase, target: PgConnection, table: string, step: () => void): number {
  const known = columnsIn(source, table);
  const fill = fillerOf(source, target, table);
  const copy = new TypedCopy(target, table, (column) => known.has(column) || fill.columns.includes(column));
  const wanted = copy.columns.filter((column) => known.has(column)).map((column) => `"${column}"`);
  let rows = 0;
  for (const row of source.prepare(`select ${wanted.join(', ')} from ${table}`).iterate()) {
    step();
    if (!isMoved(table, row)) continue;
    rows++;
    copy.add({ ...row, ...fill.of(row) });
  }
  copy.flush();
  return rows;
}
