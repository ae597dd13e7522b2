import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { EMPTY_SPAN } from '../../../src/model/span.ts';
import type { NewRating } from '../../../src/store/rating.ts';
import { migrate } from '../../../src/store/sqlite/migrations.ts';
import { PartTable } from '../../../src/store/sqlite/parts.ts';
import { END, LedgerWorld, NOW, records, resources } from '../ledger-world.ts';

const common = { ...EMPTY_SPAN, traceId: 'trace'.padEnd(16), service: resources[0]!, endTenths: END };
const agent = { ...common, spanId: 'agent'.padEnd(8), kind: 'agent' as const };
const call = { ...common, spanId: 'call'.padEnd(8), parentSpanId: agent.spanId, kind: 'model' as const };
const link = { ...common, spanId: 'link'.padEnd(8), endTenths: END - 3 };
const other = {
  ...call,
  traceId: 'other'.padEnd(16),
  parentSpanId: '',
  endTenths: END - 1234,
  responseRef: 'response',
};

const thumb = (value: 'up' | 'down', at: number): NewRating => ({
  identity: 'thumb',
  target: { trace: other.traceId, span: '', response: '', interaction: '', conversation: '', service: '' },
  rating: { type: 'feedback', kind: 'thumbs', value },
  detail: null,
  at,
  isTimed: true,
});

/** Bytes of a part in front of the body of its first span: trace, second; span id, tenth. */
const HEADER = 16 + 4 + 8 + 1;

/** Writes what a world holds, each of whose parts is one span, as the second migration kept it: a row a span. */
function asOfSecondMigration(world: LedgerWorld): void {
  const parts = world.db
    .prepare('select data, r.links as links, id from part join part_range r on id between r.first and r.last')
    .all() as { data: Uint8Array; links: number; id: number }[];
  const ratings = world.db.prepare('select id, owner_part from rating').all() as { id: number; owner_part: number }[];
  const rest = ['dictionary', 'slice_value', 'dependency', 'tally', 'tally_hour', 'tally_day', 'setting', 'rating'];
  const dump = rest.map((table) => ({ table, rows: world.db.prepare(`select * from ${table}`).all() }));
  world.db.close();
  for (const more of ['', '-wal', '-shm']) rmSync(world.file + more, { force: true });
  const old = new DatabaseSync(world.file);
  migrate(old, 2);
  const insert = (table: string, row: Record<string, unknown>): void => {
    const columns = old.prepare(`pragma table_info(${table})`).all() as { name: string }[];
    const names = columns.map(({ name }) => name).filter((name) => name in row);
    const marks = names.map(() => '?').join(', ');
    old
      .prepare(`insert into ${table} (${names.join(', ')}) values (${marks})`)
      .run(...names.map((name) => row[name] as never));
  };
  const endOf = new Map<number, number>();
  for (const { data, links, id } of parts) {
    const bytes = Buffer.from(data);
    const end = bytes.readUInt32BE(16) * 10 + bytes[HEADER - 1]!;
    endOf.set(id, end);
    const key = { end, trace: bytes.subarray(0, 16), span: bytes.subarray(20, 28) };
    insert(links === 1 ? 'link' : 'span', { ...key, data: bytes.subarray(HEADER) });
  }
  for (const { table, rows } of dump)
    for (const { owner_part, ...row } of rows)
      insert(table, table === 'rating' ? { ...row, owner_end: endOf.get(owner_part as number) } : row);
  expect(ratings).toHaveLength(1);
  old.close();
}

it('a store whose spans were rows of their own goes on: late spans, copies and ratings find what is there', () => {
  const world = new LedgerWorld();
  for (const span of [link, call, other]) world.commit([records([span])]);
  world.commit([{ type: 'ratings', ratings: [thumb('up', NOW - 2000)] }]);
  world.settle();
  asOfSecondMigration(world);

  world.db = new DatabaseSync(':memory:');
  world.crash();
  // Ratings of before are folded again: by how late they were.
  expect(world.ledger.refold(100, NOW)).toBe(0);
  expect(world.differences()).toEqual([]);
  expect(world.commit([records([call, other, link])])).toEqual([{ type: 'spans', stored: 0, duplicates: 3 }]);
  world.commit([records([agent])]);
  world.commit([{ type: 'ratings', ratings: [thumb('down', NOW - 1000)] }]);
  expect(world.differences()).toEqual([]);
  const leads = [...new PartTable(world.db).between(END, END + 1)].map(({ judged }) => judged.lead);
  expect(leads).toEqual([agent.spanId, agent.spanId]);
  expect(world.compared).toBeGreaterThan(0);
  world.end();
});
