import type { Millis } from '../../model/time.ts';
import type { ClockMinute } from '../clock-minutes.ts';
import type { SqlDatabase, SqlRow } from '../sql.ts';
import {
  changedKeys,
  droppedParts,
  type FollowedTo,
  followedTo,
  keyColumns,
  rowReader,
  updatedParts,
} from '../sqlite/following.ts';
import { PartTable, readPart, type StoredSpan } from '../sqlite/parts.ts';
import type { PgConnection } from './connection.ts';
import { columnsIn, continueNumbers, fillerOf, isMoved, movedTables, TALLIES } from './move-rows.ts';
import { Rooms, SpanCopies } from './moved-spans.ts';
import { SLOT_TENTHS } from './schema.ts';
import { TypedCopy } from './typed-copy.ts';

export interface MovedChanges {
  /** Spans that came or are judged otherwise, and other rows that were written or dropped. */
  readonly spans: number;
  readonly rows: number;
  /** Minutes whose tallies differ from before. */
  readonly minutes: readonly ClockMinute[];
  /** Minutes of which more was counted in the memory of the source. */
  readonly unsettled: readonly ClockMinute[];
  /** How far the target is now. */
  readonly to: FollowedTo;
}

/** Of parts that are read, and written anew, at a time. */
const PARTS_AT_ONCE = 10_000;

/** By which of its columns a row is found there that has to go. */
const FOUND_BY: Readonly<Record<string, string>> = {
  span: 't.shard = g.shard and t."end" = g."end" and t.trace = g.trace and t.span = g.span',
  link: 't.shard = g.shard and t."end" = g."end" and t.trace = g.trace and t.span = g.span',
  pointer: `t."end" / ${SLOT_TENTHS} = g."end" / ${SLOT_TENTHS} and t.hash = g.hash and t."end" = g."end" and t.trace = g.trace`,
};

/**
 * Brings a target up to a store that is followed: what came since, and each row that was written, as it is now; what was dropped is
 * dropped. One transaction on the target, one moment of the source, which must be in a transaction.
 * @param also  a copy of the source in which more was written since
 */
export function moveChanges(
  source: SqlDatabase,
  target: PgConnection,
  since: FollowedTo,
  now: Millis,
  also: SqlDatabase | null = null,
): MovedChanges {
  const to = followedTo(source);
  target.exec('begin');
  try {
    const spans = moveParts(source, target, since, now);
    let rows = 0;
    const minutes: ClockMinute[] = [];
    for (const table of movedTables(source, target)) {
      const keys = distinctKeys([source, ...(also === null ? [] : [also])], table, since);
      if (table === 'tally') for (const { clock, minute } of keys) minutes.push({ clock, minute });
      moveRows(source, target, table, keys);
      rows += keys.length;
    }
    continueNumbers(target);
    target.exec('commit');
    const unsettled = source.prepare('select clock, minute from unsettled').all() as unknown as ClockMinute[];
    return { spans, rows, minutes: distinctMinutes(minutes), unsettled, to };
  } catch (error) {
    if (target.isTransaction) target.exec('rollback');
    throw error;
  }
}

function moveParts(source: SqlDatabase, target: PgConnection, since: FollowedTo, now: Millis): number {
  const parts = new PartTable(source);
  const copies = new SpanCopies(target, now);
  let moved = 0;
  const rewrite = (gone: readonly StoredSpan[], again: readonly StoredSpan[]): void => {
    dropSpans(target, copies, gone);
    for (const stored of again) if (copies.add(stored)) moved++;
    copies.flush();
  };
  for (const dropped of inChunks(droppedParts(source, since), PARTS_AT_ONCE))
    rewrite(
      dropped.flatMap(({ id, data }) => readPart(id, data)),
      [],
    );
  for (const updated of inChunks(updatedParts(source, since), PARTS_AT_ONCE)) {
    const spans = updated.flatMap((id) => parts.read(id));
    rewrite(spans, spans);
  }
  for (const part of parts.after(since.part)) for (const stored of part) if (copies.add(stored)) moved++;
  copies.flush();
  return moved;
}

function dropSpans(target: PgConnection, copies: SpanCopies, spans: readonly StoredSpan[]): void {
  const isLink = ({ span }: StoredSpan): boolean => span.kind === 'none';
  const key = ['shard', 'end', 'trace', 'span'];
  const keysOf = (of: readonly StoredSpan[]): SqlRow[] => of.map((one) => copies.keyOf(one));
  dropRows(target, 'span', key, keysOf(spans.filter((one) => !isLink(one))));
  dropRows(target, 'link', key, keysOf(spans.filter(isLink)));
  dropRows(
    target,
    'pointer',
    ['hash', 'trace', 'end'],
    spans.flatMap((one) => copies.pointersOf(one)),
  );
}

function* inChunks<T>(all: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const one of all) {
    chunk.push(one);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function distinctKeys(followed: readonly SqlDatabase[], table: string, since: FollowedTo): SqlRow[] {
  const keys = new Map<string, SqlRow>();
  for (const db of followed)
    for (const key of changedKeys(db, table, since))
      if (isMoved(table, key)) keys.set(Object.values(key).map(nameOf).join('\u0000'), key);
  return [...keys.values()];
}

const nameOf = (value: unknown): string =>
  value instanceof Uint8Array ? `x${Buffer.from(value).toString('hex')}` : `${typeof value} ${value}`;

function moveRows(source: SqlDatabase, target: PgConnection, table: string, keys: readonly SqlRow[]): void {
  if (keys.length === 0) return;
  const known = columnsIn(source, table);
  const fill = fillerOf(source, target, table);
  const isTally = TALLIES.has(table);
  dropRows(
    target,
    table,
    [...(isTally ? ['shard'] : []), ...keyColumns(source, table)],
    isTally ? keys.map((key) => ({ ...key, ...fill.of(key) })) : keys,
  );
  const copy = new TypedCopy(target, table, (column) => known.has(column) || fill.columns.includes(column));
  const read = rowReader(
    source,
    table,
    copy.columns.filter((column) => known.has(column)),
  );
  const rooms = new Rooms(target);
  for (const key of keys) {
    const row = read(key);
    if (row === undefined) continue;
    if (table === 'tally') rooms.make('tally', row['minute']);
    else if (table === 'tally_hour') rooms.make('tally_hour', row['hour']);
    copy.add({ ...row, ...fill.of(row) });
  }
  copy.flush();
}

/** Rows of a table by their keys, which are handed over in a table of their own. */
function dropRows(target: PgConnection, table: string, key: readonly string[], rows: readonly SqlRow[]): void {
  if (rows.length === 0) return;
  const columns = key.map((column) => `"${column}"`);
  target.exec(`create temp table gone on commit drop as select ${columns.join(', ')} from ${table} with no data`);
  const gone = new TypedCopy(target, 'gone', () => true);
  for (const row of rows) gone.add(row);
  gone.flush();
  const isFound = FOUND_BY[table] ?? columns.map((column) => `t.${column} = g.${column}`).join(' and ');
  target.exec(`delete from ${table} t using gone g where ${isFound}`);
  target.exec('drop table gone');
}

function distinctMinutes(minutes: readonly ClockMinute[]): ClockMinute[] {
  const found = new Map(minutes.map((one) => [`${one.clock} ${one.minute}`, one]));
  return [...found.values()];
}
