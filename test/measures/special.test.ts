import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  betaQuantile,
  binomialCdf,
  binomialQuantile,
  gammaQuantile,
  kolmogorovTail,
  negativeBinomialTail,
  normalQuantile,
  studentQuantile,
} from '../../src/measures/distributions.ts';
import { incompleteBeta, incompleteGamma, incompleteGammaUpper, lnBeta, lnGamma } from '../../src/measures/special.ts';

const shapes = fc.double({ min: -1, max: 5, noNaN: true }).map((e) => 10 ** e);
const shares = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
const close = (got: number, want: number, rel: number): void =>
  expect(Math.abs(got - want)).toBeLessThanOrEqual(rel * Math.max(Math.abs(want), 1e-300));

it('lnGamma of an integer is the logarithm of a factorial', () => {
  let factorial = 0;
  for (let n = 1; n <= 170; n++) {
    expect(Math.abs(lnGamma(n) - factorial)).toBeLessThanOrEqual(1e-14 * Math.max(1, factorial));
    factorial += Math.log(n);
  }
});

it('lnGamma obeys its recurrence, and lnBeta is made of it', () => {
  fc.assert(
    fc.property(shapes, shapes, (x, y) => {
      const scale = Math.abs(lnGamma(x)) + Math.abs(lnGamma(x + 1)) + Math.abs(Math.log(x)) + 1;
      expect(Math.abs(lnGamma(x + 1) - lnGamma(x) - Math.log(x))).toBeLessThanOrEqual(1e-14 * scale);
      const sum = lnGamma(x) + lnGamma(y) - lnGamma(x + y);
      expect(Math.abs(lnBeta(x, y) - sum)).toBeLessThanOrEqual(1e-12 * (Math.abs(lnGamma(x + y)) + 1));
    }),
  );
});

it('the two sides of an incomplete beta and gamma function make one', () => {
  fc.assert(
    fc.property(shapes, shapes, shares, (a, b, x) => {
      expect(incompleteBeta(x, 1 - x, a, b) + incompleteBeta(1 - x, x, b, a)).toBeCloseTo(1, 12);
      expect(incompleteGamma(x * a * 2, a) + incompleteGammaUpper(x * a * 2, a)).toBeCloseTo(1, 12);
    }),
  );
});

it('incomplete beta and gamma with closed forms', () => {
  fc.assert(
    fc.property(shapes, shares, (a, x) => {
      close(incompleteBeta(x, 1 - x, a, 1), x ** a, 1e-11);
      close(incompleteGammaUpper(x * 20, 1), Math.exp(-20 * x), 1e-12);
    }),
  );
});

it('a quantile is the inverse of the distribution function, up to a billion observations', () => {
  fc.assert(
    fc.property(shapes, shapes, fc.double({ min: 0.001, max: 0.999, noNaN: true }), (a, b, p) => {
      // Where x itself is next to 1 its own rounding bounds what can be had: mirrored, it is next to 0.
      const [one, other, q] = a > b ? [b, a, 1 - p] : [a, b, p];
      const x = betaQuantile(q, one, other);
      if (x > 1e-290 && x < 1 - 1e-6) close(incompleteBeta(x, 1 - x, one, other), q, 1e-9);
      const y = gammaQuantile(p, a);
      if (y > 1e-290) close(incompleteGamma(y, a), p, 1e-9);
    }),
  );
  const x = betaQuantile(0.025, 5e8 + 0.5, 5e8 + 0.5);
  close(incompleteBeta(x, 1 - x, 5e8 + 0.5, 5e8 + 0.5), 0.025, 1e-8);
});

it.each([
  [1e-10, -6.361340902404056],
  [0.025, -1.959963984540054],
  [0.8, 0.8416212335729143],
  [1 - 2 ** -53, 8.209536151601387],
])('the normal quantile of %s', (p, z) => {
  close(normalQuantile(p), z, 1e-14);
});

it('Student t is symmetric, and normal in the limit', () => {
  expect(studentQuantile(0.5, 3)).toBe(0);
  close(studentQuantile(0.1, 7), -studentQuantile(0.9, 7), 1e-12);
  // One degree of freedom is Cauchy, two have a closed form.
  close(studentQuantile(0.975, 1), Math.tan(Math.PI * 0.475), 1e-12);
  close(studentQuantile(0.975, 2), 0.95 / Math.sqrt(2 * 0.975 * 0.025), 1e-12);
  close(studentQuantile(0.975, 1e8), normalQuantile(0.975), 1e-7);
});

it('binomial probabilities are those that are summed by hand', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (n, p) => {
      let term = (1 - p) ** n;
      let sum = 0;
      for (let k = 0; k < n; k++) {
        sum += term;
        expect(Math.abs(binomialCdf(k, n, p) - sum)).toBeLessThan(1e-11);
        term *= ((n - k) / (k + 1)) * (p / (1 - p));
      }
      const median = binomialQuantile(0.5, n, p);
      expect(binomialCdf(median, n, p)).toBeGreaterThanOrEqual(0.5);
      expect(median === 0 || binomialCdf(median - 1, n, p) < 0.5).toBe(true);
    }),
    { numRuns: 30 },
  );
});

it('a geometric distribution is negative binomial of size 1', () => {
  close(negativeBinomialTail(4, 1, 0.3), 0.7 ** 5, 1e-13);
  expect(negativeBinomialTail(-1, 1, 0.3)).toBe(1);
});

it('the two series of the Kolmogorov tail meet', () => {
  close(kolmogorovTail(0.6 - 1e-12), kolmogorovTail(0.6 + 1e-12), 1e-10);
  expect(kolmogorovTail(0)).toBe(1);
  expect(kolmogorovTail(0.05)).toBe(1);
});

it.each([
  ['normal quantile of 0', () => normalQuantile(0)],
  ['normal quantile of NaN', () => normalQuantile(Number.NaN)],
  ['beta quantile with a negative shape', () => betaQuantile(0.5, -1, 1)],
  ['lnGamma of 0', () => lnGamma(0)],
  ['a half binomial', () => binomialCdf(1, 2.5, 0.5)],
  ['an infinite shape', () => gammaQuantile(0.5, Infinity)],
])('refused: %s', (_, call) => {
  expect(call).toThrow(RangeError);
});
