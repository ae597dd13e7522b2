import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Span } from '../../src/model/span.ts';
import type { WriteItem } from '../../src/store/items.ts';
import type { NewRating } from '../../src/store/rating.ts';
import { ratingsOf, traces } from './ledger-signals.ts';
import { ENGINES, LedgerWorld, plansWithoutJoints, records, type World } from './ledger-world.ts';

/** How signals reach the store: in which order, how grouped, how often, and when the process dies or settles, all or some. */
const deliveries = fc.array(
  fc.record({
    pick: fc.nat(),
    again: fc.boolean(),
    next: fc.constantFrom('commit', 'join', 'settle', 'some', 'some', 'crash'),
  }),
  { minLength: 1, maxLength: 40 },
);

/** Spans and ratings arrive as `plan` says; whatever it left out comes at the end. */
function deliver(
  world: World,
  signals: (Span | NewRating)[],
  plan: { pick: number; again: boolean; next: string }[],
): void {
  const left = [...signals];
  const sent: (Span | NewRating)[] = [];
  let group: (Span | NewRating)[] = [];
  const flush = (): void => {
    const items = group.map(
      (signal): WriteItem => ('spanId' in signal ? records([signal]) : { type: 'ratings', ratings: [signal] }),
    );
    world.commit(items);
    group = [];
  };
  for (const { pick, again, next } of plan) {
    const from = again && sent.length > 0 ? sent : left;
    const signal = from[pick % Math.max(1, from.length)];
    if (signal === undefined) break;
    group.push(signal);
    if (from === left) left.splice(left.indexOf(signal), 1);
    sent.push(signal);
    if (next === 'join') continue;
    flush();
    if (next === 'settle') world.settle();
    if (next === 'some') world.settleSome();
    if (next === 'crash') world.crash();
  }
  group.push(...left);
  flush();
}

/** On a server of its own process each run takes longer. */
const runsOn = (engine: string): number =>
  Math.ceil(Number(process.env['PLIMSOLL_RUNS'] ?? 100) / (engine === 'SQLite' ? 1 : 4));

describe.each(ENGINES)('on $engine', ({ engine, begin }) => {
  it('whatever the order, the batches, the repeats and the crashes: the same tallies on every engine, and they are the fold of the rows', () => {
    fc.assert(
      fc.property(traces, ratingsOf, deliveries, (spans, said, plan) => {
        const straight = new LedgerWorld();
        straight.commit([records(spans)]);
        for (const rating of said) straight.commit([{ type: 'ratings', ratings: [rating] }]);
        const crooked = begin();
        deliver(crooked, [...spans, ...said], plan);
        expect(crooked.tallies()).toEqual(straight.tallies());
        expect(crooked.differences()).toEqual([]);
        expect(straight.differences()).toEqual([]);
        straight.end();
        crooked.end();
      }),
      { numRuns: runsOn(engine), endOnFailure: true },
    );
  });

  it('what is asked for later is counted from the rows, and what nobody asks for any more is gone', () => {
    fc.assert(
      fc.property(traces, ratingsOf, (spans, said) => {
        const asked = begin();
        const later = begin();
        later.crash(plansWithoutJoints);
        for (const world of [asked, later]) {
          world.commit([records(spans)]);
          for (const rating of said) world.commit([{ type: 'ratings', ratings: [rating] }]);
        }
        const without = later.tallies();
        later.crash();
        while (later.ledger.refold(100, later.now) > 0);
        expect(later.tallies()).toEqual(asked.tallies());
        expect(later.differences()).toEqual([]);
        later.crash(plansWithoutJoints);
        while (later.ledger.refold(100, later.now) > 0);
        expect(later.tallies()).toEqual(without);
        asked.end();
        later.end();
      }),
      { numRuns: Math.ceil(runsOn(engine) / 4), endOnFailure: true },
    );
  });
});
