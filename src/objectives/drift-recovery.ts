import { binnedDrift } from '../measures/drift-statistics.ts';
import type { Minute } from '../model/time.ts';

/** A drift on its way back: the present, fading, and since when it looks like the baseline again. */
export interface DriftRecovery {
  readonly present: Float64Array;
  /** Events since the alarm. */
  seen: number;
  /** First minute of the time in which it has looked so without a break; -1 while it does not. */
  since: Minute;
}

export const startDriftRecovery = (bins: number): DriftRecovery => ({
  present: new Float64Array(bins),
  seen: 0,
  since: -1,
});

/** The present forgets half of itself in so many events. */
const HALF_LIFE = 1000;
/** So many must have come, and it must have looked right for so long. */
const EVENTS_MIN = 1000;
const CLEAR_MINUTES = 60;
/** Half of what is called moderate. */
const PSI_CLEAR = 0.05;

/**
 * Counts one minute of a drift. It is over when the present, as a memory of about 1,400 events has it, has been closer to the baseline than
 * half of a moderate drift for an hour. @returns whether it is. Heuristic: no rate of wrong ends is promised.
 */
export function driftRecovery(
  state: DriftRecovery,
  reference: readonly number[],
  minute: Minute,
  counts: Float64Array,
): boolean {
  const n = counts.reduce((sum, count) => sum + count, 0);
  if (n === 0) return false;
  const factor = 2 ** (-n / HALF_LIFE);
  for (let b = 0; b < counts.length; b++) state.present[b] = state.present[b]! * factor + counts[b]!;
  state.seen += n;
  const drift = binnedDrift([...state.present].map(Math.round), reference);
  const isClear = state.seen >= EVENTS_MIN && drift !== null && drift.psiAdjusted < PSI_CLEAR;
  if (!isClear) state.since = -1;
  else if (state.since < 0) state.since = minute;
  return isClear && minute - state.since >= CLEAR_MINUTES;
}
