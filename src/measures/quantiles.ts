import { countOf, type ExponentialHistogram, exponentialQuantile } from '../tally/exponential.ts';
import { quantileInterval } from './quantile.ts';

/** A quantile with the interval that it lies in with 95 %; an end is null where so few values say nothing of it. */
export interface QuantileEstimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** The quantiles that are shown, and of how many values at least. */
const SHOWN = { p50: { q: 0.5, least: 1 }, p95: { q: 0.95, least: 1 }, p99: { q: 0.99, least: 100 } } as const;
export type QuantileRank = keyof typeof SHOWN;

export interface Quantiles extends Readonly<Record<QuantileRank, QuantileEstimate | null>> {
  /** Values that they are of: as many as were seen. */
  readonly n: number;
}

/** The shown quantiles of a histogram; null where there are no values, or too few for that rank. */
export function quantiles(histogram: ExponentialHistogram): Quantiles {
  const n = countOf(histogram);
  const estimate = ({ q, least }: (typeof SHOWN)[QuantileRank]): QuantileEstimate | null => {
    if (n < least) return null;
    return { value: exponentialQuantile(histogram, q)!, ...quantileInterval(histogram, q) };
  };
  return { n, p50: estimate(SHOWN.p50), p95: estimate(SHOWN.p95), p99: estimate(SHOWN.p99) };
}
