import { expect, it } from 'vitest';
import { binomialCdf, binomialQuantile } from '../../src/measures/distributions.ts';

/** Found by `test/measures/hostile.test.ts`, which ran for ever: the middle of two numbers of 2^52 was rounded to the upper one. */
it('a quantile of as many events as can be counted is found', () => {
  const [p, n, share] = [0.9999999999999979, Number.MAX_SAFE_INTEGER, 0.5] as const;
  const k = binomialQuantile(p, n, share);
  expect(binomialCdf(k, n, share)).toBeGreaterThanOrEqual(p);
  expect(binomialCdf(k - 1, n, share)).toBeLessThan(p);
});
