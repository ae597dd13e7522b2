import { expect, it } from 'vitest';
import { estimateCalibration } from '../../src/measures/calibration-estimate.ts';
import { accuracyFromConfidence } from '../../src/measures/confidence-accuracy.ts';
import * as counters from '../../src/tally/counters.ts';
import { sum, type Tally } from '../../src/tally/group.ts';
import { CONFIDENCE_BINS } from '../../src/tally/plan.ts';
import { random } from '../random.ts';

const MICRO = 1e6;
const [CLOSED, FILLING] = [
  { anyTime: false, minutes: 1440 },
  { anyTime: true, minutes: 1440 },
];
const bins = Array.from({ length: CONFIDENCE_BINS }, (_, bin) => 100 + bin);

/** One labelled interaction that stated a confidence of 0.775. */
function stated(isRight: boolean): Tally {
  const bin = bins[15]!;
  const entries: [number, number][] = [
    [counters.COUNT, 1],
    [counters.confidenceSum(bin, 'stated'), 1],
    [counters.confidenceSum(bin, 'n'), 1],
    [counters.confidenceSum(bin, 'y'), isRight ? 1 : 0],
    [counters.confidenceSum(bin, 'c'), 0.775 * MICRO],
    [counters.confidenceSum(bin, 'cc'), Math.round(0.775 ** 2 * MICRO)],
    [counters.confidenceSum(bin, 'cy'), isRight ? 0.775 * MICRO : 0],
  ];
  return new Map(entries.filter(([, n]) => n > 0));
}
const many = (n: number, share: number, next: () => number): Tally =>
  sum(Array.from({ length: n }, () => stated(next() < share)));

/** Both showed, in windows of the calendar too, the interval that holds at one look. */
it('while a window fills, the interval of a calibration is wider, and there is none below a hundred labels', () => {
  const tally = many(2000, 0.6, random(3));
  const once = estimateCalibration(tally, bins, CLOSED);
  const again = estimateCalibration(tally, bins, FILLING);
  expect(again.value).toBe(once.value);
  expect(again.high! - again.low!).toBeGreaterThan(1.3 * (once.high! - once.low!));
  const few = many(99, 0.6, random(3));
  expect(estimateCalibration(few, bins, CLOSED).status).toBe('ok');
  expect(estimateCalibration(few, bins, FILLING)).toMatchObject({
    status: 'insufficient',
    value: null,
    low: null,
    why: '99 labels, 100 are needed while a calendar window fills',
  });
});

it('looked at after every twenty-fifth label, it misses the truth in few runs, where that of one look misses it in many', () => {
  const TRUE_SHARE = 0.6;
  const truth = 0.775 - TRUE_SHARE;
  const RUNS = 60;
  const missed = { once: 0, again: 0 };
  const next = random(11);
  for (let run = 0; run < RUNS; run++) {
    const ever = { once: false, again: false };
    let tally: Tally = many(100, TRUE_SHARE, next);
    for (let n = 100; n <= 2000; n += 25) {
      for (const [name, looks] of [
        ['once', CLOSED],
        ['again', FILLING],
      ] as const) {
        const { low, high } = estimateCalibration(tally, bins, looks);
        ever[name] ||= truth < low! || truth > high!;
      }
      tally = sum([tally, many(25, TRUE_SHARE, next)]);
    }
    if (ever.once) missed.once++;
    if (ever.again) missed.again++;
  }
  expect(missed.again / RUNS).toBeLessThanOrEqual(0.1);
  expect(missed.once).toBeGreaterThan(missed.again);
});

it('accuracy from confidence bears it too', () => {
  const estimator = accuracyFromConfidence(bins, 13);
  const trailing = many(1000, 0.775, random(5));
  const window = (n: number): Tally =>
    new Map([
      [counters.COUNT, n],
      [counters.confidenceSum(bins[15]!, 'stated'), n],
    ]);
  const of = (n: number, looks: typeof CLOSED) =>
    estimator.estimate(window(n), looks, {
      trailing: new Map(),
      slices: new Map([[500, { window: window(n), trailing }]]),
    });
  const [once, again] = [of(1000, CLOSED), of(1000, FILLING)];
  expect([once.status, again.status, again.value]).toEqual(['ok', 'ok', once.value]);
  expect(again.high! - again.low!).toBeGreaterThan(1.3 * (once.high! - once.low!));
  expect(of(99, CLOSED).status).toBe('ok');
  expect(of(99, FILLING)).toMatchObject({ status: 'insufficient', value: null });
});
