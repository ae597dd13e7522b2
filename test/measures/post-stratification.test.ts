import { expect, it } from 'vitest';
import { postStratify, sensitivity } from '../../src/measures/post-stratification.ts';

it('with one stratum the estimate is the share of answers, inside its worst case', () => {
  const result = postStratify([{ population: 100, n: 40, good: 30 }])!;
  expect(result.share).toBe(0.75);
  expect(result.worst).toBeCloseTo(0.3, 12);
  expect(result.best).toBeCloseTo(0.9, 12);
  expect(sensitivity(0.75, 0.6, 0.4)).toBeCloseTo(0.25, 12);
  expect(sensitivity(0.5, 0.6, 0.4)).toBeNull();
});

it('strata with fewer than ten answers are merged, and none is lost', () => {
  const small = postStratify([
    { population: 100, n: 4, good: 2 },
    { population: 50, n: 0, good: 0 },
    { population: 200, n: 100, good: 90 },
  ])!;
  const merged = postStratify([{ population: 350, n: 104, good: 92 }])!;
  expect(small.share).toBeCloseTo(merged.share, 12);
  expect(postStratify([{ population: 10, n: 0, good: 0 }])).toBeNull();
  expect(postStratify([{ population: 10, n: 1, good: 1 }])!.standardError).toBeNull();
  expect(() => postStratify([{ population: 1, n: 2, good: 1 }])).toThrow('n is 2');
});
