import fc from 'fast-check';
import { expect, it } from 'vitest';
import { completedShare } from '../../src/measures/completeness.ts';
import {
  type ArrivalCurve,
  arrivalCurve,
  type Cohort,
  countLabels,
  cumulated,
  meanCompleteness,
} from '../../src/measures/label-arrivals.ts';
import { type AgeGroup, matured } from '../../src/measures/maturity.ts';
import { DELAY_EDGES_MINUTES } from '../../src/tally/delay.ts';
import { labelled, minutesOf } from '../objectives/late-labels.ts';
import { random } from '../random.ts';

const TODAY = 20_000;
const DAY = 1440;

/** Cohorts of the days before TODAY as known when it begins. */
function cohortsOf(days: number, perMinute: number, badShare: number, seed = 1): Cohort[] {
  const from = (TODAY - days) * DAY;
  const labels = labelled(random(seed), { from, minutes: days * DAY, perMinute, badShare });
  const cohorts: Cohort[] = [];
  for (const { minute, delays } of minutesOf(labels, TODAY * DAY - 1))
    countLabels(cohorts, Math.floor(minute / DAY), delays!);
  return cohorts;
}

const arrived = (median: number, age: number): number => 1 - 2 ** (-age / median);

it('finds how late the labels of either class come, though those of the newest days are still coming', () => {
  const curve = arrivalCurve(cohortsOf(28, 1, 0.1), TODAY)!;
  expect(curve.since).toBe(TODAY);
  for (const [k, edge] of DELAY_EDGES_MINUTES.entries()) {
    // Labels come within the minute that they come in: half a minute later on average.
    expect(curve.bad[k]!).toBeCloseTo(arrived(60, edge), 1);
    expect(curve.good[k]!).toBeCloseTo(arrived(360, edge), 1);
  }
  expect([curve.bad[0], curve.bad.at(-1), curve.good[0], curve.good.at(-1)]).toEqual([0, 1, 0, 1]);
});

it('is not known with fewer than 200 labels of a class, nor before a day is eight days old', () => {
  expect(arrivalCurve(cohortsOf(28, 1, 0.001), TODAY)).toBeNull();
  expect(arrivalCurve(cohortsOf(7, 1, 0.1), TODAY)).toBeNull();
  expect(arrivalCurve(cohortsOf(9, 1, 0.1), TODAY)).not.toBeNull();
  expect(arrivalCurve([], TODAY)).toBeNull();
});

it('is 0 by the edges at which no label has ever come, and forgets days of more than 28 days ago', () => {
  const cohorts: Cohort[] = [];
  for (let day = TODAY - 40; day < TODAY; day++) {
    // Long ago all came at once.
    const bucket = day < TODAY - 28 ? 0 : 5;
    countLabels(cohorts, day, [{ bucket, daysBack: 0, n: 50, bad: 20 }]);
  }
  const curve = arrivalCurve(cohorts, TODAY)!;
  expect(curve.good).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1]);
  expect(curve.bad).toEqual(curve.good);
  expect([curve.badLabels, curve.goodLabels]).toEqual([28 * 20, 28 * 30]);
});

const curves = fc
  .tuple(...[0, 1].map(() => fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 8, maxLength: 8 })))
  .filter(([bad, good]) => bad!.some((n) => n > 0) && good!.some((n) => n > 0))
  .map(([bad, good]): ArrivalCurve => {
    const shares = (steps: number[]): number[] => {
      const sums = cumulated(steps);
      return sums.map((sum) => sum / sums.at(-1)!);
    };
    return { since: 0, bad: shares(bad!), good: shares(good!), badLabels: 1000, goodLabels: 1000 };
  });

const counts = (n: number, bad: number, eligible = n): AgeGroup['counts'] => ({ n, bad, eligible, hidden: 0 });

it('the mean completeness over ages lies between those of its ends, and grows with the age', () => {
  fc.assert(
    fc.property(curves, fc.nat(12_000), fc.nat(12_000), (curve, a, b) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      const mean = meanCompleteness(curve, from, to);
      expect(mean.bad).toBeGreaterThanOrEqual(meanCompleteness(curve, from, from).bad - 1e-12);
      expect(mean.bad).toBeLessThanOrEqual(meanCompleteness(curve, to, to).bad + 1e-12);
      if (from >= 10_080) expect(mean).toEqual({ bad: 1, good: 1 });
    }),
  );
});

it('of interactions of one age the corrected share is that of the formula', () => {
  fc.assert(
    fc.property(curves, fc.constantFrom(5, 60, 720, 4320), fc.nat(50), fc.nat(200), (curve, age, bad, good) => {
      const complete = meanCompleteness(curve, age, age);
      const expected = completedShare(bad, good, complete.bad, complete.good);
      const { adjusted, maturity } = matured([{ counts: counts(bad + good, bad, 1000), from: age, to: age }], curve);
      expect(adjusted === undefined).toBe(expected === null);
      if (expected === null) return;
      expect(adjusted!.value).toBeCloseTo(1 - expected.share, 10);
      expect(adjusted!.low).toBeLessThanOrEqual(adjusted!.value);
      expect(adjusted!.high).toBeGreaterThanOrEqual(adjusted!.value);
      const lowest = Math.min(complete.bad, complete.good);
      expect(maturity!).toBeGreaterThanOrEqual(lowest - 1e-12);
      expect(maturity!).toBeLessThanOrEqual(Math.max(complete.bad, complete.good) + 1e-12);
    }),
  );
});

it('corrects the first hours of a healthy version, of which bad labels come first', () => {
  const curve = arrivalCurve(cohortsOf(28, 2, 0.1), TODAY)!;
  const from = TODAY * DAY;
  const now = from + 480;
  const labels = labelled(random(7), { from, minutes: 480, perMinute: 20, badShare: 0.05 });
  const groups = [0, 5, 15, 60, 180].map((age, k): AgeGroup => {
    const to = [5, 15, 60, 180, 480][k]!;
    const mine = labels.filter(({ event }) => event >= now - to && event < now - age);
    const come = mine.filter(({ known }) => known < now);
    return { counts: counts(come.length, come.filter(({ bad }) => bad).length, mine.length), from: age, to };
  });
  const n = groups.reduce((sum, { counts: { n: some } }) => sum + some, 0);
  const bad = groups.reduce((sum, { counts: { bad: some } }) => sum + some, 0);
  expect(1 - bad / n).toBeLessThan(0.9);
  const { maturity, adjusted } = matured(groups, curve);
  expect(maturity).toBeCloseTo(n / labels.length, 1);
  expect(adjusted!.value).toBeCloseTo(0.95, 1.5);
  expect(adjusted!.low).toBeLessThan(0.95);
  expect(adjusted!.high).toBeGreaterThan(0.95);
});

it('says nothing of what it does not know', () => {
  expect(matured([{ counts: counts(10, 1), from: 0, to: 60 }], null)).toEqual({ maturity: null });
  const curve = arrivalCurve(cohortsOf(28, 1, 0.1), TODAY)!;
  expect(matured([], curve)).toEqual({ maturity: null });
  // Too young: one label would stand for more than twenty.
  expect(matured([{ counts: counts(1, 1, 100), from: 0, to: 1 }], curve).adjusted).toBeUndefined();
  expect(matured([{ counts: counts(90, 9, 100), from: 20_000, to: 30_000 }], curve)).toMatchObject({
    maturity: 1,
    adjusted: { value: 0.9 },
  });
});
