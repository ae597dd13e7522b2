import type { SqlText } from '../items.ts';
import type { SqlDatabase, SqlRow, SqlValue } from '../sql.ts';
import type { PartId } from './parts.ts';

/** What was changed, and by which key, since somebody follows the store. Beside the schema: it is there while a store is moved. */
const LOG = 'moving_change';
/** How many columns the key of a table may have. */
const KEY_COLUMNS = 5;
/** Spans, of which an old row is told whole: nothing else says which spans it held. */
const PARTS = 'part';
/** What is made from the rest, and what is no table of a store. */
const NOT_FOLLOWED = new Set([LOG, 'part_range', 'pointer_run', 'pointer_chunk', 'unsettled']);

/** How far a store had come at one moment: all that is behind it is new, or in the log. */
export interface FollowedTo {
  readonly seq: number;
  readonly part: PartId;
}

const quoted = (column: string): string => `"${column}"`;

/** Columns of the key of a table, in their order; none: there is no such table, or no key. */
export const keyColumns = (db: SqlDatabase, table: string): string[] =>
  (db.prepare('select name from pragma_table_info(?) where pk > 0 order by pk').all(table) as { name: string }[]).map(
    ({ name }) => name,
  );

const tablesOf = (db: SqlDatabase): string[] =>
  (
    db
      .prepare(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like 'parked_%' order by name",
      )
      .all() as { name: string }[]
  )
    .map(({ name }) => name)
    .filter((name) => !NOT_FOLLOWED.has(name));

const text = (sql: string): SqlText => ({ sql, parameters: [] });

/**
 * Statements that make an embedded store note the key of each row that is written from then on, in the transaction that writes it.
 * What an older follower has left is gone.
 */
export function followStatements(db: SqlDatabase): SqlText[] {
  const columns = Array.from({ length: KEY_COLUMNS }, (_, i) => `k${i + 1}`);
  const statements = [
    ...unfollowStatements(db),
    text(`create table ${LOG} (seq integer primary key, tbl text not null, ${columns.join(', ')}, data blob)`),
  ];
  for (const table of tablesOf(db)) {
    const key = keyColumns(db, table);
    if (key.length === 0 || key.length > KEY_COLUMNS) throw new RangeError(`${table} has a key that can't be followed`);
    const into = columns.slice(0, key.length).join(', ');
    const note = (row: 'old' | 'new', data = ''): string =>
      `insert into ${LOG} (tbl, ${into}${data && ', data'}) values ('${table}', ${key.map((column) => `${row}.${quoted(column)}`).join(', ')}${data && `, ${data}`});`;
    const trigger = (event: string, notes: string): SqlText =>
      text(`create trigger ${LOG}_${table}_${event} after ${event} on ${quoted(table)} begin ${notes} end`);
    if (table === PARTS) statements.push(trigger('update', note('new')), trigger('delete', note('old', 'old.data')));
    else
      statements.push(
        trigger('insert', note('new')),
        trigger('update', `${note('old')} ${note('new')}`),
        trigger('delete', note('old')),
      );
  }
  return statements;
}

/** Statements that end it. */
export const unfollowStatements = (db: SqlDatabase): SqlText[] => [
  ...(
    db.prepare(`select name from sqlite_schema where type = 'trigger' and name like '${LOG}_%'`).all() as {
      name: string;
    }[]
  ).map(({ name }) => text(`drop trigger if exists ${name}`)),
  text(`drop table if exists ${LOG}`),
];

/** Ends what was left by a follower that is gone; whoever calls is the one who writes. */
export function endFollowing(db: SqlDatabase): void {
  if (!isFollowed(db)) return;
  db.exec('begin immediate');
  for (const { sql } of unfollowStatements(db)) db.exec(sql);
  db.exec('commit');
}

export const isFollowed = (db: SqlDatabase): boolean =>
  db.prepare('select 1 from sqlite_schema where name = ?').get(LOG) !== undefined;

/** How far the store has come in the transaction of `db`. */
export function followedTo(db: SqlDatabase): FollowedTo {
  const { seq } = db.prepare(`select coalesce(max(seq), 0) as seq from ${LOG}`).get() as { seq: number };
  const { part } = db.prepare('select coalesce(max(id), 0) as part from part').get() as { part: PartId };
  return { seq, part };
}

/** Keys of rows of a table that were written since, each once: as objects by column. */
export function changedKeys(db: SqlDatabase, table: string, { seq }: FollowedTo): SqlRow[] {
  const selected = keyColumns(db, table).map((column, i) => `k${i + 1} as ${quoted(column)}`);
  return db.prepare(`select distinct ${selected.join(', ')} from ${LOG} where seq > ? and tbl = ?`).all(seq, table);
}

const partsWhere = `from ${LOG} where seq > ? and tbl = '${PARTS}' and k1 <= ?`;

/** Parts that were written anew since, each once. */
export function* updatedParts(db: SqlDatabase, { seq, part }: FollowedTo): Generator<PartId> {
  const rows = db.prepare(`select distinct k1 as id ${partsWhere} and data is null`).iterate(seq, part);
  for (const row of rows) yield row['id'] as PartId;
}

/** What those parts held that were dropped since. */
export function* droppedParts(
  db: SqlDatabase,
  { seq, part }: FollowedTo,
): Generator<{ readonly id: PartId; readonly data: Uint8Array }> {
  const rows = db.prepare(`select k1 as id, data ${partsWhere} and data is not null`).iterate(seq, part);
  for (const row of rows) yield { id: row['id'] as PartId, data: row['data'] as Uint8Array };
}

/** A row by its key; undefined: it is gone. */
export function rowReader(
  db: SqlDatabase,
  table: string,
  columns: readonly string[],
): (key: SqlRow) => SqlRow | undefined {
  const key = keyColumns(db, table);
  const statement = db.prepare(
    `select ${columns.map(quoted).join(', ')} from ${quoted(table)} where ${key.map((column) => `${quoted(column)} = ?`).join(' and ')}`,
  );
  return (row) => statement.get(...key.map((column) => row[column] as SqlValue));
}
