import { durationHistogram } from '../../measures/durations.ts';
import { quantileInterval } from '../../measures/quantile.ts';
import type { Code } from '../../model/dictionary.ts';
import type { Minute } from '../../model/time.ts';
import type { Reader } from '../../store/sqlite/reader.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { exponentialQuantile } from '../../tally/exponential.ts';
import { sum } from '../../tally/group.ts';

const RANKS = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;
const MINUTES = 60;

export interface LatencyQuantile {
  readonly rank: string;
  readonly seconds: number;
  readonly low: number;
  readonly high: number;
}

/** Quantiles of the hour that ends with `horizon`; those whose interval is open at an end rest on too little and are left out. */
export function latencyQuantiles(reader: Reader, service: Code, horizon: Minute): LatencyQuantile[] {
  const minutes = reader.series('minute', EVENT_CLOCK, service, horizon - MINUTES + 1, horizon);
  const histogram = durationHistogram(sum(minutes.map(({ tally }) => tally)));
  return Object.entries(RANKS).flatMap(([rank, q]) => {
    const ms = exponentialQuantile(histogram, q);
    if (ms === null) return [];
    const { low, high } = quantileInterval(histogram, q);
    return low === null || high === null ? [] : [{ rank, seconds: ms / 1000, low: low / 1000, high: high / 1000 }];
  });
}
