import type { Code } from '../model/dictionary.ts';
import { MINUTES_PER_DAY } from '../model/time.ts';
import * as counters from '../tally/counters.ts';
import { count, subtract, type Tally } from '../tally/group.ts';
import { estimateSequence, SEQUENCE_EVENTS_MIN, tooFewForSequence } from './asymptotic-sequence.ts';
import { calibration } from './calibration.ts';
import { CBPE_LABELS_MIN, calibrateBins, estimatedAccuracy, hasShifted, mayEstimate } from './cbpe.ts';
import { normalWidth } from './distributions.ts';
import type { Beside, EstimateParts, Estimator, Looks } from './estimator.ts';
import { clippedToShare, LEVEL } from './interval.ts';
import { confidenceBinsOf, referenceOf, statedIn } from './joint-sums.ts';
import { effective, represented, type SeenCounts } from './sampling.ts';

/** The reference reaches back so far, minutes: 90 days. */
const REFERENCE_MINUTES = 90 * MINUTES_PER_DAY;
/** Share of the interactions with a confidence that versions with a valid reference have to cover. */
const COVERED_MIN = 0.95;

/**
 * Accuracy without labels, from stated confidence (CBPE): each model version is read by what its own labelled interactions of the last 90
 * days say about its confidence. Not published where that isn't valid: status `insufficient`. A heuristic: when the relation of confidence to
 * correctness changes, it is wrong without showing it.
 * @param bins   codes of the bins, the lowest confidence first
 * @param model  code of the dimension of model versions
 * @see estimatedAccuracy, mayEstimate
 */
export function accuracyFromConfidence(bins: readonly Code[], model: Code): Estimator {
  const names = new Set([counters.COUNT, ...bins.flatMap(counters.confidenceCounters)]);
  return {
    reads: (name) => names.has(counters.counterOf(name)),
    beside: { minutes: REFERENCE_MINUTES, dimension: model },
    estimate: (tally, looks, beside) => estimate(bins, tally, looks, beside),
  };
}

function estimate(bins: readonly Code[], tally: Tally, { anyTime }: Looks, beside: Beside | undefined): EstimateParts {
  const n = total(statedIn(tally, bins));
  const eligible = count(tally, counters.COUNT);
  const known = {
    level: LEVEL,
    n,
    coverage: eligible === 0 ? null : Math.min(1, n / eligible),
    maturity: null,
    value: null,
    low: null,
    high: null,
  };
  if (n === 0) return { ...known, status: 'undefined' };
  const all = total(productionOf(tally, bins));
  const versions = [...(beside?.slices.values() ?? [])].map((slice) => versionOf(bins, slice.window, slice.trailing));
  const valid = versions.filter(({ accuracy }) => accuracy !== null);
  const covered = valid.reduce((sum, { events }) => sum + events, 0);
  const detail = {
    estimatedWithoutLabels: true,
    coveredByReference: Math.min(1, covered / all),
    labelled: versions.reduce((sum, { labelled }) => sum + labelled, 0),
  };
  if (covered < COVERED_MIN * all) return { ...known, status: 'insufficient', why: whyNot(versions), detail };
  if (anyTime && covered < SEQUENCE_EVENTS_MIN)
    return {
      ...known,
      status: 'insufficient',
      why: tooFewForSequence(covered, 'interactions with a confidence'),
      detail,
    };
  let value = 0;
  let variance = 0;
  for (const { accuracy, events } of valid) {
    const weight = events / covered;
    value += weight * accuracy!.value;
    variance += (weight * accuracy!.standardError) ** 2;
  }
  const error = Math.sqrt(variance);
  const half = normalWidth(LEVEL) * error;
  const interval = anyTime ? estimateSequence(value, error, covered) : clippedToShare(value - half, value + half);
  return { ...known, value, ...interval, status: 'ok', detail };
}

interface Version {
  readonly events: number;
  readonly labelled: number;
  readonly eceAdjusted: number;
  /** Its labels of now say that its confidence is worth less than before. */
  readonly isShifted: boolean;
  /** Null where it may not be estimated. */
  readonly accuracy: ReturnType<typeof estimatedAccuracy>;
}

function versionOf(bins: readonly Code[], window: Tally, trailing: Tally): Version {
  const labelledBins = confidenceBinsOf(trailing, bins);
  const reference = referenceOf(labelledBins);
  const production = productionOf(window, bins);
  const eceAdjusted = calibration(labelledBins)?.eceAdjusted ?? 1;
  const isShifted = shifted(bins, window, trailing);
  const isValid = !isShifted && mayEstimate(reference, production, eceAdjusted);
  return {
    events: total(production),
    labelled: reference.reduce((sum, bin) => sum + bin.n, 0),
    eceAdjusted,
    isShifted,
    accuracy: isValid ? estimatedAccuracy(reference, production) : null,
  };
}

/** Labels of the window against what those before it said of confidence, where these are enough to say it. */
function shifted(bins: readonly Code[], window: Tally, trailing: Tally): boolean {
  const before = referenceOf(confidenceBinsOf(subtract(trailing, window), bins));
  if (before.some(({ n, correct }) => n < correct || correct < 0)) return false;
  if (total(before.map(({ n }) => n)) < CBPE_LABELS_MIN) return false;
  return hasShifted(referenceOf(confidenceBinsOf(window, bins)), calibrateBins(before));
}

/** Events of each bin; where traces are sampled, at their weight, as many in all as they are worth. */
function productionOf(tally: Tally, bins: readonly Code[]): number[] {
  const seen = bins.map((bin): SeenCounts => {
    const name = counters.confidenceSum(bin, 'stated');
    const n = counters.extraWeight(tally, name);
    const counted = { n: count(tally, name), bad: 0 };
    return n === 0 ? counted : { ...counted, extra: { n, bad: 0, squares: counters.extraSquares(tally, name) } };
  });
  const whole = seen.reduce<{ n: number; extra: number; squares: number }>(
    (sum, { n, extra }) => ({
      n: sum.n + n,
      extra: sum.extra + (extra?.n ?? 0),
      squares: sum.squares + (extra?.squares ?? 0),
    }),
    { n: 0, extra: 0, squares: 0 },
  );
  if (whole.extra === 0) return seen.map(({ n }) => n);
  const all = { n: whole.n, bad: 0, extra: { n: whole.extra, bad: 0, squares: whole.squares } };
  const scale = effective(all).n / represented(all).n;
  return seen.map((one) => Math.round(represented(one).n * scale));
}

const total = (counts: readonly number[]): number => counts.reduce((sum, n) => sum + n, 0);

function whyNot(versions: readonly Version[]): string {
  const largest = versions.reduce<Version | null>(
    (one, other) => (one !== null && one.events >= other.events ? one : other),
    null,
  );
  if (largest === null || largest.labelled < CBPE_LABELS_MIN)
    return `${largest?.labelled ?? 0} labelled interactions of the model version with a confidence, ${CBPE_LABELS_MIN} are needed to read its confidence by`;
  if (largest.isShifted)
    return 'labels of the window show that the confidence of the model version is worth less than it was';
  if (largest.accuracy === null)
    return `the confidence of the model version is not calibrated well enough (adjusted error ${largest.eceAdjusted.toFixed(3)}), or its labels don't cover where its confidence now lies`;
  return 'too many interactions are of model versions without enough labels';
}
