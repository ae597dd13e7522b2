import fc from 'fast-check';
import { expect, it } from 'vitest';
import { binnedDrift } from '../../src/measures/drift-statistics.ts';

const histogram = fc.array(fc.nat(500), { minLength: 5, maxLength: 5 });

it('is never negative, and none between a sample and its multiple', () => {
  fc.assert(
    fc.property(histogram, histogram, (current, reference) => {
      const drift = binnedDrift(current, reference, [1, 2, 4, 8, 16]);
      const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
      if (sum(current) === 0 || sum(reference) === 0) {
        expect(drift).toBeNull();
        return;
      }
      for (const [name, value] of Object.entries(drift!))
        if (typeof value === 'number') expect(value, name).toBeGreaterThanOrEqual(0);
      for (const p of [drift!.psiP, drift!.ksP, drift!.chiSquareP, drift!.gP, drift!.jsDistance, drift!.cramersV])
        expect(p).toBeLessThanOrEqual(1 + 1e-12);
      const same = binnedDrift(
        current.map((c) => 3 * c),
        current,
        [1, 2, 4, 8, 16],
      )!;
      expect(same).toMatchObject({ jsBits: expect.closeTo(0, 12), ks: expect.closeTo(0, 12), psiAdjusted: 0 });
    }),
  );
});

it('is the same from either side', () => {
  fc.assert(
    fc.property(histogram, histogram, (a, b) => {
      const one = binnedDrift(a, b);
      const other = binnedDrift(b, a);
      if (one === null || other === null) {
        expect(one).toBe(other);
        return;
      }
      expect(one.psi).toBeCloseTo(other.psi, 9);
      expect(one.jsBits).toBeCloseTo(other.jsBits, 12);
      expect(one.chiSquare).toBeCloseTo(other.chiSquare, 6);
      expect(one.wasserstein).toBeNull();
    }),
  );
});

it('says when counts are too small for its p-values, and refuses what does not fit', () => {
  expect(binnedDrift([1, 1], [100, 100])!.sparse).toBe(true);
  expect(binnedDrift([100, 100], [100, 100])!.sparse).toBe(false);
  expect(() => binnedDrift([1], [1])).toThrow('1 bins now');
  expect(() => binnedDrift([1, 2], [1, 2, 3])).toThrow('3 in the baseline');
  expect(() => binnedDrift([1, 2], [1, 2], [2, 1])).toThrow('do not rise');
  expect(() => binnedDrift([1, -2], [1, 2])).toThrow('current[1] is -2');
});
