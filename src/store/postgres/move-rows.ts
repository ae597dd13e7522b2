import { hashId, OF_IDENTITY } from '../id-hash.ts';
import type { SqlDatabase, SqlRow, SqlValue } from '../sql.ts';
import { PartTable } from '../sqlite/parts.ts';
import { API_ADDRESS, MOVED_TO } from '../sqlite/settings.ts';
import type { PgConnection } from './connection.ts';
import { Shards } from './shards.ts';

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
export const TALLIES: ReadonlySet<string> = new Set(['tally', 'tally_hour', 'tally_day']);
/** What an embedded store has counted becomes what a writer that is gone has counted. */
export const LANE = 0;
/** Where the old server listens, and where the old store went. */
const NOT_MOVED = new Set([API_ADDRESS, MOVED_TO]);

/** Tables of which both have rows of the same meaning. */
export const movedTables = (source: SqlDatabase, target: SqlDatabase): string[] =>
  (
    target
      .prepare(
        `select relname::text as name from pg_class where relkind in ('r', 'p') and not relispartition
         and relnamespace = current_schema()::regnamespace order by relname`,
      )
      .all() as { name: string }[]
  )
    .map(({ name }) => name)
    .filter((table) => !OWN.has(table) && columnsIn(source, table).size > 0);

export const columnsIn = (source: SqlDatabase, table: string): Set<string> =>
  new Set(
    (source.prepare('select name from pragma_table_info(?)').all(table) as { name: string }[]).map(({ name }) => name),
  );

/** Tables that have not the same number of rows in both; of one moment each. Spans are told apart by their tallies. */
export const differentTables = (source: SqlDatabase, target: SqlDatabase): string[] =>
  movedTables(source, target).filter(
    (table) => table !== 'setting' && countOf(source, table) !== countOf(target, table),
  );

export const countOf = (db: SqlDatabase, table: string): number =>
  (db.prepare(`select count(*) as n from ${table}`).get() as { n: number }).n;

export interface Filler {
  readonly columns: readonly string[];
  of(row: SqlRow): Readonly<Record<string, SqlValue>>;
}

/** What a row has there beside what it has here. */
export function fillerOf(source: SqlDatabase, target: SqlDatabase, table: string): Filler {
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

/** Rows that stay behind. */
export const isMoved = (table: string, row: SqlRow): boolean => table !== 'setting' || !NOT_MOVED.has(row['name']);

/** Numbers that the database gives go on behind those that are taken. */
export function continueNumbers(target: PgConnection): void {
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
