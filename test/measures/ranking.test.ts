import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ndcg, precisionAt, reciprocalRank } from '../../src/tally/ranking.ts';

it('is best in the ideal order, and all measures are shares', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 10 }), (rel, k) => {
      const ideal = [...rel].sort((a, b) => b - a);
      const got = ndcg(rel, k);
      if (Math.max(...rel) === 0) expect(got).toBeNull();
      else {
        expect(got!).toBeLessThanOrEqual(1 + 1e-12);
        expect(ndcg(ideal, k)).toBeCloseTo(1, 12);
      }
      expect(precisionAt(rel, k)).toBeLessThanOrEqual(1);
      expect(reciprocalRank(rel, k)).toBeLessThanOrEqual(1);
    }),
  );
});

it('refuses what is no ranking', () => {
  expect(() => ndcg([1], 0)).toThrow('k is 0');
  expect(() => precisionAt([-1], 1)).toThrow('-1');
  expect(() => reciprocalRank([Number.NaN], 1)).toThrow('NaN');
});
