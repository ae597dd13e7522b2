import { requireCount, requireOpenShare } from '../model/numbers.ts';
import {
  bucketAtRank,
  bucketLower,
  bucketUpper,
  countOf,
  EXPONENTIAL_SCALE,
  type ExponentialHistogram,
} from '../tally/exponential.ts';
import { binomialQuantile } from './distributions.ts';
import { LEVEL } from './interval.ts';

/** Order statistics, counted from 1, that enclose a quantile; `low` = 0 and `high` = n + 1 mean unbounded. */
export interface Ranks {
  readonly low: number;
  readonly high: number;
}

/**
 * Ranks between which the q-quantile lies, whatever the distribution: binomial quantiles.
 * @see Conover (1999), Practical Nonparametric Statistics, sec. 3.2
 */
export function quantileRanks(n: number, q: number, level = LEVEL): Ranks {
  requireCount('n', n);
  requireOpenShare('q', q);
  requireOpenShare('level', level);
  const tail = (1 - level) / 2;
  return { low: binomialQuantile(tail, n, q), high: binomialQuantile(1 - tail, n, q) + 1 };
}

/** Ends of an interval that may be open: null is "unbounded on this side". */
export interface QuantileInterval {
  readonly low: number | null;
  readonly high: number | null;
}

/** The interval of the q-quantile of a histogram, outward to the edges of the buckets its ends fall into. */
export function quantileInterval(
  histogram: ExponentialHistogram,
  q: number,
  level = LEVEL,
  scale = EXPONENTIAL_SCALE,
): QuantileInterval {
  const n = countOf(histogram);
  const ranks = quantileRanks(n, q, level);
  return {
    low: ranks.low === 0 ? null : edgeAt(histogram, ranks.low, bucketLower, scale),
    high: ranks.high > n ? null : edgeAt(histogram, ranks.high, bucketUpper, scale),
  };
}

function edgeAt(
  histogram: ExponentialHistogram,
  rank: number,
  edge: (index: number, scale: number) => number,
  scale: number,
): number {
  const bucket = bucketAtRank(histogram, rank - 1);
  return bucket === null ? 0 : edge(bucket, scale);
}
