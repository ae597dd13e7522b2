import { normalWidth } from './distributions.ts';
import { binnedDrift } from './drift-statistics.ts';
import { type Interval, LEVEL } from './interval.ts';

/** Adjusted PSI with its interval. */
export interface DriftEstimate extends Interval {
  readonly value: number;
}

const SMOOTHING = 0.5;

/**
 * How far counts of now are from those of the baseline: PSI less what it shows without drift. The interval is asymptotic: the delta method
 * in both sides, and beside it the variance that PSI has without drift, where the first vanishes.
 * @returns null when one side has no events
 * @see Yurdakul, Naranjo (2020), J. Risk Model Valid. 14(4)
 */
export function driftEstimate(current: readonly number[], reference: readonly number[]): DriftEstimate | null {
  const drift = binnedDrift(current, reference);
  if (drift === null) return null;
  const bins = current.length;
  const n = current.reduce((sum, count) => sum + count, 0);
  const m = reference.reduce((sum, count) => sum + count, 0);
  let [meanP, squareP, meanQ, squareQ] = [0, 0, 0, 0];
  for (let b = 0; b < bins; b++) {
    const p = (current[b]! + SMOOTHING) / (n + SMOOTHING * bins);
    const q = (reference[b]! + SMOOTHING) / (m + SMOOTHING * bins);
    const byP = Math.log(p / q) + 1 - q / p;
    const byQ = -Math.log(p / q) + 1 - p / q;
    meanP += p * byP;
    squareP += p * byP * byP;
    meanQ += q * byQ;
    squareQ += q * byQ * byQ;
  }
  const inverse = 1 / n + 1 / m;
  const variance =
    Math.max(0, squareP - meanP * meanP) / n +
    Math.max(0, squareQ - meanQ * meanQ) / m +
    2 * (bins - 1) * inverse * inverse;
  const half = normalWidth(LEVEL) * Math.sqrt(variance);
  const value = drift.psiAdjusted;
  return { value, low: Math.max(0, value - half), high: value + half };
}
