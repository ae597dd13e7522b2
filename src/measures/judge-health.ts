import type { PairSums } from './ppi.ts';

/** How a judge's scores f go with the labels y of the same interactions. */
export interface JudgeHealth {
  readonly n: number;
  /** Pearson's, in [-1, 1]; null where one of both never varies. */
  readonly correlation: number | null;
  /** Mean of y - f: above 0 the judge is too strict. */
  readonly bias: number;
  readonly biasError: number;
}

/** @returns null for fewer than three pairs */
export function judgeHealth({ n, sumY, sumYY, sumF, sumFF, sumYF }: PairSums): JudgeHealth | null {
  if (n < 3) return null;
  const meanY = sumY / n;
  const meanF = sumF / n;
  const spreadY = Math.max(0, sumYY / n - meanY * meanY);
  const spreadF = Math.max(0, sumFF / n - meanF * meanF);
  const bias = meanY - meanF;
  const spread = Math.max(0, (sumYY - 2 * sumYF + sumFF) / n - bias * bias);
  const correlation =
    spreadY > ROUNDING && spreadF > ROUNDING ? (sumYF / n - meanY * meanF) / Math.sqrt(spreadY * spreadF) : null;
  return {
    n,
    correlation: correlation === null ? null : Math.min(1, Math.max(-1, correlation)),
    bias,
    biasError: Math.sqrt(spread / (n - 1)),
  };
}

/** Scores are kept in millionths. */
const ROUNDING = 1e-9;
/** Fewer labels say nothing about a bias. */
const LABELS_MIN = 30;

/** The judge's bias has moved by more than two standard errors since its baseline: its scores mean something else now. */
export const hasDrifted = (now: JudgeHealth | null, before: JudgeHealth | null): boolean =>
  now !== null &&
  before !== null &&
  Math.min(now.n, before.n) >= LABELS_MIN &&
  Math.abs(now.bias - before.bias) > DEVIATIONS * Math.hypot(now.biasError, before.biasError);

const DEVIATIONS = 2;
