import * as counters from '../tally/counters.ts';
import type { ExponentialHistogram } from '../tally/exponential.ts';
import { count, type Tally } from '../tally/group.ts';

/** The durations (ms) of the interactions that did not fail, as a histogram of scale 5. */
export function durationHistogram(tally: Tally): ExponentialHistogram {
  const buckets = new Map<number, number>();
  for (const [name, n] of tally) if (counters.isDurationBucket(name)) buckets.set(counters.bucketIndexOf(name), n);
  return { zeros: count(tally, counters.DURATION_ZERO), buckets };
}
