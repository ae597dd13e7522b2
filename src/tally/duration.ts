import { type Counter, DURATION_ZERO, durationBucket, FIRST_TOKEN_ZERO, firstTokenBucket } from './counters.ts';
import { bucketOf } from './exponential.ts';

/** The counter of a duration: its bucket in the exponential histogram of scale 5. @param ms  >= 0 */
export const durationCounter = (ms: number): Counter => (ms > 0 ? durationBucket(bucketOf(ms)) : DURATION_ZERO);

/** The same of a time to first token. */
export const firstTokenCounter = (ms: number): Counter => (ms > 0 ? firstTokenBucket(bucketOf(ms)) : FIRST_TOKEN_ZERO);
