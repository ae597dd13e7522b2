import type { Code } from '../model/dictionary.ts';
import { confidenceSum, judgedSum, pairSum } from '../tally/counters.ts';
import { count, type Tally } from '../tally/group.ts';
import { CONFIDENCE_BINS } from '../tally/plan.ts';
import type { BrierSums, ConfidenceBin } from './calibration.ts';
import type { ReferenceBin } from './cbpe.ts';
import type { PairSums } from './ppi.ts';

const MICRO = 1e6;

/** What a tally holds of labels and a judge's scores together. @param pair  the code of (label, evaluator version) */
export function pairSumsOf(tally: Tally, pair: Code): PairSums {
  const paired = (sum: Parameters<typeof pairSum>[1]): number => count(tally, pairSum(pair, sum));
  const judged = (sum: Parameters<typeof judgedSum>[1]): number => count(tally, judgedSum(pair, sum));
  return {
    n: paired('n'),
    sumY: paired('y'),
    sumYY: paired('y'),
    sumF: paired('f') / MICRO,
    sumFF: paired('ff') / MICRO,
    sumYF: paired('yf') / MICRO,
    unlabelled: judged('n'),
    unlabelledF: judged('f') / MICRO,
    unlabelledFF: judged('ff') / MICRO,
  };
}

/** Interactions with a stated confidence, labelled or not, bin by bin. @param bins  their codes, the lowest first */
export const statedIn = (tally: Tally, bins: readonly Code[]): number[] =>
  bins.map((bin) => count(tally, confidenceSum(bin, 'stated')));

/** Labelled ones of them. */
export const confidenceBinsOf = (tally: Tally, bins: readonly Code[]): ConfidenceBin[] =>
  bins.map((bin) => ({
    n: count(tally, confidenceSum(bin, 'n')),
    sumConfidence: count(tally, confidenceSum(bin, 'c')) / MICRO,
    correct: count(tally, confidenceSum(bin, 'y')),
  }));

/** The same as a reference to read unlabelled ones by. */
export const referenceOf = (bins: readonly ConfidenceBin[]): ReferenceBin[] =>
  bins.map(({ n, correct }, i) => ({ n, correct, mid: (i + 0.5) / CONFIDENCE_BINS }));

export function brierSumsOf(tally: Tally, bins: readonly Code[]): BrierSums {
  const total = (sum: Parameters<typeof confidenceSum>[1]): number =>
    bins.reduce((all, bin) => all + count(tally, confidenceSum(bin, sum)), 0);
  return { n: total('n'), sumCC: total('cc') / MICRO, sumCY: total('cy') / MICRO, sumY: total('y') };
}
