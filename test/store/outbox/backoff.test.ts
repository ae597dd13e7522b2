import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BACKOFF_CAP_MS, backoffMs, RETRY_AFTER_CAP_MS } from '../../../src/store/outbox/backoff.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

it('waits anything up to 1 s, 2 s, 4 s ... 15 min', () => {
  const most = 1 - Number.EPSILON;
  expect([1, 2, 3, 10, 11, 12, 1000].map((n) => backoffMs(n, most))).toEqual([
    999, 1999, 3999, 511_999, 899_999, 899_999, 899_999,
  ]);
  expect(backoffMs(5, 0)).toBe(0);
});

it('is never shorter than asked for, never longer than 15 min or the hour that is believed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), random, fc.nat(10 * RETRY_AFTER_CAP_MS), (attempts, r, after) => {
      const wait = backoffMs(attempts, r, after);
      expect(wait).toBeGreaterThanOrEqual(Math.min(after, RETRY_AFTER_CAP_MS));
      expect(wait).toBeLessThanOrEqual(Math.max(BACKOFF_CAP_MS, Math.min(after, RETRY_AFTER_CAP_MS)));
      expect(Number.isInteger(wait)).toBe(true);
    }),
  );
});

it.each([
  [0, 0.5],
  [Number.NaN, 0.5],
  [1, 1],
  [1, -0.1],
  [1, Number.NaN],
])('refuses %d attempts with the random number %d', (attempts, r) => {
  expect(() => backoffMs(attempts, r)).toThrow(RangeError);
});
