import fc from 'fast-check';
import { expect, it } from 'vitest';
import { availability } from '../../src/measures/availability.ts';
import { evaluated } from '../../src/measures/evaluated.ts';
import { latency } from '../../src/measures/latency.ts';
import { effective, plus, represented, type SeenCounts } from '../../src/measures/sampling.ts';
import { satisfaction } from '../../src/measures/satisfaction.ts';
import { estimateShare } from '../../src/measures/share.ts';
import type { Interaction } from '../../src/model/interaction.ts';
import type { Rating } from '../../src/model/rating.ts';
import { TallyBook } from '../../src/tally/book.ts';
import { foldInteraction, foldRatingByEvent } from '../../src/tally/fold.ts';
import type { Tally } from '../../src/tally/group.ts';
import type { ServicePlan } from '../../src/tally/plan.ts';
import { PLAIN_PLAN } from '../../src/tally/plan.ts';
import { interactions, ratings } from '../arbitraries.ts';

const plan: ServicePlan = {
  service: 7,
  ...PLAIN_PLAN,
  thresholdsMs: [400],
  dimensions: [],
  evaluations: new Map([[900, { low: 0, high: 1, good: 'high', marks: [{ code: 901, op: '>=', value: 0.7 }] }]]),
};
const MEASURES = {
  availability: availability(),
  'availability without server errors': availability(['server']),
  latency: latency(400),
  evaluated: evaluated(900, 901),
  satisfaction,
};

type Rated = readonly [Interaction, Rating];
const rated = fc.array(fc.tuple(interactions, ratings), { maxLength: 20 });

function tallyOf(list: readonly Rated[]): Tally {
  const book = new TallyBook();
  for (const [interaction, rating] of list) {
    const one = { ...interaction, endTenths: 17_950_000_000 };
    foldInteraction(book, plan, () => 4, one, 1);
    foldRatingByEvent(book, plan, one, rating, null, 1);
  }
  return list.length === 0 ? new Map() : book.tallyOf(0);
}

it.each(Object.entries(MEASURES))(
  '%s: what sampled events stand for is what counting each as often would say',
  (_, { eventsOf }) => {
    fc.assert(
      fc.property(rated, (list) => {
        const whole = list.map(([one, rating]): Rated => [{ ...one, weight: Math.round(one.weight) }, rating]);
        const counts = eventsOf(tallyOf(whole));
        const repeated = whole.flatMap(([one, rating]) =>
          Array.from({ length: one.weight }, (): Rated => [{ ...one, weight: 1 }, rating]),
        );
        const { n, bad } = eventsOf(tallyOf(repeated));
        expect(represented(counts)).toEqual({ n, bad });
        const seen = eventsOf(tallyOf(whole.map(([one, rating]): Rated => [{ ...one, weight: 1 }, rating])));
        expect(counts).toMatchObject({ n: seen.n, bad: seen.bad });
      }),
    );
  },
);

it('traffic that is not sampled has no more counters than before, and an estimate that says nothing of it', () => {
  fc.assert(
    fc.property(rated, (list) => {
      const tally = tallyOf(list.map(([one, rating]): Rated => [{ ...one, weight: 1 }, rating]));
      for (const name of tally.keys()) expect(name >>> 29).toBe(0);
      expect(estimateShare(availability().eventsOf(tally))).not.toHaveProperty('sampled');
    }),
  );
});

const counted = (n: number, bad: number, weight: number): SeenCounts => ({
  n,
  bad,
  extra: { n: n * (weight - 1) * 1e6, bad: bad * (weight - 1) * 1e6, squares: n * (weight ** 2 - 1) * 1e6 },
});

it('events that all weigh the same tell as much as were seen, whatever they weigh', () => {
  expect(effective(counted(400, 8, 10))).toEqual({ n: 400, bad: 8 });
  expect(represented(counted(400, 8, 10))).toEqual({ n: 4000, bad: 80 });
});

it('events of different weights tell as much as fewer, with the share of what they stand for', () => {
  // 100 failed kept whole, 100 good ones of which one in nine was kept: sum w = 1000, sum w^2 = 100 + 8100.
  const mixed = plus({ n: 100, bad: 100 }, counted(100, 0, 9));
  const { n, bad } = effective(mixed);
  expect(n).toBeCloseTo(1000 ** 2 / 8200, 9);
  expect(bad / n).toBeCloseTo(0.1, 12);
  const { value, low, high, n: seen, sampled } = estimateShare({ ...mixed, eligible: 200, hidden: 0 });
  expect(value).toBeCloseTo(0.9, 12);
  expect({ seen, sampled }).toEqual({ seen: 200, sampled: { represents: 1000, effective: 121.951 } });
  // Wilson (1927) of 0.9 at n = 121.951: centre 0.88779, half width 0.05338.
  expect([low, high]).toEqual([expect.closeTo(0.8344, 3), expect.closeTo(0.9412, 3)]);
});

it('what was added can be taken away again', () => {
  const mixed = plus({ n: 100, bad: 100 }, counted(100, 0, 9));
  expect(plus(mixed, counted(100, 0, 9), -1)).toEqual({ n: 100, bad: 100 });
});
