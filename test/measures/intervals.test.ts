import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asymptoticSequence } from '../../src/measures/asymptotic-sequence.ts';
import { mover, newcombe } from '../../src/measures/difference.ts';
import { jeffreys } from '../../src/measures/jeffreys.ts';
import { meanSequence } from '../../src/measures/mean-sequence.ts';
import { quantileInterval, quantileRanks } from '../../src/measures/quantile.ts';
import { shareSequence } from '../../src/measures/share-sequence.ts';
import { wilson, wilsonOfShare } from '../../src/measures/wilson.ts';
import { random } from '../random.ts';

const counts = fc
  .tuple(
    fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 1e9 })),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([n, share]) => ({ n, good: Math.round(n * share) }));

describe.each([
  ['wilson', wilson],
  ['jeffreys', jeffreys],
  ['shareSequence', (good: number, n: number) => shareSequence(good, n)],
])('%s', (name, interval) => {
  it('lies within [0, 1] and holds the observed share', () => {
    fc.assert(
      fc.property(counts, ({ good, n }) => {
        const { low, high } = interval(good, n);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(good / n);
        expect(high).toBeGreaterThanOrEqual(good / n);
        expect(high).toBeLessThanOrEqual(1);
        if (good === 0) expect(low).toBe(0);
        if (good === n) expect(high).toBe(1);
      }),
      { numRuns: 200 },
    );
  });

  it('rises with every further success', () => {
    fc.assert(
      fc.property(counts, ({ good, n }) => {
        fc.pre(good < n && n < 1e6);
        const before = interval(good, n);
        const after = interval(good + 1, n);
        expect(after.low).toBeGreaterThanOrEqual(before.low);
        expect(after.high).toBeGreaterThanOrEqual(before.high);
      }),
    );
  });

  it('seen from the other side it is its own mirror image', () => {
    fc.assert(
      fc.property(counts, ({ good, n }) => {
        const one = interval(good, n);
        const other = interval(n - good, n);
        expect(other.low).toBeCloseTo(1 - one.high, 11);
        expect(other.high).toBeCloseTo(1 - one.low, 11);
      }),
    );
  });

  it('gets narrower when the same share is seen ten times as often', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat(1000), (n, k) => {
        const good = k % (n + 1);
        const few = interval(good, n);
        const many = interval(10 * good, 10 * n);
        expect(many.low).toBeGreaterThanOrEqual(few.low - 1e-12);
        expect(many.high).toBeLessThanOrEqual(few.high + 1e-12);
      }),
    );
  });

  it('knows nothing when there is nothing', () => {
    expect(interval(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it.each([
    [-1, 10],
    [11, 10],
    [Number.NaN, 10],
    [1, Infinity],
    [1, 2 ** 53],
  ])(`refuses ${name} of %s of %s`, (good, n) => {
    expect(() => interval(good, n)).toThrow(RangeError);
  });
});

it('a confidence sequence is wider than an interval for one look', () => {
  fc.assert(
    fc.property(counts, ({ good, n }) => {
      const always = shareSequence(good, n);
      const once = wilson(good, n);
      expect(always.high - always.low).toBeGreaterThanOrEqual(once.high - once.low - 1e-9);
    }),
  );
});

it('the ends of a share sequence are where the wealth of the mixture reaches 1/alpha', () => {
  // s = n = 1: M(p) = B(3/2, 1/2)/B(1/2, 1/2)/p = 1/(2p), so the low end is alpha/2.
  expect(shareSequence(1, 1, 0.05).low).toBeCloseTo(0.025, 14);
  expect(shareSequence(1, 1, 0.001).low).toBeCloseTo(0.0005, 14);
});

const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 });
const sumsOf = (values: readonly number[]) => ({
  n: values.length,
  sum: values.reduce((a, b) => a + b, 0),
  squares: values.reduce((a, b) => a + b * b, 0),
});

/** The definition, grid point by grid point, without any short cut. */
function lowByDefinition(n: number, sum: number, squares: number, threshold: number): number {
  const wealth = (m: number): number => {
    let total = 0;
    for (let j = 0; j < 16; j++) {
      const l = 0.95 * 2 ** -j;
      const chord = sum * Math.log(1 + (l * (1 - m)) / m) + (n - sum) * Math.log(1 - l);
      const psi = -Math.log(1 - l) - l;
      const eb = (l * (sum - n * m)) / m - (psi * (squares - 2 * m * sum + n * m * m)) / (m * m);
      total += Math.exp(Math.max(chord, eb));
    }
    return Math.log(total / 16);
  };
  for (let i = 255; i >= 1; i--) {
    if (wealth((sum / n) * (i / 256)) < threshold) continue;
    let low = (sum / n) * (i / 256);
    let high = (sum / n) * ((i + 1) / 256);
    for (let k = 0; k < 80; k++) {
      const middle = (low + high) / 2;
      if (wealth(middle) >= threshold) low = middle;
      else high = middle;
    }
    return low;
  }
  return 0;
}

it('a mean sequence is what its definition says, in spite of its short cuts', () => {
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 2000 }), (values, times) => {
      const once = sumsOf(values);
      const sums = { n: once.n * times, sum: once.sum * times, squares: once.squares * times };
      const { low, high } = meanSequence(sums);
      const threshold = Math.log(2 / 0.05);
      expect(low).toBeCloseTo(lowByDefinition(sums.n, sums.sum, sums.squares, threshold), 9);
      expect(1 - high).toBeCloseTo(
        lowByDefinition(sums.n, sums.n - sums.sum, sums.n - 2 * sums.sum + sums.squares, threshold),
        9,
      );
      expect(low).toBeLessThanOrEqual(sums.sum / sums.n);
      expect(high).toBeGreaterThanOrEqual(sums.sum / sums.n);
    }),
  );
});

it('a mean sequence is far narrower than a share sequence where scores vary little', () => {
  const { low, high } = meanSequence({ n: 1000, sum: 800, squares: 1000 * (0.8 ** 2 + 0.1 ** 2) });
  expect(high - low).toBeLessThan(0.03);
});

it('sums that are not those of scores in [0, 1] are refused', () => {
  for (const sums of [
    { n: 10, sum: 11, squares: 5 },
    { n: 10, sum: 5, squares: 6 },
    { n: 10, sum: 5, squares: 1 },
    { n: 10, sum: Number.NaN, squares: 1 },
    { n: -1, sum: 0, squares: 0 },
    { n: 10, sum: -1, squares: 0 },
  ])
    expect(() => meanSequence(sums)).toThrow(RangeError);
  // A constant score whose square was rounded up is still one.
  expect(meanSequence({ n: 1e6, sum: 333_333, squares: 111_111 }).low).toBeGreaterThan(0.33);
});

it('both confidence sequences hold the truth at every look in more than 95 of 100 runs', () => {
  const next = random(7);
  let missed = 0;
  for (let run = 0; run < 300; run++) {
    let n = 0;
    let good = 0;
    let miss = false;
    for (let look = 1; look <= 40; look++) {
      for (; n < Math.ceil(1.2 ** look); n++) if (next() < 0.9) good++;
      const share = shareSequence(good, n);
      const mean = meanSequence({ n, sum: good, squares: good });
      miss ||= share.low > 0.9 || share.high < 0.9 || mean.low > 0.9 || mean.high < 0.9;
    }
    if (miss) missed++;
  }
  expect(missed).toBeLessThan(0.05 * 300);
});

it('an effective sample size may be a fraction, the share need not be a ratio', () => {
  const whole = wilson(30, 100);
  const real = wilsonOfShare(0.3, 100);
  expect(real.low).toBeCloseTo(whole.low, 14);
  expect(real.high).toBeCloseTo(whole.high, 14);
  expect(() => wilsonOfShare(1.1, 10)).toThrow('share is 1.1');
  expect(() => wilsonOfShare(0.5, 0)).toThrow('n is 0');
});

it('an asymptotic sequence is symmetric, shrinks with n and is refused without observations', () => {
  const few = asymptoticSequence(0.5, 0.25, 100);
  const many = asymptoticSequence(0.5, 0.25, 10_000);
  expect(few.high - 0.5).toBeCloseTo(0.5 - few.low, 14);
  expect(many.high - many.low).toBeLessThan(few.high - few.low);
  expect(() => asymptoticSequence(0.5, 0.25, 0)).toThrow(RangeError);
  expect(() => asymptoticSequence(0.5, -1, 10)).toThrow(RangeError);
});

it('a difference has an interval that holds it, turns round with its sides, and needs both', () => {
  fc.assert(
    fc.property(counts, counts, (a, b) => {
      const one = newcombe(a.good, a.n, b.good, b.n)!;
      const other = newcombe(b.good, b.n, a.good, a.n)!;
      expect(one.low).toBeLessThanOrEqual(one.value);
      expect(one.high).toBeGreaterThanOrEqual(one.value);
      expect(other.value).toBeCloseTo(-one.value, 12);
      expect(other.low).toBeCloseTo(-one.high, 9);
    }),
  );
  expect(newcombe(0, 0, 3, 5)).toBeNull();
  expect(() => mover({ value: 1, low: 0, high: Infinity }, { value: 1, low: 0, high: 2 })).toThrow('high is Infinity');
});

it('ranks enclose the quantile, and few values leave it open', () => {
  const { low, high } = quantileRanks(1000, 0.9);
  expect(low).toBeLessThan(900);
  expect(high).toBeGreaterThan(900);
  expect(quantileRanks(3, 0.5)).toEqual({ low: 0, high: 4 });
});

it('the interval of a quantile goes outward to the edges of buckets', () => {
  const histogram = {
    zeros: 0,
    buckets: new Map([
      [63, 50],
      [95, 50],
    ]),
  };
  expect(quantileInterval(histogram, 0.25, 0.95)).toEqual({ low: expect.closeTo(2 ** (63 / 32), 12), high: 4 });
  expect(quantileInterval({ zeros: 0, buckets: new Map([[63, 2]]) }, 0.5)).toEqual({ low: null, high: null });
  expect(quantileInterval({ zeros: 100, buckets: new Map() }, 0.5)).toEqual({ low: 0, high: 0 });
});
