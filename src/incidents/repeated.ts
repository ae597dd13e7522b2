import { type Actor, BLANK, type Incident } from '../model/incident.ts';
import type { Millis } from '../model/time.ts';
import { weighed } from './priority.ts';
import { seriousBecause } from './serious.ts';
import { titleOf } from './text.ts';

/**
 * A new record of what somebody has opened again after it was closed: as the old one was, with its evidence, and nothing of what was
 * done about it or judged of it. Whoever opened it has seen it. What may have been a serious incident may be one again. Whether it is
 * an instance of a problem is looked at as for any other: a problem knows all of its incidents.
 */
export function repeated(before: Incident, id: string, reason: string, by: Actor, now: Millis): Incident {
  const { impact, urgency } = before.reckoned;
  const { knownError: _, ...known } = before;
  const isSuspect = before.flags.includes('serious_candidate') || seriousBecause(before) !== null;
  return {
    ...known,
    ...BLANK,
    ...weighed({ impact, urgency }, null),
    id,
    state: 'in_progress',
    title: titleOf(before),
    categorySetBy: before.categorySetBy,
    causedByChange: before.causedByChange,
    startedAt: now,
    detectedAt: now,
    openedAt: now,
    ackedAt: now,
    ackedBy: by,
    toldInstead: [],
    flags: isSuspect ? ['serious_candidate'] : [],
    recurrenceOf: before.id,
    timeline: [{ at: now, by, event: 'opened', text: `${reason}; ${before.id} is closed` }],
  };
}
