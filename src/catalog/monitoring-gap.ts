import { DAY_MS, type Millis } from '../model/time.ts';
import type { Finding } from './findings.ts';

/** What is judged by an objective, as far as it says whether anything still comes. */
export interface Watched {
  readonly objective: string;
  /** Events of the last day. */
  readonly dayEvents: number;
  /** Of its window, and how long that is. */
  readonly events: number;
  readonly windowMs: Millis;
}

/** Where so many came on an average day, a day without any is no chance: less than one in 10^8. */
const USUAL_PER_DAY = 20;

/**
 * Objectives that nothing has been counted for in a day in which the service was used, where there was plenty before: an
 * evaluator, a form or a label has stopped. Too little evidence opens no incident; this says that it should not be so.
 * @param interactions  of the service in the last day
 */
export function monitoringGaps(objectives: readonly Watched[], interactions: number, now: Millis): Finding[] {
  if (interactions < USUAL_PER_DAY) return [];
  return objectives
    .filter(({ dayEvents, events, windowMs }) => dayEvents === 0 && (events / windowMs) * DAY_MS >= USUAL_PER_DAY)
    .map(({ objective, events }) => ({
      kind: 'monitoring_gap',
      since: now - DAY_MS,
      detail: `nothing has been counted for ${objective} in the last day, though the service was used: what it rests on has stopped. What to do: look at the evaluator, the form or the labels behind it`,
      evidence: { objective, interactions, eventsInWindow: events },
    }));
}
