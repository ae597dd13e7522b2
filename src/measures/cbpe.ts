import { requireCount, requireOpenShare, requirePart, requirePositive, requireShare } from '../model/numbers.ts';
import { normalWidth } from './distributions.ts';
import { clippedToShare, type Interval, LEVEL } from './interval.ts';
import { meanSequence } from './mean-sequence.ts';

/** Labelled reference events of one confidence bin, of the same model version. */
export interface ReferenceBin {
  readonly n: number;
  readonly correct: number;
  /** Middle of the bin. */
  readonly mid: number;
}

export interface EstimatedAccuracy extends Interval {
  readonly value: number;
  readonly standardError: number;
  /** P(correct | bin), shrunk and made to rise. */
  readonly calibrated: readonly number[];
}

/** Pseudo-observations at the bin's middle. */
const SHRINKAGE = 2;

/**
 * P(correct) of each confidence bin: shrunk towards its middle, then isotonic (pool adjacent violators).
 * @see Ayer et al. (1955), Ann. Math. Stat. 26:641-647; Zadrozny, Elkan (2002), KDD
 */
export function calibrateBins(reference: readonly ReferenceBin[], shrinkage = SHRINKAGE): number[] {
  requirePositive('shrinkage', shrinkage);
  const blocks: { value: number; weight: number; bins: number }[] = [];
  for (const { n, correct, mid } of reference) {
    requirePart('correct', correct, 'n', n);
    requireShare('mid', mid);
    const weight = n + shrinkage;
    let block = { value: (correct + shrinkage * mid) / weight, weight, bins: 1 };
    while (blocks.length > 0 && blocks.at(-1)!.value > block.value) {
      const last = blocks.pop()!;
      const sum = last.weight + block.weight;
      block = {
        value: (last.value * last.weight + block.value * block.weight) / sum,
        weight: sum,
        bins: last.bins + block.bins,
      };
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ value, bins }) => Array<number>(bins).fill(value));
}

/**
 * Accuracy without labels: what the confidences of production say, read through the calibration of the reference. Holds under a shift of
 * inputs only; when the relation of confidence to correctness changes it is wrong without showing it. A heuristic.
 * @param production  events of each bin, in the order of the reference bins
 * @returns null when production has no events
 * @see NannyML, "Confidence-based performance estimation"; Bialek et al. (2024), arXiv:2401.08348
 */
export function estimatedAccuracy(
  reference: readonly ReferenceBin[],
  production: readonly number[],
  level = LEVEL,
  shrinkage = SHRINKAGE,
): EstimatedAccuracy | null {
  requireOpenShare('level', level);
  requireSameBins(reference.length, production.length);
  for (const n of production) requireCount('n', n);
  const total = production.reduce((sum, n) => sum + n, 0);
  if (total === 0) return null;
  const calibrated = calibrateBins(reference, shrinkage);
  let value = 0;
  let variance = 0;
  for (const [b, n] of production.entries()) {
    const p = calibrated[b]!;
    value += (n * p) / total;
    variance += ((n / total) ** 2 * p * (1 - p)) / (reference[b]!.n + shrinkage + 1) + (n * p * (1 - p)) / total ** 2;
  }
  value = Math.min(1, value);
  const standardError = Math.sqrt(variance);
  const half = normalWidth(level) * standardError;
  return { value, standardError, calibrated, ...clippedToShare(value - half, value + half) };
}

function requireSameBins(reference: number, production: number): void {
  if (reference !== production)
    throw new RangeError(`${reference} reference bins, but ${production} of production: the same are needed`);
}

const ECE_MAX = 0.05;
/** Labelled events that confidence is read by, at least. */
export const CBPE_LABELS_MIN = 500;
const BIN_LABELS_MIN = 10;
const MASS_MIN = 0.95;

/** Whether the estimate may be published: a calibrated reference, large enough, that covers where production is. */
export function mayEstimate(
  reference: readonly ReferenceBin[],
  production: readonly number[],
  referenceEceAdjusted: number,
): boolean {
  requireSameBins(reference.length, production.length);
  const total = production.reduce((sum, n) => sum + n, 0);
  const covered = production.reduce((sum, n, b) => sum + (reference[b]!.n >= BIN_LABELS_MIN ? n : 0), 0);
  const labels = reference.reduce((sum, { n }) => sum + n, 0);
  return referenceEceAdjusted <= ECE_MAX && labels >= CBPE_LABELS_MIN && total > 0 && covered >= MASS_MIN * total;
}

/** How far accuracy may lie below what confidence says before its use is over: two points, as a loss. */
const SHIFT_MAX = 0.01;
/** Chance that a calibrated version is ever held to be shifted. */
const SHIFT_ALPHA = 0.001;

/**
 * Whether labels of now show that confidence promises more than it did: losses (1 + c - y) / 2, whose mean is 1/2 where P(y = 1 | bin) is
 * still c. Looked at again and again, hence a confidence sequence.
 * @param labelled    labelled events of now, in the order of the bins
 * @param calibrated  P(correct | bin) by labels of before
 */
export function hasShifted(labelled: readonly ReferenceBin[], calibrated: readonly number[]): boolean {
  requireSameBins(calibrated.length, labelled.length);
  const losses = { n: 0, sum: 0, squares: 0 };
  for (const [b, { n, correct }] of labelled.entries()) {
    requirePart('correct', correct, 'n', n);
    const right = calibrated[b]! / 2;
    const wrong = (1 + calibrated[b]!) / 2;
    losses.n += n;
    losses.sum += correct * right + (n - correct) * wrong;
    losses.squares += correct * right ** 2 + (n - correct) * wrong ** 2;
  }
  return losses.n > 0 && meanSequence(losses, 2 * SHIFT_ALPHA).low > 0.5 + SHIFT_MAX;
}

/** Expected confusion matrix; ratios are null where they have no denominator. */
export interface ExpectedConfusion {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
  readonly trueNegative: number;
  readonly accuracy: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/**
 * @param positive    calibrated P(y = 1) of each bin
 * @param production  events of each bin
 * @param threshold   index of the first bin that is decided positive
 */
export function expectedConfusion(
  positive: readonly number[],
  production: readonly number[],
  threshold: number,
): ExpectedConfusion {
  requireSameBins(positive.length, production.length);
  requireCount('threshold', threshold);
  let truePositive = 0;
  let falsePositive = 0;
  let falseNegative = 0;
  let trueNegative = 0;
  for (const [b, n] of production.entries()) {
    requireCount('n', n);
    const p = positive[b]!;
    if (!(p >= 0 && p <= 1)) throw new RangeError(`P(y = 1) of bin ${b} is ${p}, it lies in [0, 1]`);
    if (b >= threshold) {
      truePositive += n * p;
      falsePositive += n * (1 - p);
    } else {
      falseNegative += n * p;
      trueNegative += n * (1 - p);
    }
  }
  const ratio = (top: number, bottom: number): number | null => (bottom === 0 ? null : Math.min(1, top / bottom));
  const all = truePositive + falsePositive + falseNegative + trueNegative;
  return {
    truePositive,
    falsePositive,
    falseNegative,
    trueNegative,
    accuracy: ratio(truePositive + trueNegative, all),
    precision: ratio(truePositive, truePositive + falsePositive),
    recall: ratio(truePositive, truePositive + falseNegative),
    f1: ratio(2 * truePositive, 2 * truePositive + falsePositive + falseNegative),
  };
}
