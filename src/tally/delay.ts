import type { Code } from '../model/dictionary.ts';
import { MINUTES_PER_DAY, type Minute } from '../model/time.ts';

/** Edges (minutes) of the time from an interaction to what is said of it. */
export const DELAY_EDGES_MINUTES = [0, 5, 15, 60, 180, 720, 1440, 4320, 10080] as const;
export const DELAY_BUCKETS = DELAY_EDGES_MINUTES.length - 1;
/** Later than this is left out of detection. */
export const DELAY_HORIZON_MINUTES = 10080;

/** What was said after the horizon, of interactions of a minute: counted beside it, because nothing else tells it apart. */
export const TOO_LATE: Code = DELAY_BUCKETS + 1;

const DAY_PLACE = 16;

/** How late something was said, as exactly as it is tallied. */
export interface Delay {
  /** From edge `bucket` (inclusive) to the next (exclusive). */
  readonly bucket: number;
  /** UTC days from the interaction's to that on which it was said: what cohorts of interactions are told apart by. */
  readonly daysBack: number;
}

/** The value of the dimension `delay` that a rating counts under; null when it came after the horizon. @param known  >= event */
export function delayValue(event: Minute, known: Minute): Code | null {
  const delay = known - event;
  if (delay >= DELAY_HORIZON_MINUTES) return null;
  let bucket = 0;
  while (delay >= DELAY_EDGES_MINUTES[bucket + 1]!) bucket++;
  const daysBack = Math.floor(known / MINUTES_PER_DAY) - Math.floor(event / MINUTES_PER_DAY);
  return daysBack * DAY_PLACE + bucket + 1;
}

export const delayOf = (value: Code): Delay => ({
  bucket: (value % DAY_PLACE) - 1,
  daysBack: Math.floor(value / DAY_PLACE),
});
