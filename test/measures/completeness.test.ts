import fc from 'fast-check';
import { expect, it } from 'vitest';
import { completedShare, delayedNull, labelArrival } from '../../src/measures/completeness.ts';

it('rises with the delay to 1, and a factor that nobody saw leaves what is below it open', () => {
  const cohorts = fc.array(
    fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 5, maxLength: 5 }).map((steps) => {
      let sum = 0;
      return steps.map((s) => {
        sum += s;
        return sum;
      });
    }),
    { minLength: 1, maxLength: 10 },
  );
  fc.assert(
    fc.property(cohorts, (cumulative) => {
      const { completeness } = labelArrival(
        cumulative,
        cumulative.map(() => 4),
      );
      for (let k = 1; k < 5; k++) expect(completeness[k]!).toBeGreaterThanOrEqual(completeness[k - 1]!);
      expect(completeness[4]).toBe(1);
    }),
  );
  expect(labelArrival([[0, 0, 5]], [2])).toEqual({ factors: [null, null], completeness: [null, null, 1] });
  expect(labelArrival([[4, 8, null]], [1])).toEqual({ factors: [2, null], completeness: [null, null, 1] });
  expect(() => labelArrival([[1, null]], [1])).toThrow('labels of cohort 0 at edge 1');
  expect(() => labelArrival([[1]], [])).toThrow('1 cohorts');
});

it('classes that are equally late change neither the null nor the share', () => {
  fc.assert(
    fc.property(
      fc.nat(100),
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0.05, max: 1, noNaN: true }),
      (bad, good, g) => {
        expect(delayedNull(0.1, g, g)).toBeCloseTo(0.1, 12);
        expect(completedShare(bad, good, g, g)!.share).toBeCloseTo(bad / (bad + good), 12);
      },
    ),
  );
  expect(completedShare(0, 0, 1, 1)).toBeNull();
  expect(completedShare(1, 1, 0.04, 1)).toBeNull();
  expect(() => delayedNull(0.1, 0, 0)).toThrow(RangeError);
  expect(() => completedShare(-1, 1, 1, 1)).toThrow('bad is -1');
});
