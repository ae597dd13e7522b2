import fc from 'fast-check';
import { expect, it } from 'vitest';
import { benjaminiHochberg, eBenjaminiHochberg } from '../../src/measures/multiplicity.ts';

const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });

it('what is rejected are the smallest p-values, and as many as their own bound allows', () => {
  fc.assert(
    fc.property(pValues, (p) => {
      const rejected = benjaminiHochberg(p, 0.05);
      const k = rejected.filter(Boolean).length;
      for (const [i, value] of p.entries()) expect(rejected[i]).toBe(k > 0 && value <= (k * 0.05) / p.length);
    }),
  );
});

it('rejecting by e-values is rejecting by their inverses as p-values', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 10_000 }), { maxLength: 30 }), (e) => {
      expect(eBenjaminiHochberg(e, 0.0499)).toEqual(
        benjaminiHochberg(
          e.map((value) => 1 / value),
          0.0499,
        ),
      );
    }),
  );
});

it('an empty list rejects nothing, an infinite e-value is rejected', () => {
  expect(benjaminiHochberg([], 0.05)).toEqual([]);
  expect(eBenjaminiHochberg([], 0.05)).toEqual([]);
  expect(eBenjaminiHochberg([Infinity, 1], 0.05)).toEqual([true, false]);
});

it('what is neither is refused', () => {
  expect(() => benjaminiHochberg([0.5, Number.NaN], 0.05)).toThrow('NaN');
  expect(() => benjaminiHochberg([1.5], 0.05)).toThrow('1.5');
  expect(() => eBenjaminiHochberg([-1], 0.05)).toThrow('-1');
  expect(() => eBenjaminiHochberg([1], 0)).toThrow('alpha is 0');
});
