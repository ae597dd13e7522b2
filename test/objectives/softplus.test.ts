import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lnOnePlusExp } from '../../src/objectives/softplus.ts';

/** By the functions of the standard library. */
const expected = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

it('is ln(1 + e^x) to 1e-14', () => {
  fc.assert(
    fc.property(fc.double({ min: -60, max: 60, noNaN: true }), (x) => {
      expect(Math.abs(lnOnePlusExp(x) - expected(x))).toBeLessThan(1e-14 * Math.max(1, Math.abs(x)));
    }),
    { numRuns: 2000 },
  );
});

it('has no steps at the edges of its series', () => {
  for (let edge = -320; edge <= 320; edge++)
    for (const x of [edge / 8 - 1e-12, edge / 8, edge / 8 + 1e-12])
      expect(Math.abs(lnOnePlusExp(x) - expected(x))).toBeLessThan(1e-14 * Math.max(1, Math.abs(x)));
});

it('overflows nowhere', () => {
  expect(lnOnePlusExp(-Infinity)).toBe(0);
  expect(lnOnePlusExp(1e308)).toBe(1e308);
  expect(lnOnePlusExp(Infinity)).toBe(Infinity);
});
