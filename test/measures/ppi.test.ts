import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type PairSums, ppi, stratifiedPpi } from '../../src/measures/ppi.ts';
import { wilson } from '../../src/measures/wilson.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });

const sums = (y: readonly number[], f: readonly number[], rest: readonly number[]): PairSums => ({
  n: y.length,
  sumY: y.reduce((a, b) => a + b, 0),
  sumYY: y.reduce((a, b) => a + b * b, 0),
  sumF: f.reduce((a, b) => a + b, 0),
  sumFF: f.reduce((a, b) => a + b * b, 0),
  sumYF: y.reduce((a, b, i) => a + b * f[i]!, 0),
  unlabelled: rest.length,
  unlabelledF: rest.reduce((a, b) => a + b, 0),
  unlabelledFF: rest.reduce((a, b) => a + b * b, 0),
});
const labels = fc.array(fc.constantFrom(0, 1), { minLength: 30, maxLength: 80 });

it('lies in [0, 1], and a judge that knows nothing changes nothing', () => {
  fc.assert(
    fc.property(labels, fc.array(share, { minLength: 80, maxLength: 80 }), (y, scores) => {
      const estimate = ppi(sums(y, scores.slice(0, y.length), scores), true)!;
      expect(estimate.low).toBeGreaterThanOrEqual(0);
      expect(estimate.high).toBeLessThanOrEqual(1);
      expect(estimate.low).toBeLessThanOrEqual(estimate.high);
      const constant = ppi(
        sums(
          y,
          y.map(() => 0.5),
          scores.map(() => 0.5),
        ),
        true,
      )!;
      expect(constant.lambda).toBe(0);
      expect(constant.value).toBeCloseTo(y.reduce<number>((a, b) => a + b, 0) / y.length, 12);
    }),
  );
});

it('few labels, equal labels or no other scores: gold alone', () => {
  const few = Array.from({ length: 29 }, (_, i) => i % 2);
  expect(ppi(sums(few, few, few), true)).toMatchObject({
    method: 'gold',
    low: expect.closeTo(wilson(14, 29).low, 12),
    high: expect.closeTo(wilson(14, 29).high, 12),
  });
  const equal = Array<number>(50).fill(1);
  expect(ppi(sums(equal, equal, equal), true)!.method).toBe('gold');
  const many = Array.from({ length: 50 }, (_, i) => i % 2);
  expect(ppi(sums(many, many, []), true)!.method).toBe('gold');
  expect(ppi(sums([0.3], [0.2], []), false)).toMatchObject({ method: 'gold', low: 0, high: 1 });
  expect(ppi(sums([0.3, 0.4, 0.5], [0.2, 0.1, 0.1], []), false)!.low).toBeGreaterThan(0.1);
});

it('a judge alone is a proxy, and nothing is nothing', () => {
  expect(ppi(sums([], [], [0.5, 0.6, 0.7]), true)).toMatchObject({ method: 'proxy', value: expect.closeTo(0.6, 12) });
  expect(ppi(sums([], [], [0.5]), true)).toMatchObject({ method: 'proxy', low: 0, high: 1 });
  expect(ppi(sums([], [], []), true)).toBeNull();
});

it('a judge that follows the labels makes the interval narrower, one that does not says so', () => {
  const y = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 0 : 1));
  const rest = Array.from({ length: 600 }, (_, i) => (i % 3 === 0 ? 0.1 : 0.9));
  const sharp = ppi(
    sums(
      y,
      y.map((v) => 0.1 + 0.8 * v),
      rest,
    ),
    true,
  )!;
  const gold = wilson(40, 60);
  expect(sharp.high - sharp.low).toBeLessThan(0.5 * (gold.high - gold.low));
  expect(sharp.noGain).toBe(false);
  expect(
    ppi(
      sums(
        y,
        y.map((_, i) => (i % 2) / 2),
        rest,
      ),
      true,
    )!.noGain,
  ).toBe(true);
});

it('one stratum is the whole, and weak strata are pooled', () => {
  const y = Array.from({ length: 60 }, (_, i) => (i % 4 === 0 ? 0 : 1));
  const rest = Array.from({ length: 300 }, (_, i) => (i % 3) / 2);
  const one = sums(
    y,
    y.map((v, i) => (v + (i % 3)) / 3),
    rest,
  );
  expect(stratifiedPpi([one])!.value).toBeCloseTo(ppi(one, true)!.value, 12);
  const half = (from: number, to: number) => sums(y.slice(from, to), y.slice(from, to), rest.slice(from * 5, to * 5));
  expect(stratifiedPpi([half(0, 20), half(20, 40), half(40, 60)])!.lambdas).toHaveLength(1);
  expect(stratifiedPpi([sums([1, 1], [1, 1], [1])])).toBeNull();
  expect(stratifiedPpi([])).toBeNull();
});
