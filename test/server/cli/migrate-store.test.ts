import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type MoveResult, moveToPostgres } from '../../../src/server/cli/migrate-store.ts';
import { moveStopped } from '../../../src/server/cli/move-stopped.ts';
import { openLedger } from '../../../src/store/open-ledger.ts';
import type { PgConnection } from '../../../src/store/postgres/connection.ts';
import { connectForWriting } from '../../../src/store/postgres/database.ts';
import { PgLedger } from '../../../src/store/postgres/ledger.ts';
import { verifyPostgres } from '../../../src/store/postgres/verify.ts';
import type { SqlDatabase } from '../../../src/store/sql.ts';
import { MOVED_FROM, MOVED_TO, MOVING, Settings } from '../../../src/store/sqlite/settings.ts';
import type { StoreAddress } from '../../../src/store/writer-protocol.ts';
import { emptyDatabase } from '../../postgres/databases.ts';
import { hasPostgres } from '../../postgres/server.ts';
import { ratingsOf, traces } from '../../store/ledger-signals.ts';
import { LedgerWorld, NOW, plans, RETENTION, records, talliesOf } from '../../store/ledger-world.ts';

describe.skipIf(!hasPostgres)('a store that is moved from SQLite to PostgreSQL', () => {
  const open: PgConnection[] = [];
  afterAll(() => {
    for (const db of open) db.close();
  });

  it('is the same there, and goes on: what was sent is known, what waits is joined, and new tallies are added to the old', () => {
    fc.assert(
      fc.property(traces, ratingsOf, fc.nat(), (spans, said, cut) => {
        const at = cut % (spans.length + 1);
        const whole = new LedgerWorld();
        const world = new LedgerWorld();
        whole.commit([records(spans)]);
        for (const rating of said) whole.commit([{ type: 'ratings', ratings: [rating] }]);
        if (at > 0) world.commit([records(spans.slice(0, at))]);
        for (const rating of said) world.commit([{ type: 'ratings', ratings: [rating] }]);
        // It ends without having settled.
        world.end();
        const to = emptyDatabase();
        const parts = new Set<string>();
        const moved = moveStopped(world.file, { url: to, password: null }, NOW, (what) => parts.add(what));
        expect(moved).toMatchObject({ isEqual: true, spans: at });
        expect(moved.after.differences).toEqual([]);
        expect([...parts]).toEqual(['verifying what is there', 'moving', 'verifying what was moved']);
        const db = connectForWriting({ url: to, password: null });
        open.push(db);
        const ledger = new PgLedger(db, RETENTION, 'test');
        ledger.setPlans(plans);
        ledger.recover(NOW);
        expect(ledger.commit([records(spans)], NOW)).toMatchObject([{ stored: spans.length - at, duplicates: at }]);
        expect(talliesOf(db)).toEqual(whole.tallies());
        expect(verifyPostgres(db).differences).toEqual([]);
        whole.end();
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });

  it('is moved into an empty database only', () => {
    const world = new LedgerWorld();
    world.settle();
    world.end();
    const to = emptyDatabase();
    const move = (): unknown => moveStopped(world.file, { url: to, password: null }, NOW, () => {});
    move();
    expect(move).toThrow(/holds a store already/);
  });

  it('is started on at neither place until a move that was cut off has come to its end', async () => {
    const world = new LedgerWorld();
    world.commit([records(fc.sample(traces, { numRuns: 1, seed: 1 })[0]!)]);
    world.settle();
    world.end();
    const url = emptyDatabase();
    const to = { url, password: null };
    const move = (): Promise<MoveResult> =>
      moveToPostgres({ from: `sqlite:${world.file}`, to: url, password: null, listen: null, now: () => NOW }, () => {});
    const set = (db: SqlDatabase, name: string, value: string): void => {
      new Settings(db).set(name, value);
    };
    const start = (store: StoreAddress): Promise<void> => openLedger({ store, retention: RETENTION }, () => []).close();
    const postgres: StoreAddress = { type: 'postgres', ...to };
    const sqlite: StoreAddress = { type: 'sqlite', file: world.file };

    // Cut off in front of the last step: what was brought there is dropped and brought again.
    await move();
    const db = connectForWriting(to);
    open.push(db);
    set(db, MOVING, world.file);
    expect(() => start(postgres)).toThrow(/PLIM_MOVE_UNFINISHED/);
    expect(await move()).toMatchObject({ how: 'stopped', isEqual: true });
    await start(postgres);

    // Behind it: the file is left, and only the mark there is missing.
    set(db, MOVING, world.file);
    const file = new DatabaseSync(world.file, { timeout: 30_000 });
    set(file, MOVED_TO, url);
    file.close();
    expect(() => start(sqlite)).toThrow(/PLIM_STORE_MOVED/);
    expect(await move()).toEqual({ how: 'finished' });
    await start(postgres);
    expect(new Settings(db).get(MOVED_FROM)).toBe(JSON.stringify({ from: world.file, at: NOW }));
    await expect(move()).rejects.toThrow(/PLIM_STORE_MOVED/);
  });
});
