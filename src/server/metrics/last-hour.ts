import { spending } from '../../measures/cost.ts';
import { durationHistogram } from '../../measures/durations.ts';
import { firstTokenHistogram } from '../../measures/first-token.ts';
import { quantiles } from '../../measures/quantiles.ts';
import type { Code } from '../../model/dictionary.ts';
import type { Minute } from '../../model/time.ts';
import type { Reader } from '../../store/reader.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import type { ExponentialHistogram } from '../../tally/exponential.ts';
import { sum, type Tally } from '../../tally/group.ts';

const RANKS = ['p50', 'p95', 'p99'] as const;
const MINUTES = 60;

export interface LatencyQuantile {
  readonly rank: string;
  readonly seconds: number;
  readonly low: number;
  readonly high: number;
}

/** What one service did in the hour that ends with `horizon`. */
export interface LastHour {
  readonly latency: readonly LatencyQuantile[];
  readonly firstToken: readonly LatencyQuantile[];
  /** In the currency of its prices; null when nothing of it is known. */
  readonly cost: { readonly currency: string; readonly value: number; readonly coverage: number } | null;
}

export function lastHourOf(reader: Reader, service: Code, currency: string, horizon: Minute): LastHour {
  const minutes = reader.series('minute', EVENT_CLOCK, service, horizon - MINUTES + 1, horizon);
  const tally: Tally = sum(minutes.map((minute) => minute.tally));
  return {
    latency: closedQuantiles(durationHistogram(tally)),
    firstToken: closedQuantiles(firstTokenHistogram(tally)),
    cost: spending(tally, currency),
  };
}

/** Quantiles whose interval is open at an end rest on too little and are left out. */
function closedQuantiles(histogram: ExponentialHistogram): LatencyQuantile[] {
  const found = quantiles(histogram);
  return RANKS.flatMap((rank) => {
    const estimate = found[rank];
    if (estimate === null || estimate.low === null || estimate.high === null) return [];
    const { value, low, high } = estimate;
    return [{ rank, seconds: value / 1000, low: low / 1000, high: high / 1000 }];
  });
}
