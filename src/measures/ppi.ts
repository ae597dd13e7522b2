import { requireCount, requireOpenShare } from '../model/numbers.ts';
import { normalWidth, studentQuantile } from './distributions.ts';
import { clippedToShare, type Interval, LEVEL } from './interval.ts';
import { requireScoreSums } from './mean-sequence.ts';
import { wilsonOfShare } from './wilson.ts';

/** Sums over n events that have both a gold label y and a judge's score f, and over others, scored but not labelled. */
export interface PairSums {
  readonly n: number;
  readonly sumY: number;
  readonly sumYY: number;
  readonly sumF: number;
  readonly sumFF: number;
  readonly sumYF: number;
  readonly unlabelled: number;
  readonly unlabelledF: number;
  readonly unlabelledFF: number;
}

/**
 * `ppi`: gold labels, made sharper by the judge. `gold`: gold labels alone, because the judge can't help. `proxy`: no gold label at all, the
 * judge's mean, which is never called accuracy.
 */
export type PpiMethod = 'ppi' | 'gold' | 'proxy';

export interface PpiEstimate extends Interval {
  readonly method: PpiMethod;
  readonly value: number;
  /** How much the judge is trusted, 0..1. */
  readonly lambda: number;
  readonly standardError: number | null;
  /** Variance due to the gold labels and due to the scores. */
  readonly goldVariance: number | null;
  readonly scoreVariance: number | null;
  /** Independent gold labels the estimate is worth; null for labels that are not yes or no. */
  readonly effectiveN: number | null;
  /** The judge follows the labels too loosely to make the interval narrower; it stays valid. */
  readonly noGain: boolean;
}

/** Below this many gold labels the interval of the corrected mean covers too little: gold alone. */
export const GOLD_MIN = 30;
const DESIGN_EFFECT_MAX = 2;
/** Rounding of the single products. */
const SLACK = 4e-6;

const clipped = (share: number): number => Math.min(1, Math.max(0, share));

function requireSums(sums: PairSums): void {
  requireCount('n', sums.n);
  requireCount('unlabelled', sums.unlabelled);
  const { n, sumY, sumF, sumYF } = sums;
  requireScoreSums({ n, sum: sumY, squares: sums.sumYY });
  requireScoreSums({ n, sum: sumF, squares: sums.sumFF });
  requireScoreSums({ n: sums.unlabelled, sum: sums.unlabelledF, squares: sums.unlabelledFF });
  // A product of two values in [0, 1] is at most either, and at least what their sum has above 1.
  const slack = SLACK * (n + 1);
  if (!(sumYF >= Math.max(0, sumY + sumF - n) - slack && sumYF <= Math.min(sumY, sumF) + slack))
    throw new RangeError(`sumYF ${sumYF} is not that of ${n} pairs with sums ${sumY} and ${sumF}`);
}

/** Means, the judge's weight and the two variances; n >= 3, unlabelled >= 1. */
function corrected(sums: PairSums) {
  const { n, unlabelled } = sums;
  const meanY = sums.sumY / n;
  const meanF = sums.sumF / n;
  const restF = sums.unlabelledF / unlabelled;
  const covariance = sums.sumYF / n - meanY * meanF;
  const all = n + unlabelled;
  const meanAll = (sums.sumF + sums.unlabelledF) / all;
  const varianceF = (sums.sumFF + sums.unlabelledFF - all * meanAll * meanAll) / (all - 1);
  const lambda = varianceF > 0 ? Math.min(1, Math.max(0, covariance / ((1 + n / unlabelled) * varianceF))) : 0;
  const spreadY = Math.max(0, sums.sumYY / n - meanY * meanY);
  const spreadF = Math.max(0, sums.sumFF / n - meanF * meanF);
  const residual = n * (spreadY - 2 * lambda * covariance + lambda * lambda * spreadF);
  return {
    meanY,
    lambda,
    // What the judge corrects may lead beyond the ends.
    value: clipped(meanY + lambda * (restF - meanF)),
    goldVariance: Math.max(0, residual) / ((n - 2) * n),
    scoreVariance: (lambda * lambda * Math.max(0, sums.unlabelledFF / unlabelled - restF * restF)) / unlabelled,
    correlation: spreadY > 0 && spreadF > 0 ? covariance / Math.sqrt(spreadY * spreadF) : 0,
  };
}

const allLabelsEqual = ({ n, sumY, sumYY }: PairSums): boolean =>
  n > 0 && sumYY / n - (sumY / n) ** 2 <= 1e-12 * Math.max(1, sumYY / n);

/** Student's t in the place of z, because the variance is estimated from n labels. */
const widening = (level: number, df: number): number => normalWidth(level) / studentQuantile(1 - (1 - level) / 2, df);

/**
 * The mean of gold labels over all events, from few labels chosen at random and many judge scores: power-tuned prediction-powered inference,
 * with an interval that covers at small n. Asymptotic; needs labels that were drawn at random.
 * @param binary  labels are 0 or 1; else any values in [0, 1]
 * @returns null when there is neither label nor score
 * @see Angelopoulos et al. (2023), Science 382:669-674; Angelopoulos, Duchi, Zrnic (2023), PPI++, arXiv:2311.01453; Korn, Graubard (1998),
 *   Survey Methodology 24:193-201 (effective sample size); Mani et al. (2025), arXiv:2505.20178 (no gain)
 */
export function ppi(sums: PairSums, binary: boolean, level = LEVEL): PpiEstimate | null {
  requireSums(sums);
  requireOpenShare('level', level);
  const { n, unlabelled } = sums;
  if (n === 0) return unlabelled === 0 ? null : proxyMean(sums, level);
  if (n < GOLD_MIN || unlabelled === 0 || allLabelsEqual(sums)) return goldMean(sums, binary, level);
  const { meanY, lambda, value, goldVariance, scoreVariance, correlation } = corrected(sums);
  const variance = goldVariance + scoreVariance;
  const standardError = Math.sqrt(variance);
  const noGain = correlation <= 1 / Math.sqrt(n - 2);
  const common = { method: 'ppi', value, lambda, standardError, goldVariance, scoreVariance, noGain } as const;
  if (!binary) {
    const half = studentQuantile(1 - (1 - level) / 2, n - 2) * standardError;
    return { ...common, effectiveN: null, ...clippedToShare(value - half, value + half) };
  }
  const goldOnly = (meanY * (1 - meanY)) / (n - 1);
  const designEffect = Math.min(DESIGN_EFFECT_MAX, Math.max(n / (n + unlabelled), variance / goldOnly));
  const effectiveN = (n / designEffect) * widening(level, n - 2) ** 2;
  return { ...common, effectiveN, ...wilsonOfShare(value, effectiveN, level) };
}

const UNUSED = { lambda: 0, goldVariance: null, scoreVariance: null, effectiveN: null, noGain: false } as const;

function goldMean(sums: PairSums, binary: boolean, level: number): PpiEstimate {
  const { n } = sums;
  const value = clipped(sums.sumY / n);
  if (binary) return { method: 'gold', ...UNUSED, value, standardError: null, ...wilsonOfShare(value, n, level) };
  if (n < 2) return { method: 'gold', ...UNUSED, value, standardError: null, low: 0, high: 1 };
  const standardError = Math.sqrt(Math.max(0, sums.sumYY / n - value * value) / (n - 1));
  const half = studentQuantile(1 - (1 - level) / 2, n - 1) * standardError;
  return { method: 'gold', ...UNUSED, value, standardError, ...clippedToShare(value - half, value + half) };
}

function proxyMean(sums: PairSums, level: number): PpiEstimate {
  const n = sums.unlabelled;
  const value = clipped(sums.unlabelledF / n);
  if (n < 2) return { method: 'proxy', ...UNUSED, value, standardError: null, low: 0, high: 1 };
  const standardError = Math.sqrt(Math.max(0, sums.unlabelledFF / n - value * value) / (n - 1));
  const half = normalWidth(level) * standardError;
  return { method: 'proxy', ...UNUSED, value, standardError, ...clippedToShare(value - half, value + half) };
}

export interface StratifiedPpi extends Interval {
  readonly value: number;
  readonly standardError: number;
  readonly effectiveN: number;
  /** The judge's weight in each stratum that was left after pooling. */
  readonly lambdas: readonly number[];
}

/**
 * The same over strata with their own judge weights; required when gold is drawn unequally across slices. Strata that could not stand alone
 * (fewer than 30 labels, no scores, or equal labels) are pooled.
 * @returns null when not even the pool can stand: then the estimate is not there
 * @see Fisch et al. (2024), Stratified prediction-powered inference, arXiv:2406.04291
 */
export function stratifiedPpi(strata: readonly PairSums[], level = LEVEL): StratifiedPpi | null {
  requireOpenShare('level', level);
  for (const stratum of strata) requireSums(stratum);
  const alone = (s: PairSums): boolean => s.n >= GOLD_MIN && s.unlabelled > 0 && !allLabelsEqual(s);
  const weak = strata.filter((stratum) => !alone(stratum));
  const used = strata.filter(alone);
  if (weak.length > 0) used.push(weak.reduce(addPairs));
  if (used.length === 0 || used.some((stratum) => stratum.n < 3 || stratum.unlabelled === 0)) return null;
  const all = used.reduce((sum, stratum) => sum + stratum.n + stratum.unlabelled, 0);
  let value = 0;
  let variance = 0;
  let df = 0;
  const lambdas: number[] = [];
  for (const stratum of used) {
    const part = corrected(stratum);
    const weight = (stratum.n + stratum.unlabelled) / all;
    value += weight * part.value;
    variance += weight * weight * (part.goldVariance + part.scoreVariance);
    df += stratum.n - 2;
    lambdas.push(part.lambda);
  }
  const share = clipped(value);
  if (variance === 0 || share === 0 || share === 1) return null;
  const effectiveN = ((share * (1 - share)) / variance) * widening(level, df) ** 2;
  return {
    value: share,
    standardError: Math.sqrt(variance),
    effectiveN,
    lambdas,
    ...wilsonOfShare(share, effectiveN, level),
  };
}

/** Sums of both; all of them add. */
export const addPairs = (a: PairSums, b: PairSums): PairSums => ({
  n: a.n + b.n,
  sumY: a.sumY + b.sumY,
  sumYY: a.sumYY + b.sumYY,
  sumF: a.sumF + b.sumF,
  sumFF: a.sumFF + b.sumFF,
  sumYF: a.sumYF + b.sumYF,
  unlabelled: a.unlabelled + b.unlabelled,
  unlabelledF: a.unlabelledF + b.unlabelledF,
  unlabelledFF: a.unlabelledFF + b.unlabelledFF,
});
