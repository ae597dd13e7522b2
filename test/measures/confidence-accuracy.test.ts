import { describe, expect, it } from 'vitest';
import { estimateCalibration } from '../../src/measures/calibration-estimate.ts';
import { accuracyFromConfidence } from '../../src/measures/confidence-accuracy.ts';
import * as counters from '../../src/tally/counters.ts';
import { sum, type Tally } from '../../src/tally/group.ts';
import { CONFIDENCE_BINS } from '../../src/tally/plan.ts';

const MICRO = 1e6;
const CLOSED = { anyTime: false, minutes: 40_320 };
const bins = Array.from({ length: CONFIDENCE_BINS }, (_, bin) => 100 + bin);
const estimator = accuracyFromConfidence(bins, 13);

/** So many interactions at one confidence, of the labelled ones so many right. */
function stated(confidence: number, n: number, labelled = 0, right = 0): Tally {
  const bin = bins[Math.min(CONFIDENCE_BINS - 1, Math.floor(confidence * CONFIDENCE_BINS))]!;
  const entries: [number, number][] = [
    [counters.COUNT, n],
    [counters.confidenceSum(bin, 'stated'), n],
    [counters.confidenceSum(bin, 'n'), labelled],
    [counters.confidenceSum(bin, 'y'), right],
    [counters.confidenceSum(bin, 'c'), Math.round(confidence * MICRO) * labelled],
    [counters.confidenceSum(bin, 'cc'), Math.round(confidence ** 2 * MICRO) * labelled],
    [counters.confidenceSum(bin, 'cy'), Math.round(confidence * MICRO) * right],
  ];
  return new Map(entries.filter(([, count]) => count > 0));
}

const versions = (...list: { window: Tally; trailing: Tally }[]) => ({
  trailing: new Map(),
  slices: new Map(list.map((one, i) => [500 + i, one])),
});
/** Calibrated: 90 % right where it says 0.92, 60 % where it says 0.62. */
const CALIBRATED = sum([stated(0.92, 400, 400, 368), stated(0.62, 400, 400, 248)]);

describe('accuracy without labels', () => {
  it('reads the confidences of now by what labels have said of them', () => {
    const window = sum([stated(0.92, 900), stated(0.62, 100)]);
    const found = estimator.estimate(window, CLOSED, versions({ window, trailing: CALIBRATED }));
    expect(found).toMatchObject({ status: 'ok', n: 1000, detail: { coveredByReference: 1, labelled: 800 } });
    expect(found.value!).toBeCloseTo(0.9 * 0.92 + 0.1 * 0.62, 2);
    expect(found.low!).toBeLessThan(found.value!);
  });

  it('is not published without 500 labels of the same model version', () => {
    const window = stated(0.92, 1000);
    const few = versions({ window, trailing: stated(0.92, 499, 499, 459) });
    expect(estimator.estimate(window, CLOSED, few)).toMatchObject({ status: 'insufficient', value: null });
    const other = versions({ window, trailing: new Map() }, { window: new Map(), trailing: CALIBRATED });
    const found = estimator.estimate(window, CLOSED, other);
    expect(found).toMatchObject({ status: 'insufficient', value: null });
    expect(found.why).toContain('500 are needed');
  });

  it('is not published where confidence means little, or where its labels are elsewhere', () => {
    const window = stated(0.92, 1000);
    const boastful = versions({ window, trailing: stated(0.92, 800, 800, 600) });
    expect(estimator.estimate(window, CLOSED, boastful)).toMatchObject({ status: 'insufficient', value: null });
    const elsewhere = versions({ window: stated(0.3, 1000), trailing: CALIBRATED });
    expect(estimator.estimate(stated(0.3, 1000), CLOSED, elsewhere).why).toContain('cover');
  });

  it('is not published when more than a twentieth is of versions that nobody has labelled', () => {
    const [known, unknown] = [stated(0.92, 900), stated(0.92, 100)];
    const beside = versions({ window: known, trailing: CALIBRATED }, { window: unknown, trailing: new Map() });
    expect(estimator.estimate(sum([known, unknown]), CLOSED, beside).status).toBe('insufficient');
    const rare = stated(0.92, 30);
    const most = versions({ window: known, trailing: CALIBRATED }, { window: rare, trailing: new Map() });
    expect(estimator.estimate(sum([known, rare]), CLOSED, most).status).toBe('ok');
  });

  it('is over when labels of now say that the same confidence is worth less than before', () => {
    const before = stated(0.92, 2000, 2000, 1840);
    const steady = stated(0.92, 1000, 300, 276);
    const shifted = stated(0.92, 1000, 300, 225);
    const estimate = (window: Tally) =>
      estimator.estimate(window, CLOSED, versions({ window, trailing: sum([before, window]) }));
    expect(estimate(steady).status).toBe('ok');
    expect(estimate(shifted)).toMatchObject({ status: 'insufficient', value: null });
    expect(estimate(shifted).why).toContain('worth less');
  });

  it('is undefined where no confidence is stated', () => {
    expect(estimator.estimate(new Map([[counters.COUNT, 10]]), CLOSED)).toMatchObject({ status: 'undefined', n: 0 });
  });
});

describe('calibration', () => {
  it('is near 0 for a calibrated model, beyond what chance shows, with its Brier score', () => {
    const found = estimateCalibration(CALIBRATED, bins);
    expect(found.value!).toBeLessThan(0.01);
    expect(found.detail!['brier']).toBeCloseTo((400 * (0.92 * 0.08) + 400 * (0.62 * 0.38)) / 800, 3);
  });

  it('says how far off a boastful one is', () => {
    const found = estimateCalibration(stated(0.92, 900, 800, 480), bins);
    expect(found).toMatchObject({ status: 'ok', n: 800, coverage: 800 / 900 });
    expect(found.value!).toBeGreaterThan(0.29);
    expect(found.low!).toBeGreaterThan(0.2);
    expect(found.high!).toBeLessThan(0.4);
  });

  it('is undefined without labels', () => {
    expect(estimateCalibration(stated(0.9, 50), bins)).toMatchObject({ status: 'undefined', value: null });
  });
});
