import { limitText } from '../model/time.ts';
import { EVENT_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import type { ExponentialHistogram } from '../tally/exponential.ts';
import { count, type Tally } from '../tally/group.ts';
import type { MeasureDefinition } from './definition.ts';
import { type EventMeasure, eventMeasure, FAILURES } from './events.ts';

/**
 * Bad: the first token came later than the limit. Valid: interactions that did not fail and say when it came; the others are
 * eligible, and show as coverage. @param thresholdMs  one that the tallies count exactly
 */
export const firstToken = (thresholdMs: number): EventMeasure =>
  eventMeasure(
    EVENT_CLOCK,
    { of: [counters.FIRST_TOKEN_KNOWN] },
    { of: [counters.FIRST_TOKEN_KNOWN], without: [counters.firstTokenWithin(thresholdMs)] },
    { of: [counters.COUNT], without: FAILURES },
  );

/** The times to the first token (ms) of the interactions that did not fail and have one, as a histogram of scale 5. */
export function firstTokenHistogram(tally: Tally): ExponentialHistogram {
  const buckets = new Map<number, number>();
  for (const [name, n] of tally) if (counters.isFirstTokenBucket(name)) buckets.set(counters.bucketIndexOf(name), n);
  return { zeros: count(tally, counters.FIRST_TOKEN_ZERO), buckets };
}

export const firstTokenMeasure: MeasureDefinition<'time_to_first_token'> = {
  read: ({ thresholdMs }) => ({
    events: firstToken(thresholdMs),
    subject: limitText(thresholdMs),
    method: 'spans',
    codes: [],
  }),
};
