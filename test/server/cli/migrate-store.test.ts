import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { moveStopped } from '../../../src/server/cli/move-stopped.ts';
import type { PgConnection } from '../../../src/store/postgres/connection.ts';
import { connectForWriting } from '../../../src/store/postgres/database.ts';
import { PgLedger } from '../../../src/store/postgres/ledger.ts';
import { verifyPostgres } from '../../../src/store/postgres/verify.ts';
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
});
