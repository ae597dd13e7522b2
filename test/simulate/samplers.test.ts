import { expect, it } from 'vitest';
import { streamOf } from '../../scripts/simulate/random.ts';
import { beta, betaSampler, binomial, gamma, poissonSampler, type Sampler } from '../../scripts/simulate/samplers.ts';
import { Traffic } from '../../scripts/simulate/traffic.ts';
import { binomialCdf, chiSquareTail } from '../../src/measures/distributions.ts';
import { incompleteBeta, incompleteGamma, incompleteGammaUpper } from '../../src/measures/special.ts';

const DRAWS = 20_000;

/** p-value of a chi-square test that the draws have this distribution function, over cells that hold five or more. */
function agreement(sampler: Sampler, cdf: (x: number) => number, cuts: readonly number[], seed: string): number {
  const random = streamOf(1, seed);
  const seen = new Float64Array(cuts.length + 1);
  for (let i = 0; i < DRAWS; i++) {
    const x = sampler(random);
    const cell = cuts.findIndex((cut) => x <= cut);
    seen[cell === -1 ? cuts.length : cell]!++;
  }
  const upTo = [...cuts.map(cdf), 1];
  let chiSquare = 0;
  let cells = 0;
  for (const [i, count] of seen.entries()) {
    const expected = DRAWS * (upTo[i]! - (upTo[i - 1] ?? 0));
    if (expected < 5) continue;
    chiSquare += (count - expected) ** 2 / expected;
    cells++;
  }
  return chiSquareTail(chiSquare, cells - 1);
}

const upTo = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const tenths = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

it.each([
  [3, 0.2],
  [100, 0.05],
  [1000, 0.3],
  [1000, 0.97],
  [40, 0.5],
])('binomial(%s, %s) has its distribution', (n, p) => {
  const middle = Math.round(n * p);
  const cuts = upTo(Math.max(0, middle - 40), Math.min(n - 1, middle + 40));
  expect(
    agreement(
      (random) => binomial(random, n, p),
      (k) => binomialCdf(k, n, p),
      cuts,
      `${n} ${p}`,
    ),
  ).toBeGreaterThan(1e-3);
});

it.each([0.05, 0.9, 10, 1000])('poisson(%s) has its distribution', (mean) => {
  const middle = Math.round(mean);
  const cuts = upTo(Math.max(0, middle - 90), middle + 90);
  expect(agreement(poissonSampler(mean), (k) => incompleteGammaUpper(mean, k + 1), cuts, `${mean}`)).toBeGreaterThan(
    1e-3,
  );
});

it.each([
  [0.3, 0.1],
  [12, 3],
  [1.4, 8.6],
])('beta(%s, %s) has its distribution, by either way', (a, b) => {
  const cdf = (x: number): number => incompleteBeta(x, 1 - x, a, b);
  expect(agreement((random) => beta(random, a, b), cdf, tenths, `${a} ${b}`)).toBeGreaterThan(1e-3);
  expect(agreement(betaSampler(a, b), cdf, tenths, `${a} ${b} table`)).toBeGreaterThan(1e-3);
});

it('gamma has its distribution', () => {
  for (const shape of [0.2, 1, 7.5])
    expect(
      agreement(
        (random) => gamma(random, shape),
        (x) => incompleteGamma(x, shape),
        upTo(1, 15).map((k) => (k * shape) / 5),
        `gamma ${shape}`,
      ),
    ).toBeGreaterThan(1e-3);
});

it.each([
  { rate: 0.2, rho: 0 },
  { rate: 10, rho: 0 },
  { rate: 10, rho: 0.1 },
])('traffic has its rate, its share of bad events, and their correlation: %o', ({ rate, rho }) => {
  const share = 0.2;
  const minutes = 60_000;
  const traffic = new Traffic(streamOf(2, rate, rho), { rate, share, rho });
  let n = 0;
  let bad = 0;
  let pairs = 0;
  let badPairs = 0;
  while (traffic.next(minutes)) {
    n += traffic.n;
    bad += traffic.bad;
    pairs += traffic.n * (traffic.n - 1);
    badPairs += traffic.bad * (traffic.bad - 1);
  }
  expect(n / minutes / rate).toBeCloseTo(1, 1);
  expect(bad / n).toBeCloseTo(share, 2);
  // Two events of a minute are both bad with probability p^2 + rho p (1 - p).
  expect(badPairs / pairs).toBeCloseTo(share ** 2 + rho * share * (1 - share), 2);
});

it('streams of neighbouring replicates have nothing in common, and the same path is the same stream', () => {
  const draw = (...path: (string | number)[]): number[] => {
    const random = streamOf(7, ...path);
    return Array.from({ length: 2000 }, random);
  };
  expect(draw('A', 1, 2)).toEqual(draw('A', 1, 2));
  const one = draw('A', 1, 2);
  const other = draw('A', 1, 3);
  const covariance = one.reduce((sum, x, i) => sum + (x - 0.5) * (other[i]! - 0.5), 0) / one.length;
  // A correlation of 2000 independent pairs has a standard error of 0.022.
  expect(Math.abs(covariance * 12)).toBeLessThan(0.1);
});
