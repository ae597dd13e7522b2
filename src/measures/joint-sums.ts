import type { Code } from '../model/dictionary.ts';
import { type Counter, confidenceSum, extraSquares, extraWeight, judgedSum, pairSum } from '../tally/counters.ts';
import { count, type Tally } from '../tally/group.ts';
import { CONFIDENCE_BINS } from '../tally/plan.ts';
import type { BrierSums, ConfidenceBin } from './calibration.ts';
import type { ReferenceBin } from './cbpe.ts';
import type { PairSums } from './ppi.ts';
import { effective, represented } from './sampling.ts';

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

/** Labelled ones of them, as many as were seen. */
export const labelledIn = (tally: Tally, bins: readonly Code[]): number =>
  bins.reduce((sum, bin) => sum + count(tally, confidenceSum(bin, 'n')), 0);

/** The same bin by bin; of sampled traces by what they stand for, as many in all as they are worth, in whole numbers. */
export function confidenceBinsOf(tally: Tally, bins: readonly Code[]): ConfidenceBin[] {
  const scale = worthOfOne(tally, bins);
  return bins.map((bin) => {
    const all = represents(tally, bin, 'n');
    const n = Math.round(all * scale);
    const part = all === 0 ? 0 : n / all;
    return {
      n,
      sumConfidence: summed(tally, bin, 'c') * part,
      correct: Math.min(n, Math.round(represents(tally, bin, 'y') * part)),
    };
  });
}

/** How many events those seen stand for. */
const represents = (tally: Tally, bin: Code, sum: 'n' | 'y'): number =>
  count(tally, confidenceSum(bin, sum)) + extraWeight(tally, confidenceSum(bin, sum)) / MICRO;

/** The sum of a value over them. */
const summed = (tally: Tally, bin: Code, sum: 'c' | 'cc' | 'cy'): number =>
  (count(tally, confidenceSum(bin, sum)) + extraWeight(tally, confidenceSum(bin, sum))) / MICRO;

/** As how many labelled events one that is represented tells: 1 where nothing is sampled. */
function worthOfOne(tally: Tally, bins: readonly Code[]): number {
  const sum = (read: (tally: Tally, name: Counter) => number): number =>
    bins.reduce((all, bin) => all + read(tally, confidenceSum(bin, 'n')), 0);
  const extra = { n: sum(extraWeight), bad: 0, squares: sum(extraSquares) };
  if (extra.n === 0) return 1;
  const counts = { n: sum(count), bad: 0, extra };
  return effective(counts).n / represented(counts).n;
}

/** The same as a reference to read unlabelled ones by. */
export const referenceOf = (bins: readonly ConfidenceBin[]): ReferenceBin[] =>
  bins.map(({ n, correct }, i) => ({ n, correct, mid: (i + 0.5) / CONFIDENCE_BINS }));

export function brierSumsOf(tally: Tally, bins: readonly Code[]): BrierSums {
  const total = (of: (bin: Code) => number): number => bins.reduce((all, bin) => all + of(bin), 0);
  const all = total((bin) => represents(tally, bin, 'n'));
  const n = Math.round(all * worthOfOne(tally, bins));
  const part = all === 0 ? 0 : n / all;
  return {
    n,
    sumCC: total((bin) => summed(tally, bin, 'cc')) * part,
    sumCY: total((bin) => summed(tally, bin, 'cy')) * part,
    sumY: total((bin) => represents(tally, bin, 'y')) * part,
  };
}
