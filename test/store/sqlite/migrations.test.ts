import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { EMPTY_SPAN } from '../../../src/model/span.ts';
import { LATEST, lowestFrom, migrate, migrationOf, stepOf } from '../../../src/store/sqlite/migrations.ts';
import { MIGRATIONS, type Migration } from '../../../src/store/sqlite/schema.ts';
import { END, LedgerWorld, NOW, records, resources } from '../ledger-world.ts';

/** Every table with its rows, and every index: what a store is. */
function everything(db: DatabaseSync): Record<string, unknown> {
  const schema = db
    .prepare('select type, name, sql from sqlite_schema order by name')
    .all()
    .map((row) => ({ ...row }));
  const tables = schema.filter(({ type }) => type === 'table').map(({ name }) => name as string);
  const rows = tables.map((name) => [
    name,
    db
      .prepare(`select * from ${name}`)
      .all()
      .map((row) => ({ ...row })),
  ]);
  return { schema, rows: Object.fromEntries(rows) };
}

function filled(): LedgerWorld {
  const world = new LedgerWorld();
  const span = { ...EMPTY_SPAN, traceId: 'trace'.padEnd(16), spanId: 'call'.padEnd(8), kind: 'model' as const };
  world.commit([records([{ ...span, service: resources[0]!, endTenths: END }])]);
  const target = { trace: span.traceId, span: '', response: '', interaction: '', conversation: '', service: '' };
  const thumb = { type: 'feedback', kind: 'thumbs', value: 'up' } as const;
  world.commit([
    { type: 'ratings', ratings: [{ identity: 'a', target, rating: thumb, detail: null, at: NOW - 1, isTimed: true }] },
  ]);
  world.db.exec(`insert into closed_period values ('a', 1, 2, '{"attained":0.99}'), ('b', 3, 4, '{}')`);
  world.settle();
  return world;
}

it('back as far as it goes and forward again: a filled store is as it was, to the byte of each row', () => {
  const world = filled();
  const before = everything(world.db);
  const lowest = lowestFrom(LATEST);
  expect(lowest).toBeLessThan(LATEST);
  const steps: string[] = [];
  migrate(world.db, lowest, undefined, (done, of) => steps.push(`${done}/${of}`));
  expect(migrationOf(world.db)).toBe(lowest);
  expect(steps.at(-1)).toBe(`${LATEST - lowest}/${LATEST - lowest}`);
  expect(everything(world.db)).not.toEqual(before);
  migrate(world.db);
  expect(everything(world.db)).toEqual(before);
  expect(world.differences()).toEqual([]);
  expect(world.compared).toBeGreaterThan(0);
  world.end();
});

it('taken back it has the tables and indices of the build of then, beside what waits to come back', () => {
  const world = filled();
  const lowest = lowestFrom(LATEST);
  migrate(world.db, lowest);
  const old = new DatabaseSync(':memory:');
  migrate(old, lowest);
  const namesOf = (db: DatabaseSync): unknown[] =>
    db
      .prepare(
        "select name from sqlite_schema where name not like 'parked_%' and name not like 'sqlite_%' order by name",
      )
      .all()
      .map(({ name }) => name);
  expect(namesOf(world.db)).toEqual(namesOf(old));
  world.end();
});

it('back and forward again and again, whether or not it was started in between: nothing is lost', () => {
  const world = filled();
  const lowest = lowestFrom(LATEST);
  const before = everything(world.db);
  migrate(world.db, lowest);
  world.db.exec("insert into audit (at, actor, type, data) values (1, 'system:plimsoll', 'process.started', '{}')");
  for (const to of [LATEST, lowest, LATEST]) migrate(world.db, to);
  const entries = world.db.prepare('select type from audit_entry').all();
  expect(entries.map(({ type }) => type)).toEqual(['log.created', 'process.started']);
  world.db.exec("delete from audit_entry; update audit_tip set size = 0, leaf = x'', peaks = x''");
  expect(everything(world.db)).toEqual(before);
  world.end();
});

it('every step from the eighth on has a way back', () => {
  expect(MIGRATIONS.map(stepOf).flatMap(({ down }, i) => (i >= 7 && down === undefined ? [i + 1] : []))).toEqual([]);
});

it('incidents of before know the change that they are of', () => {
  const db = new DatabaseSync(':memory:');
  migrate(
    db,
    MIGRATIONS.map(stepOf).findIndex(({ up }) => up.includes('caused_by')),
  );
  const insert = db.prepare(
    "insert into incident (number, state, service, opened_at, record) values (?, 'closed', 'bot', 1, ?)",
  );
  const causes = [null, 'release-42', 'a "quoted" \\ one'];
  for (const [number, causedByChange] of causes.entries())
    insert.run(number, JSON.stringify({ title: 'a \u0000 and "causedByChange":"none"', causedByChange }));
  migrate(db);
  expect(
    db
      .prepare('select caused_by from incident order by number')
      .all()
      .map((row) => row['caused_by']),
  ).toEqual(causes);
});

it('a step without a way back is refused before anything is done, and says what to do', () => {
  const world = filled();
  const before = everything(world.db);
  expect(() => migrate(world.db, 1)).toThrow(
    /goes back to \d+, .*plimsoll restore --from FILE.*PLIM_STORE_NO_WAY_BACK/,
  );
  expect(migrationOf(world.db)).toBe(LATEST);
  expect(everything(world.db)).toEqual(before);
  world.end();
});

it('a step that fails leaves the store at the step before, whole', () => {
  const db = new DatabaseSync(':memory:');
  const steps: Migration[] = [
    { up: 'create table kept (a integer)', down: 'drop table kept' },
    { up: 'create table half (a integer); insert into nowhere values (1)' },
  ];
  expect(() => migrate(db, 2, steps)).toThrow(/nowhere/);
  expect(migrationOf(db)).toBe(1);
  expect(db.prepare('select name from sqlite_schema').all()).toEqual([{ name: 'kept' }]);
});

it('each way back that there is names what it undoes: its tables go, or are parked', () => {
  for (const step of MIGRATIONS.map(stepOf)) {
    if (step.down === undefined) continue;
    const created = [...step.up.matchAll(/create table (\w+)/g)].map(([, name]) => name!);
    for (const name of created)
      expect([
        ...(step.parks ?? []),
        ...(step.down.match(/drop table \w+/g) ?? []).map((drop) => drop.slice(11)),
      ]).toContain(name);
  }
});
