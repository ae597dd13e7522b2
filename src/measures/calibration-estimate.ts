import type { Code } from '../model/dictionary.ts';
import type { Tally } from '../tally/group.ts';
import { estimateSequence, SEQUENCE_EVENTS_MIN, tooFewForSequence } from './asymptotic-sequence.ts';
import { brier, type ConfidenceBin, calibration } from './calibration.ts';
import { normalWidth } from './distributions.ts';
import type { EstimateParts, Looks } from './estimator.ts';
import { clippedToShare, LEVEL } from './interval.ts';
import { brierSumsOf, confidenceBinsOf, labelledIn, statedIn } from './joint-sums.ts';

/** At a window that is complete. */
const ONCE: Pick<Looks, 'anyTime'> = { anyTime: false };

/**
 * How far stated confidence lies from what was right, beyond what a calibrated model would show at these counts: ECE_adj in [0, 1], 0 the
 * best, with a cautious interval (each bin's share varies at most as it would unfolded). A heuristic below some hundred labels; while a
 * window fills, a confidence sequence from a hundred on.
 * @param bins  codes of the bins, the lowest confidence first
 */
export function estimateCalibration(
  tally: Tally,
  bins: readonly Code[],
  { anyTime }: Pick<Looks, 'anyTime'> = ONCE,
): EstimateParts {
  const labelled = confidenceBinsOf(tally, bins);
  const n = labelledIn(tally, bins);
  const worth = labelled.reduce((sum, bin) => sum + bin.n, 0);
  const stated = statedIn(tally, bins).reduce((sum, one) => sum + one, 0);
  const known = { level: LEVEL, n, coverage: stated === 0 ? null : n / stated, maturity: null };
  const found = calibration(labelled);
  if (found === null) return { ...known, value: null, low: null, high: null, status: 'undefined' };
  if (anyTime && worth < SEQUENCE_EVENTS_MIN)
    return {
      ...known,
      value: null,
      low: null,
      high: null,
      status: 'insufficient',
      why: tooFewForSequence(worth, 'labels'),
    };
  const error = standardError(labelled, worth);
  const half = normalWidth(LEVEL) * error;
  const { ece, eceNull, eceAdjusted, mce, adaptiveEce } = found;
  return {
    ...known,
    value: eceAdjusted,
    ...(anyTime ? estimateSequence(eceAdjusted, error, worth) : clippedToShare(eceAdjusted - half, eceAdjusted + half)),
    status: 'ok',
    detail: { ece, eceNull, mce, adaptiveEce, brier: brier(brierSumsOf(tally, bins)) },
  };
}

/** Bins with nothing right, or nothing wrong, are taken to vary as with one of each more. */
const standardError = (bins: readonly ConfidenceBin[], n: number): number =>
  Math.sqrt(
    bins.reduce((sum, { n: of, correct }) => {
      const share = (correct + 1) / (of + 2);
      return of === 0 ? sum : sum + ((of / n) ** 2 * share * (1 - share)) / of;
    }, 0),
  );
