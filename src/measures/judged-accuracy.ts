import type { Code } from '../model/dictionary.ts';
import * as counters from '../tally/counters.ts';
import { count, subtract, sum, type Tally } from '../tally/group.ts';
import { estimateSequence, SEQUENCE_EVENTS_MIN, tooFewForSequence } from './asymptotic-sequence.ts';
import type { Beside, EstimateParts, Estimator, Looks } from './estimator.ts';
import { holding, type Interval } from './interval.ts';
import { pairSumsOf } from './joint-sums.ts';
import { judgeHealth } from './judge-health.ts';
import { labelled } from './labelled.ts';
import { postStratify } from './post-stratification.ts';
import { addPairs, type PairSums, ppi, stratifiedPpi } from './ppi.ts';
import { effective } from './sampling.ts';
import { estimateShare, shareInterval } from './share.ts';
import { wilsonOfShare } from './wilson.ts';

/** What accuracy by labels with a judge is read from. */
export interface JudgedLabels {
  /** Codes of the labels that were drawn at random; others never enter. */
  readonly labels: readonly Code[];
  /** Code of the judge's newest version, and of the pair of it and the label; 0 until it has been seen. */
  readonly judge: Code;
  readonly pair: Code;
  /** What the judge is called; null until it has been seen. */
  readonly evaluator: string | null;
  /** The dimension within whose values the labels were drawn at random; null: in all alike. */
  readonly strata: Code | null;
}

/**
 * Accuracy from labels drawn at random, made sharper by the scores of a judge (PPI++); from the labels alone where the judge can't help:
 * fewer than 30 labels, equal labels, no scores, traces sampled unequally. Detectors run on the labels.
 * @see ppi, stratifiedPpi
 */
export function judgedAccuracy(sources: JudgedLabels): Estimator {
  const { labels, judge, pair, strata } = sources;
  const names = new Set([
    counters.COUNT,
    counters.scores(judge),
    ...labels.flatMap((code) => [counters.labels(code), counters.labelsTrue(code)]),
    ...counters.pairCounters(pair),
  ]);
  return {
    reads: (name) => names.has(counters.counterOf(name)),
    ...(strata !== null && { beside: { minutes: 0, dimension: strata } }),
    estimate: (tally, looks, beside) =>
      strata === null ? inAll(sources, tally, looks) : inStrata(sources, tally, looks, beside),
  };
}

function inAll(sources: JudgedLabels, tally: Tally, { anyTime }: Looks): EstimateParts {
  const gold = {
    ...estimateShare(labelled(sources.labels).eventsOf(tally), shareInterval(anyTime)),
    method: 'labels',
  };
  const sums = pairSumsOf(tally, sources.pair);
  const found = isSampledUnequally(tally, sources.judge) ? null : ppi(sums, true);
  if (found?.method !== 'ppi' || (anyTime && sums.n < SEQUENCE_EVENTS_MIN))
    return { ...gold, ...detailOf(sources, sums, null) };
  const value = share(found.value);
  const { low, high } = anyTime ? estimateSequence(value, found.standardError!, sums.n) : found;
  return {
    ...gold,
    ...around(value, { low, high }),
    n: sums.n,
    method: 'ppi',
    ...detailOf(sources, sums, { lambda: found.lambda, noGain: found.noGain }),
  };
}

function inStrata(sources: JudgedLabels, tally: Tally, { anyTime }: Looks, beside: Beside | undefined): EstimateParts {
  const slices = [...(beside?.slices.values() ?? [])].map(({ window }) => window);
  // What has no value of the dimension is a part of the traffic too.
  const strata = [...slices, subtract(tally, sum(slices))];
  const pairs = strata.map((stratum) => pairSumsOf(stratum, sources.pair));
  const sums = pairs.reduce(addPairs);
  const filled = pairs.filter(({ n, unlabelled }) => n + unlabelled > 0);
  const gold = estimateShare(labelled(sources.labels).eventsOf(tally));
  const found = isSampledUnequally(tally, sources.judge) ? null : stratifiedPpi(filled);
  const enough = !anyTime || sums.n >= SEQUENCE_EVENTS_MIN;
  if (found !== null && enough) {
    const value = share(found.value);
    const interval = anyTime ? estimateSequence(value, found.standardError, sums.n) : found;
    return { ...gold, ...around(value, interval), n: sums.n, method: 'ppi', ...detailOf(sources, sums, null) };
  }
  return { ...gold, ...goldInStrata(sources, strata, anyTime), method: 'labels', ...detailOf(sources, sums, null) };
}

/** The labels of each stratum at its weight in the traffic. */
function goldInStrata(
  { labels }: JudgedLabels,
  strata: readonly Tally[],
  anyTime: boolean,
): Pick<EstimateParts, 'value' | 'low' | 'high' | 'status' | 'why'> | null {
  const events = strata.map((stratum) => labelled(labels).eventsOf(stratum));
  const found = postStratify(
    events.map(({ n, bad, eligible }) => ({ population: Math.max(n, eligible), n, good: n - bad })),
  );
  if (found === null) return null;
  const n = events.reduce((all, one) => all + one.n, 0);
  if (anyTime && n < SEQUENCE_EVENTS_MIN)
    return {
      value: null,
      low: null,
      high: null,
      status: 'insufficient',
      why: tooFewForSequence(n, 'labels'),
    };
  const value = share(found.share);
  const { standardError } = found;
  if (anyTime) return around(value, estimateSequence(value, standardError ?? 0.5, n));
  const isSpread = standardError !== null && standardError > 0 && value > 0 && value < 1;
  return around(value, wilsonOfShare(value, isSpread ? (value * (1 - value)) / standardError ** 2 : n));
}

const share = (value: number): number => Math.min(1, Math.max(0, value));

const around = (value: number, interval: Interval) => ({ value, ...holding(value, interval), status: 'ok' }) as const;

/** Of traces that weigh differently labels and scores are no random part. */
function isSampledUnequally(tally: Tally, judge: Code): boolean {
  const name = counters.scores(judge);
  const n = count(tally, name);
  const extra = { n: counters.extraWeight(tally, name), bad: 0, squares: counters.extraSquares(tally, name) };
  return extra.n > 0 && effective({ n, bad: 0, extra }).n < n * (1 - 1e-6);
}

/** How a judge's scores go with the labels of the same interactions. */
export interface JudgeDetail {
  readonly evaluator: string | null;
  /** Pearson's, in [-1, 1]; null where one of both never varies. */
  readonly correlation: number | null;
  readonly bias: number;
}

/** What is said beside the number: how many interactions were labelled and judged, and how well the judge goes with the labels. */
function detailOf(
  { evaluator }: JudgedLabels,
  sums: PairSums,
  weight: { lambda: number; noGain: boolean } | null,
): Pick<EstimateParts, 'detail'> {
  const health = judgeHealth(sums);
  return {
    detail: {
      labelled: sums.n,
      judged: sums.unlabelled,
      ...(weight !== null && weight),
      judge: health === null ? null : { evaluator, correlation: health.correlation, bias: health.bias },
    },
  };
}
