import { expect, it } from 'vitest';
import { EMPTY_SPAN } from '../../src/model/span.ts';
import { END, LedgerWorld, plans, records, resources } from '../store/ledger-world.ts';

const DAY_MS = 86_400_000;
const TENTHS_PER_DAY = 864_000;
const TENTHS_PER_MINUTE = 600;

const span = (trace: string, endTenths: number) => ({
  ...EMPTY_SPAN,
  traceId: trace.padEnd(16),
  spanId: 'call'.padEnd(8),
  service: resources[0]!,
  kind: 'model' as const,
  endTenths,
});

// Rows of days ago came in when the retention had been made longer. As they went in their turn, the first minute with all of
// its rows moved back: minutes whose rows were long gone were counted again, from nothing.
it('minutes whose rows are gone keep their tallies, whatever older rows come and go', () => {
  const retention = { interactionsMs: DAY_MS, minutesMs: 100 * DAY_MS, hoursMs: 400 * DAY_MS };
  const world = new LedgerWorld(retention);
  const end = END - 2 * TENTHS_PER_DAY;
  world.commit([records([span('first', end), span('second', end)])]);
  world.settle();
  const held = (): unknown => world.db.prepare('select count(*) as n from part').get();
  expect(held()).toEqual({ n: 0 });

  retention.interactionsMs = 3 * DAY_MS;
  world.commit([records([span('old', end - 30 * TENTHS_PER_MINUTE)])]);
  world.settle();
  world.now += DAY_MS;
  world.settle();
  expect(held()).toEqual({ n: 0 });

  const ofMinute = (): string[] =>
    world.tallies().filter((row) => row.startsWith(`tally 0 ${Math.floor(end / TENTHS_PER_MINUTE)} `));
  const before = ofMinute();
  expect(before.length).toBeGreaterThan(0);
  world.crash(plans.map((plan) => ({ ...plan, thresholdsMs: [] })));
  expect(world.ledger.refold(100, world.now)).toBe(0);
  expect(ofMinute()).toEqual(before);
  world.end();
});
