import { MINUTES_PER_HOUR, type Minute } from '../model/time.ts';
import type { Episode } from './episodes.ts';

/** What opens so often within this time comes and goes. */
const WITHIN_MINUTES = 6 * MINUTES_PER_HOUR;
/** Enough to begin, and few enough to end: between the two it stays as it was. */
const ENTER_OPENS = 4;
const LEAVE_OPENS = 1;

/** How often a promise has been broken anew in the six hours that end with a minute. Two detectors that see the same count once. */
export function opensUntil(episodes: readonly Episode[], minute: Minute): number {
  const opens = new Map<string, number>();
  for (const { detector, alarm } of episodes)
    if (alarm <= minute && alarm > minute - WITHIN_MINUTES) opens.set(detector, (opens.get(detector) ?? 0) + 1);
  return Math.max(0, ...opens.values());
}

export const beginsToFlap = (opens: number): boolean => opens >= ENTER_OPENS;
export const staysAway = (opens: number): boolean => opens <= LEAVE_OPENS;
