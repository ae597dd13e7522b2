import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newcombe } from '../../src/measures/difference.ts';
import { PARITY_EVENTS_MIN, parity, together } from '../../src/measures/parity.ts';
import { satisfaction } from '../../src/measures/satisfaction.ts';
import { scored } from '../../src/measures/scores.ts';
import { OTHER } from '../../src/model/dictionary.ts';
import * as counters from '../../src/tally/counters.ts';
import { add, type Tally } from '../../src/tally/group.ts';
import { binomial, random } from '../random.ts';

const UP = counters.feedback('thumbs', 'up');
const DOWN = counters.feedback('thumbs', 'down');
const slice = (value: number, good: number, bad: number) => ({
  value,
  tally: new Map(
    [
      [UP, good],
      [DOWN, bad],
    ].filter(([, n]) => n! > 0) as [number, number][],
  ),
});
const estimator = parity({ isOfScores: false, nameOf: (code) => `tenant ${code}` });
const once = { anyTime: false, minutes: 60 };
const of = (...slices: ReturnType<typeof slice>[]) => estimator.estimate(together(slices, satisfaction), once);

describe('the largest difference between the values of a dimension', () => {
  it('of two is that of Newcombe, and names both', () => {
    const { value, low, high, between, why } = of(slice(20, 180, 20), slice(21, 150, 50));
    const wanted = newcombe(180, 200, 150, 200)!;
    expect(value).toBeCloseTo(wanted.value, 12);
    expect(low).toBeCloseTo(wanted.low, 12);
    expect(high).toBeCloseTo(wanted.high, 12);
    expect([between, why]).toEqual([['tenant 20', 'tenant 21'], 'tenant 20 90.0 %, tenant 21 75.0 %']);
  });

  it('has a wider interval while a calendar window fills, since it is looked at again and again', () => {
    const scores = parity({ isOfScores: true, nameOf: String });
    for (const one of [estimator, scores]) {
      const tally = together([slice(20, 180, 20), slice(21, 150, 50)], satisfaction);
      const [closed, filling] = [false, true].map((anyTime) => one.estimate(tally, { anyTime, minutes: 60 }));
      expect(filling!.value).toBe(closed!.value);
      expect(filling!.high!).toBeGreaterThan(closed!.high!);
      expect(filling!.low!).toBeLessThan(closed!.low!);
    }
  });

  it('names values of unknown origin in one plain line', () => {
    const hostile = parity({ isOfScores: false, nameOf: (code) => `a\n\u202eb${code}` });
    const { why } = hostile.estimate(together([slice(20, 180, 20), slice(21, 150, 50)], satisfaction), once);
    expect(why).toBe('a b20 90.0 %, a b21 75.0 %');
  });

  it('leaves out what is beyond the values told apart, and values of few events', () => {
    const few = PARITY_EVENTS_MIN - 1;
    const { between, n, coverage } = of(
      slice(20, 180, 20),
      slice(21, 150, 50),
      slice(22, 0, few),
      slice(OTHER, 0, 500),
    );
    expect([between, n]).toEqual([['tenant 20', 'tenant 21'], 400]);
    expect(coverage).toBeCloseTo(400 / (900 + few), 12);
    expect(of(slice(20, 180, 20), slice(22, 0, few))).toMatchObject({
      status: 'insufficient',
      value: null,
      why: 'one value alone has 100 events, two are needed to compare',
    });
    expect(of().status).toBe('undefined');
  });

  it('is less sure the more values are looked at', () => {
    const two = of(slice(20, 180, 20), slice(21, 150, 50));
    const five = of(slice(20, 180, 20), slice(21, 150, 50), slice(22, 170, 30), slice(23, 170, 30), slice(24, 170, 30));
    expect(five.value).toBeCloseTo(two.value!, 12);
    expect(five.low!).toBeLessThan(two.low!);
  });

  it('of scores compares their means, surer the less they vary', () => {
    const EVALUATION = 900;
    const scoresOf = (value: number, n: number, mean: number, spread: number) => ({
      value,
      tally: new Map([
        [counters.scores(EVALUATION), n],
        [counters.scoreMicros(EVALUATION), Math.round(n * mean * 1e6)],
        [counters.scoreMicrosSquared(EVALUATION), Math.round(n * (mean ** 2 + spread ** 2) * 1e6)],
      ]),
    });
    const of = (spread: number) => {
      const slices = [scoresOf(20, 200, 0.9, spread), scoresOf(21, 200, 0.8, spread)];
      const means = parity({ isOfScores: true, nameOf: (code) => `tenant ${code}` });
      return means.estimate(together(slices, scored(EVALUATION)), once);
    };
    expect(of(0.1).value).toBeCloseTo(0.1, 6);
    expect(of(0.1).between).toEqual(['tenant 20', 'tenant 21']);
    expect(of(0.1).low!).toBeGreaterThan(0.07);
    expect(of(0.25).low!).toBeLessThan(of(0.1).low!);
  });

  it('its tallies add', () => {
    const parts = fc.array(fc.tuple(fc.integer({ min: 20, max: 23 }), fc.nat(300), fc.nat(300)), { maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (xs, ys) => {
        const one = (list: typeof xs): Tally =>
          list.map((part) => together([slice(...part)], satisfaction)).reduce<Tally>(add, new Map());
        expect(add(one(xs), one(ys))).toEqual(one([...xs, ...ys]));
      }),
    );
  });

  it('between ten values that do not differ is seldom held to be one', () => {
    const next = random(17);
    const RUNS = 1000;
    let wrong = 0;
    for (let run = 0; run < RUNS; run++) {
      const slices = Array.from({ length: 10 }, (_, i) => {
        const bad = binomial(next, 400, 0.1);
        return slice(20 + i, 400 - bad, bad);
      });
      if (of(...slices).low! > 0) wrong++;
    }
    expect(wrong / RUNS).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / RUNS));
  });
});
