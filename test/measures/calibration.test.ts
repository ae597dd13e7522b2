import fc from 'fast-check';
import { expect, it } from 'vitest';
import { brier, calibration } from '../../src/measures/calibration.ts';
import { calibrateBins, estimatedAccuracy, expectedConfusion, mayEstimate } from '../../src/measures/cbpe.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });

const bins = fc.array(
  fc.tuple(fc.nat(200), share, share).map(([n, c, a]) => ({ n, sumConfidence: n * c, correct: Math.floor(n * a) })),
  { minLength: 20, maxLength: 20 },
);

it('errors are shares, the adjusted one is never the larger, and groups hold a tenth each', () => {
  fc.assert(
    fc.property(bins, (list) => {
      const result = calibration(list);
      if (result === null) {
        expect(list.every(({ n }) => n === 0)).toBe(true);
        return;
      }
      expect(result.ece).toBeLessThanOrEqual(result.mce + 1e-12);
      expect(result.mce).toBeLessThanOrEqual(1);
      expect(result.eceAdjusted).toBeLessThanOrEqual(result.ece);
      expect(result.adaptiveEce).toBeLessThanOrEqual(result.ece + 1e-12);
      expect(result.adaptiveGroups).toBeLessThanOrEqual(10);
      expect(result.resolution).toBeLessThanOrEqual(result.uncertainty + 1e-12);
    }),
  );
});

it('a Brier score is the mean squared distance', () => {
  const c = [0.9, 0.2, 0.6];
  const y = [1, 0, 0];
  const sums = {
    n: 3,
    sumCC: c.reduce((a, b) => a + b * b, 0),
    sumCY: c.reduce((a, b, i) => a + b * y[i]!, 0),
    sumY: 1,
  };
  expect(brier(sums)).toBeCloseTo((0.01 + 0.04 + 0.36) / 3, 12);
  expect(brier({ n: 0, sumCC: 0, sumCY: 0, sumY: 0 })).toBeNull();
  expect(() => brier({ ...sums, sumCC: Number.NaN })).toThrow('sumCC is NaN');
});

it('calibrated bins rise, keep the mean, and stay as they are when they rose', () => {
  const reference = fc
    .array(fc.tuple(fc.nat(100), share), { minLength: 1, maxLength: 20 })
    .map((bins) => bins.map(([n, a], i) => ({ n, correct: Math.floor(n * a), mid: (i + 0.5) / 20 })));
  fc.assert(
    fc.property(reference, (list) => {
      const calibrated = calibrateBins(list);
      for (let b = 1; b < calibrated.length; b++) expect(calibrated[b]!).toBeGreaterThanOrEqual(calibrated[b - 1]!);
      const total = (value: (b: number) => number) => list.reduce((sum, bin, b) => sum + (bin.n + 2) * value(b), 0);
      expect(total((b) => calibrated[b]!)).toBeCloseTo(
        total((b) => (list[b]!.correct + 2 * list[b]!.mid) / (list[b]!.n + 2)),
        8,
      );
    }),
  );
});

it('an accuracy is estimated only from what production did, and published only when the reference bears it', () => {
  const reference = [
    { n: 300, correct: 60, mid: 0.25 },
    { n: 300, correct: 270, mid: 0.75 },
  ];
  expect(estimatedAccuracy(reference, [0, 0])).toBeNull();
  expect(estimatedAccuracy(reference, [0, 100])!.value).toBeCloseTo(271.5 / 302, 12);
  expect(() => estimatedAccuracy(reference, [1])).toThrow('2 reference bins');
  expect(mayEstimate(reference, [10, 10], 0.04)).toBe(true);
  expect(mayEstimate(reference, [10, 10], 0.06)).toBe(false);
  expect(mayEstimate(reference, [0, 0], 0.04)).toBe(false);
  expect(mayEstimate([{ n: 5, correct: 1, mid: 0.25 }, ...reference.slice(1)], [10, 10], 0.01)).toBe(false);
});

it('a confusion matrix adds up, and ratios without denominator are open', () => {
  const { truePositive, falsePositive, falseNegative, trueNegative } = expectedConfusion([0.2, 0.9], [10, 20], 1);
  expect(truePositive + falsePositive + falseNegative + trueNegative).toBeCloseTo(30, 12);
  expect(expectedConfusion([0.2], [0], 0)).toMatchObject({ accuracy: null, precision: null, recall: null, f1: null });
  expect(() => expectedConfusion([1.2], [1], 0)).toThrow('P(y = 1) of bin 0 is 1.2');
});
