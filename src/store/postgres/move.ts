import { type Millis, TENTHS_PER_SECOND } from '../../model/time.ts';
import { hashId, namesOf, OF_IDENTITY, OF_RESPONSE, OF_TRACE } from '../id-hash.ts';
import { REGROUP_TENTHS } from '../regroup.ts';
import type { SqlDatabase, SqlRow, SqlValue } from '../sql.ts';
import { PartTable, type StoredSpan } from '../sqlite/parts.ts';
import type { PgConnection } from './connection.ts';
import { Partitions } from './partitions.ts';
import { PARTITION_HOURS, PARTITION_MINUTES, PARTITION_TENTHS, SLOT_TENTHS } from './schema.ts';
import { Shards } from './shards.ts';
import { spanData } from './span-rows.ts';
import { TypedCopy } from './typed-copy.ts';

/** What each store in PostgreSQL begins with, and what is made of the parts of an embedded one. */
const OWN = new Set([
  'migration',
  'shard_key',
  'trace_lock',
  'lane',
  'span',
  'link',
  'pointer',
  'leader',
  'record_revision',
]);
const TALLIES = new Set(['tally', 'tally_hour', 'tally_day']);
/** What an embedded store has counted becomes what a writer that is gone has counted. */
const LANE = 0;

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
 */
export function moveStore(
  source: SqlDatabase,
  target: PgConnection,
  now: Millis,
  onProgress: (done: number, of: number) => void,
): Moved {
  const tables = tablesOf(target).filter((table) => !OWN.has(table) && columnsIn(source, table).size > 0);
  const of = ['part', ...tables].reduce((sum, table) => sum + count(source, table), 0);
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
    target.exec('commit');
    onProgress(of, of);
    return { spans, rows };
  } catch (error) {
    if (target.isTransaction) target.exec('rollback');
    throw error;
  }
}

function moveSpans(source: SqlDatabase, target: PgConnection, now: Millis, step: () => void): number {
  const shards = new Shards(target);
  const spans = new TypedCopy(target, 'span', () => true);
  const links = new TypedCopy(target, 'link', () => true);
  const pointers = new TypedCopy(target, 'pointer', () => true);
  const point = (hash: number, trace: Uint8Array, end: number): void =>
    pointers.add({ shard: shards.keyOf(hash), hash: hash | 0, trace, end });
  const linksSince = linksFrom(now);
  let moved = 0;
  for (const part of new PartTable(source).after(0)) {
    step();
    for (const stored of part) {
      const { span, judged } = stored;
      const isLink = span.kind === 'none';
      if (isLink && span.endTenths < linksSince) continue;
      const hash = hashId(span.traceId, OF_TRACE);
      const trace = Buffer.from(span.traceId, 'latin1');
      moved++;
      (isLink ? links : spans).add({
        shard: shards.keyOf(hash),
        end: span.endTenths,
        trace,
        span: Buffer.from(span.spanId, 'latin1'),
        hash: hash | 0,
        commit_minute: commitMinute(stored),
        data: spanData(span, judged),
      });
      if (isLink) continue;
      if (span.responseRef !== '') point(hashId(span.responseRef, OF_RESPONSE), trace, span.endTenths);
      for (const name of namesOf(judged.interaction)) point(name, trace, span.endTenths);
    }
  }
  for (const copy of [spans, links, pointers]) copy.flush();
  return moved;
}

const commitMinute = ({ span, commitDelay }: StoredSpan): number => Math.floor(span.endTenths / 600) + commitDelay;

function moveTable(source: SqlDatabase, target: PgConnection, table: string, step: () => void): number {
  const known = columnsIn(source, table);
  const fill = fillerOf(source, target, table);
  const copy = new TypedCopy(target, table, (column) => known.has(column) || fill.columns.includes(column));
  const wanted = copy.columns.filter((column) => known.has(column)).map((column) => `"${column}"`);
  let rows = 0;
  for (const row of source.prepare(`select ${wanted.join(', ')} from ${table}`).iterate()) {
    step();
    rows++;
    copy.add({ ...row, ...fill.of(row) });
  }
  copy.flush();
  return rows;
}

interface Filler {
  readonly columns: readonly string[];
  of(row: SqlRow): Readonly<Record<string, SqlValue>>;
}

/** What a row has there beside what it has here. */
function fillerOf(source: SqlDatabase, target: PgConnection, table: string): Filler {
  const shards = new Shards(target);
  if (TALLIES.has(table))
    return {
      columns: ['shard', 'lane'],
      of: (row) => ({ shard: shards.keyOfService(row['service']), lane: LANE }),
    };
  if (table === 'unjudged') return { columns: ['lane'], of: () => ({ lane: LANE }) };
  if (table !== 'rating') return { columns: [], of: () => ({}) };
  const parts = new PartTable(source);
  return {
    columns: ['shard', 'owner_part'],
    of: (row) => ({
      shard: shards.keyOf(hashId(row['identity'], OF_IDENTITY)),
      owner_part: row['owner_trace'] === null ? null : endOf(parts, row),
    }),
  };
}

/** Where the interaction of a rating is, by its time; of one that is gone the minute is left. */
function endOf(parts: PartTable, row: SqlRow): number {
  const span = latin1(row['owner_span']);
  const anchor = parts.ofTrace(row['owner_part'], latin1(row['owner_trace'])).find((one) => one.span.spanId === span);
  return anchor?.span.endTenths ?? (row['event_minute'] ?? 0) * 600;
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const linksFrom = (now: Millis): number => Math.floor(now / 100) - 2 * REGROUP_TENTHS;

function makePartitions(source: SqlDatabase, target: PgConnection, now: Millis): void {
  const partitions = new Partitions(target);
  partitions.load();
  const distinct = (of: string, from: string): number[] =>
    (source.prepare(`select distinct ${of} as n from ${from}`).all() as { n: number }[]).map(({ n }) => n);
  for (const day of distinct(`second / ${PARTITION_TENTHS / TENTHS_PER_SECOND}`, 'part_range'))
    for (const table of ['span', 'pointer'] as const) partitions.make(table, day);
  const since = Math.floor(linksFrom(now) / TENTHS_PER_SECOND);
  for (const slot of distinct(`second / ${SLOT_TENTHS / TENTHS_PER_SECOND}`, `part_range where second >= ${since}`))
    partitions.make('link', slot);
  for (const days of distinct(`minute / ${PARTITION_MINUTES}`, 'tally')) partitions.make('tally', days);
  for (const days of distinct(`hour / ${PARTITION_HOURS}`, 'tally_hour')) partitions.make('tally_hour', days);
}

/** Numbers that the database gives go on behind those that are taken. */
function continueNumbers(target: PgConnection): void {
  const columns = target
    .prepare(
      `select attrelid::regclass::text as table, attname::text as column from pg_attribute
       where attidentity <> '' and attrelid in (select oid from pg_class where relnamespace = current_schema()::regnamespace)`,
    )
    .all() as { table: string; column: string }[];
  for (const { table, column } of columns)
    target
      .prepare(
        `select setval(pg_get_serial_sequence('${table}', '${column}'), greatest(1, (select coalesce(max(${column}), 0) from ${table}) + 1), false)`,
      )
      .all();
}

const tablesOf = (target: PgConnection): string[] =>
  (
    target
      .prepare(
        `select relname::text as name from pg_class where relkind in ('r', 'p') and not relispartition
         and relnamespace = current_schema()::regnamespace order by relname`,
      )
      .all() as { name: string }[]
  ).map(({ name }) => name);

const columnsIn = (source: SqlDatabase, table: string): Set<string> =>
  new Set(
    (source.prepare('select name from pragma_table_info(?)').all(table) as { name: string }[]).map(({ name }) => name),
  );

const count = (source: SqlDatabase, table: string): number =>
  (source.prepare(`select count(*) as n from ${table}`).get() as { n: number }).n;
