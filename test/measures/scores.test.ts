import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanInterval } from '../../src/measures/mean-interval.ts';
import { meanScore, scored } from '../../src/measures/scores.ts';
import { wilson } from '../../src/measures/wilson.ts';
import type { Interaction } from '../../src/model/interaction.ts';
import { LABEL_CLOCK, TallyBook } from '../../src/tally/book.ts';
import * as counters from '../../src/tally/counters.ts';
import { foldRatingByEvent } from '../../src/tally/fold.ts';
import { add, type Tally, ZERO } from '../../src/tally/group.ts';
import { PLAIN_PLAN } from '../../src/tally/plan.ts';
import { random } from '../random.ts';

const EVALUATION = 900;
const plan = {
  ...PLAIN_PLAN,
  service: 7,
  evaluations: new Map([[EVALUATION, { low: 0, high: 1, good: 'high' as const, marks: [] }]]),
};

function tallyOf(scores: readonly number[], weight = 1): Tally {
  const book = new TallyBook();
  for (const score of scores)
    foldRatingByEvent(
      book,
      plan,
      { endTenths: 600, weight } as Interaction,
      { type: 'evaluation', evaluation: EVALUATION, score },
      null,
      1,
    );
  return scores.length === 0 ? ZERO : book.tallyOf(0);
}

const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 });
const mean = (list: readonly number[]): number => list.reduce((sum, one) => sum + one, 0) / list.length;
const { eventsOf, detectorClock } = scored(EVALUATION);
const estimator = meanScore(EVALUATION);
const once = { anyTime: false, minutes: 60 };

describe('the mean of scores', () => {
  it('is within its interval, whichever it is, and the loss is what it lacks', () => {
    fc.assert(
      fc.property(scores, fc.boolean(), (list, anyTime) => {
        const tally = tallyOf(list);
        const { value, low, high, n, status } = estimator.estimate(tally, { anyTime, minutes: 60 });
        expect([n, status]).toEqual([list.length, 'ok']);
        expect(value).toBeCloseTo(mean(list), 5);
        expect(0 <= low! && low! <= value! && value! <= high! && high! <= 1).toBe(true);
        const { n: counted, bad, squares } = eventsOf(tally);
        expect(counted).toBe(list.length);
        expect(bad / counted).toBeCloseTo(1 - mean(list), 5);
        expect(squares! >= 0 && squares! <= bad && bad <= counted).toBe(true);
      }),
    );
  });

  it('a loss is a whole number of millionths, so that one that is taken back leaves nothing', () => {
    fc.assert(
      fc.property(scores, (list) => {
        const micros = list.reduce((sum, score) => sum + 1e6 - Math.round(score * 1e6), 0);
        expect(Math.round(eventsOf(tallyOf(list)).bad * 1e6)).toBe(micros);
      }),
    );
  });

  it('of sampled ones is that of what they stand for', () => {
    const tally = add(tallyOf([0.9, 0.9]), tallyOf([0.3], 8));
    const { value, n, sampled, low, high } = estimator.estimate(tally, once);
    expect(value).toBeCloseTo((0.9 * 2 + 0.3 * 8) / 10, 5);
    expect([n, sampled!.represents]).toEqual([3, 10]);
    expect(sampled!.effective).toBe(Number(sampled!.effective.toFixed(3)));
    expect(sampled!.effective).toBeLessThan(3);
    expect(low! < value! && value! < high!).toBe(true);
    expect([...tally.keys()].filter((name) => !estimator.reads(name))).toEqual([]);
  });

  it('without scores is undefined, never 0', () => {
    const { value, status, n } = estimator.estimate(new Map([[counters.COUNT, 5]]), once);
    expect([value, status, n]).toEqual([null, 'undefined', 0]);
    expect(detectorClock).toBe(LABEL_CLOCK);
  });
});

describe('the interval of a mean', () => {
  it('of values that are 0 or 1 is that of Wilson', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), (good, bad) => {
        fc.pre(good + bad > 0);
        const n = good + bad;
        const { low, high } = meanInterval({ n, sum: good, squares: good });
        const wanted = wilson(good, n);
        expect(low).toBeCloseTo(wanted.low, 9);
        expect(high).toBeCloseTo(wanted.high, 9);
      }),
    );
  });

  it.each([
    [10, 0.9],
    [30, 0.93],
    [300, 0.935],
  ])('of %i beta-distributed scores covers at least %f of the time', (n, share) => {
    const next = random(n);
    // The larger of two uniforms is Beta(2, 1), with mean 2/3.
    const draw = (): number => Math.max(next(), next());
    let covered = 0;
    const RUNS = 1500;
    for (let run = 0; run < RUNS; run++) {
      let sum = 0;
      let squares = 0;
      for (let i = 0; i < n; i++) {
        const x = draw();
        sum += x;
        squares += x * x;
      }
      const { low, high } = meanInterval({ n, sum, squares });
      if (low <= 2 / 3 && 2 / 3 <= high) covered++;
    }
    expect(covered / RUNS).toBeGreaterThan(share);
  });

  it('is narrower the less the values vary, and never without width', () => {
    const width = (spread: number): number => {
      const { low, high } = meanInterval({ n: 100, sum: 80, squares: 100 * (0.64 + spread) });
      return high - low;
    };
    expect(width(0.01)).toBeLessThan(width(0.05));
    expect(width(0)).toBeGreaterThan(0);
  });
});
