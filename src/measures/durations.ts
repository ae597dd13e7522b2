import * as counters from '../tally/counters.ts';
import type { ExponentialHistogram } from '../tally/exponential.ts';
import { ZERO_KEY } from '../tally/feature-bins.ts';
import { count, type Tally } from '../tally/group.ts';
import { KeyWeights } from './key-weights.ts';

/** The durations (ms) of the interactions that did not fail, as a histogram of scale 5. */
export function durationHistogram(tally: Tally): ExponentialHistogram {
  const buckets = new Map<number, number>();
  for (const [name, n] of tally) if (counters.isDurationBucket(name)) buckets.set(counters.bucketIndexOf(name), n);
  return { zeros: count(tally, counters.DURATION_ZERO), buckets };
}

/** The same of sampled traces by what they stand for, as many in all as they are worth: to whole numbers. */
export function weighedDurationHistogram(tally: Tally): ExponentialHistogram {
  const keys = new KeyWeights();
  for (const name of tally.keys())
    if (name === counters.DURATION_ZERO) keys.count(ZERO_KEY, tally, name);
    else if (counters.isDurationBucket(name)) keys.count(counters.bucketIndexOf(name), tally, name);
  const { counts, isWeighted } = keys.weighed();
  if (!isWeighted) return durationHistogram(tally);
  const buckets = new Map<number, number>();
  let exact = 0;
  let whole = 0;
  for (const [key, weight] of [...counts].sort(([a], [b]) => a - b)) {
    exact += weight;
    const n = Math.round(exact) - whole;
    whole += n;
    if (n > 0) buckets.set(key, n);
  }
  const zeros = buckets.get(ZERO_KEY) ?? 0;
  buckets.delete(ZERO_KEY);
  return { zeros, buckets };
}
