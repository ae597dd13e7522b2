import { rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { settleAll } from '../../../src/server/cli/move-stopped.ts';
import type { PgConnection } from '../../../src/store/postgres/connection.ts';
import { moveStore } from '../../../src/store/postgres/move.ts';
import { type MovedChanges, moveChanges } from '../../../src/store/postgres/move-changes.ts';
import { differentTables, movedTables } from '../../../src/store/postgres/move-rows.ts';
import { verifyPostgres } from '../../../src/store/postgres/verify.ts';
import { copyStore } from '../../../src/store/sqlite/copy.ts';
import { openForWriting } from '../../../src/store/sqlite/database.ts';
import { type FollowedTo, followedTo, followStatements, isFollowed } from '../../../src/store/sqlite/following.ts';
import { giveBack, type TestDatabase, takeDatabase } from '../../postgres/databases.ts';
import { hasPostgres } from '../../postgres/server.ts';
import { ratingsOf, traces } from '../ledger-signals.ts';
import { LedgerWorld, NOW, RETENTION, records } from '../ledger-world.ts';

const follow = (db: DatabaseSync): void => {
  for (const { sql } of followStatements(db)) db.exec(sql);
};

/** A copy of a followed store, moved whole. */
async function moveBulk(world: LedgerWorld, to: PgConnection): Promise<{ copy: DatabaseSync; since: FollowedTo }> {
  const file = `${world.file}.moving`;
  await copyStore(world.file, file, () => {});
  const copy = openForWriting(file, { followed: true });
  const since = followedTo(copy);
  settleAll(copy, world.now);
  moveStore(copy, to, world.now, () => {});
  rmSync(file);
  return { copy, since };
}

function moveRest(world: LedgerWorld, to: PgConnection, since: FollowedTo, copy: DatabaseSync | null): MovedChanges {
  world.db.exec('begin');
  const changes = moveChanges(world.db, to, since, world.now, copy);
  world.db.exec('commit');
  return changes;
}

/** All that a store holds, row by row. */
function allOf(source: DatabaseSync, db: PgConnection): Record<string, string[]> {
  const tables = ['span', 'link', 'pointer', ...movedTables(source, db)];
  return Object.fromEntries(
    tables.map((table) => [
      table,
      [
        ...new Set(
          db
            .prepare(`select t::text as row from ${table} t`)
            .all()
            .map((row) => row['row'] as string),
        ),
      ].sort(),
    ]),
  );
}

describe.skipIf(!hasPostgres)('a store that is written to while it is moved', () => {
  const used: TestDatabase[] = [];
  const database = (): PgConnection => {
    const one = takeDatabase();
    used.push(one);
    return one.db;
  };
  afterAll(() => {
    for (const one of used) giveBack(one);
  });

  /** What is there after rounds is what one move of the whole would have brought. */
  function expectSame(world: LedgerWorld, to: PgConnection): void {
    const whole = database();
    moveStore(world.db, whole, world.now, () => {});
    const { pointer, ...rest } = allOf(world.db, to);
    const { pointer: needed, ...wanted } = allOf(world.db, whole);
    expect(rest).toEqual(wanted);
    // A span that is judged otherwise keeps the names that it had, as in any store there: whoever follows one finds its trace.
    expect(pointer).toEqual(expect.arrayContaining(needed!));
    expect(
      to
        .prepare(
          'select * from pointer p where not exists (select 1 from span s where s.trace = p.trace and s."end" = p."end")',
        )
        .all(),
    ).toEqual([]);
    expect(differentTables(world.db, to)).toEqual([]);
    expect(verifyPostgres(to).differences).toEqual([]);
  }

  it('is the same there after a round for each part of what came, as if it had been moved at its end', async () => {
    await fc.assert(
      fc.asyncProperty(traces, ratingsOf, fc.nat(), fc.nat(), fc.boolean(), async (spans, said, a, b, isSettled) => {
        const [first, second] = [a % (spans.length + 1), b % (spans.length + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ];
        const world = new LedgerWorld();
        const send = (from: number, to: number): void => {
          for (let at = from; at < to; at += 3) world.commit([records(spans.slice(at, Math.min(to, at + 3)))]);
        };
        const rate = (from: number, to: number): void => {
          for (const rating of said.slice(from, to)) world.commit([{ type: 'ratings', ratings: [rating] }]);
        };
        follow(world.db);
        send(0, first);
        rate(0, 5);
        if (isSettled) world.settle();
        const to = database();
        const { copy, since } = await moveBulk(world, to);
        send(first, second);
        rate(5, 10);
        world.settleSome();
        const { to: then } = moveRest(world, to, since, copy);
        copy.close();
        send(second, spans.length);
        rate(10, said.length);
        world.settle();
        const { unsettled } = moveRest(world, to, then, null);
        expect(unsettled).toEqual([]);
        expectSame(world, to);
        world.end();
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  it('drops there what was dropped here since', async () => {
    const world = new LedgerWorld();
    const spans = fc.sample(traces, { numRuns: 1, seed: 4 })[0]!;
    world.commit([records(spans)]);
    world.settle();
    follow(world.db);
    const to = database();
    const { copy, since } = await moveBulk(world, to);
    copy.close();
    world.now = NOW + RETENTION.hoursMs;
    for (let i = 0; i < 200; i++) world.settle();
    moveRest(world, to, since, null);
    expect(to.prepare('select count(*) as n from span').get()).toEqual({ n: 0 });
    expect(differentTables(world.db, to)).toEqual([]);
    world.end();
  });

  it('is followed no more by whoever opens it next for writing', () => {
    const world = new LedgerWorld();
    follow(world.db);
    expect(isFollowed(world.db)).toBe(true);
    world.crash();
    expect(isFollowed(world.db)).toBe(false);
    world.end();
  });

  it('has no table that is left behind but those that are made from others', () => {
    const world = new LedgerWorld();
    const tables = world.db
      .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name")
      .all()
      .map(({ name }) => name as string);
    const moved = new Set(movedTables(world.db, database()));
    const left = tables.filter((table) => !moved.has(table));
    // Spans are moved one by one, from their parts; audit_unchained is empty in a store of this build.
    expect(left.filter((table) => table !== 'audit_unchained')).toEqual([
      'part',
      'part_range',
      'pointer_chunk',
      'pointer_run',
      'unsettled',
    ]);
    world.end();
  });
});
