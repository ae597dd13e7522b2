import fc from 'fast-check';
import { expect, it } from 'vitest';
import { delayedNull } from '../../src/measures/completeness.ts';
import { maturityWeight } from '../../src/measures/equal-maturity.ts';
import { type ArrivalCurve, cumulated, meanCompleteness } from '../../src/measures/label-arrivals.ts';
import { labelled } from '../objectives/late-labels.ts';
import { random } from '../random.ts';

const MANY = 1e9;
const steps = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 8, maxLength: 8 });
const curves = fc.tuple(steps, steps).map(([bad, good]): ArrivalCurve => {
  const shares = (of: number[]): number[] => {
    const sums = cumulated(of);
    return sums.map((sum) => sum / sums.at(-1)!);
  };
  return { since: 0, bad: shares(bad), good: shares(good), badLabels: MANY, goodLabels: MANY };
});
const shares = fc.double({ min: 0.001, max: 0.9, noNaN: true });

it('labels of any age stand for as many as hold as many bad ones when all have come', () => {
  fc.assert(
    fc.property(curves, shares, fc.integer({ min: 1, max: 20_000 }), (curve, share, age) => {
      const { bad, good } = meanCompleteness(curve, age, age);
      const come = delayedNull(share, bad, good);
      expect(share * maturityWeight(curve, share, age, age)).toBeCloseTo(come, 6);
    }),
  );
});

it('is 1 when all have come, and a number at any age', () => {
  fc.assert(
    fc.property(curves, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(9000), (curve, share, age) => {
      expect(maturityWeight(curve, share, 10_080, 20_000)).toBeCloseTo(1, 12);
      const weight = maturityWeight(curve, share, 0, age);
      expect(weight).toBeGreaterThan(0);
      expect(weight).toBeLessThan(Infinity);
    }),
  );
  expect(() => maturityWeight({ ...NONE, badLabels: 200 }, 1.1, 0, 5)).toThrow(RangeError);
});

const NONE: ArrivalCurve = {
  since: 0,
  bad: [0, 0, 0, 0, 0, 0, 0, 0, 1],
  good: [0, 0, 0, 0, 0, 0, 0, 0, 1],
  badLabels: 500,
  goodLabels: 500,
};

it('an age by which no label has ever come says nothing against those that do', () => {
  expect(maturityWeight(NONE, 0.1, 0, 10)).toBeCloseTo(1, 10);
});

it('two hours of a healthy version look like weeks of the one before', () => {
  const curve: ArrivalCurve = {
    ...NONE,
    bad: [0, 5, 15, 60, 180, 720, 1440, 4320, 10_080].map((edge) => 1 - 2 ** (-edge / 60)),
    good: [0, 5, 15, 60, 180, 720, 1440, 4320, 10_080].map((edge) => 1 - 2 ** (-edge / 360)),
  };
  const now = 120;
  const come = labelled(random(3), { from: 0, minutes: now, perMinute: 200, badShare: 0.05 }).filter(
    ({ known }) => known < now,
  );
  const bad = come.filter((one) => one.bad).length;
  expect(bad / come.length).toBeGreaterThan(0.15);
  const worth = come.reduce((sum, { event }) => sum + maturityWeight(curve, 0.05, now - event - 1, now - event), 0);
  expect(bad / worth).toBeCloseTo(0.05, 2);
});
