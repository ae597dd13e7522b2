import { type Incident, isOpen, SYSTEM } from '../model/incident.ts';
import { logTime } from '../model/log-time.ts';
import type { Millis } from '../model/time.ts';
import { isMuted } from './suppression.ts';

/**
 * An incident once another destination has been told instead of the one that could not be. Null: it needs no telling, because it
 * is over, somebody has it already, that destination knows, or people are not to be told of it now.
 * @param why  one phrase for the timeline: `pagerduty has not taken it for five minutes`
 */
export function toldInstead(incident: Incident, fallback: string, why: string, now: Millis): Incident | null {
  const told = incident.toldInstead ?? [];
  if (!isOpen(incident) || isMuted(incident) || isInHand(incident) || told.includes(fallback)) return null;
  const at = logTime(incident, now);
  return {
    ...incident,
    toldInstead: [...told, fallback],
    timeline: [...incident.timeline, { at, by: SYSTEM, event: 'escalated', text: `${why}: ${fallback} is told` }],
  };
}

/** Somebody has acknowledged it, and it was neither reopened nor escalated since: those need somebody anew. */
const isInHand = ({ ackedAt, timeline }: Incident): boolean =>
  ackedAt !== null &&
  !timeline.some(({ event, at }) => (event === 'reopened' || event === 'escalated') && at >= ackedAt);
