import * as counters from './counters.ts';
import { bucketLower, bucketOf, bucketUpper } from './exponential.ts';
import type { Tally } from './group.ts';

/** A tally with limits that were not counted in it. */
export interface WithinGuess {
  /** Null: sampled events have no histogram of what they stand for, so nothing can be said. */
  readonly tally: Tally | null;
  /** Whether counting the events themselves would say the same. */
  readonly isExact: boolean;
}

/**
 * How many durations were within limits that nobody counted, by the histogram: exact unless events lie in the very bucket that a
 * limit divides (2.2 % wide). Of those as many count as its logarithm says, for in so narrow a bucket they lie evenly.
 */
export function withinByHistogram(tally: Tally, thresholdsMs: readonly number[]): WithinGuess {
  if (thresholdsMs.length === 0) return { tally, isExact: true };
  if (counters.extraWeight(tally, counters.COUNT) !== 0) return { tally: null, isExact: false };
  const counted = new Map(tally);
  let isExact = true;
  for (const threshold of thresholdsMs) {
    const divided = bucketOf(threshold);
    const isEdge = bucketUpper(divided) === threshold;
    let within = tally.get(counters.DURATION_ZERO) ?? 0;
    for (const [name, count] of tally) {
      if (!counters.isDurationBucket(name)) continue;
      const index = counters.bucketIndexOf(name);
      if (index < divided || (index === divided && isEdge)) within += count;
      else if (index === divided) {
        within += Math.round(count * shareWithin(threshold, divided));
        isExact = false;
      }
    }
    if (within > 0) counted.set(counters.within(threshold), within);
    else counted.delete(counters.within(threshold));
  }
  return { tally: counted, isExact };
}

const shareWithin = (threshold: number, bucket: number): number =>
  Math.log(threshold / bucketLower(bucket)) / Math.log(bucketUpper(bucket) / bucketLower(bucket));
