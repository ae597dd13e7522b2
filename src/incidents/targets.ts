import type { IncidentTargets } from '../model/config/incident-targets.ts';
import { ALWAYS_NAME } from '../model/config/schedule.ts';
import type { Priority } from '../model/incident.ts';
import type { TimerKind } from '../model/incident-timer.ts';
import type { Millis } from '../model/time.ts';
import { ALWAYS, type Hours } from './hours.ts';

/** In what time an incident is to be taken up, or to be over. */
export interface TimerTarget {
  /** Time of the schedule, ms. */
  readonly ms: Millis;
  /** Null: around the clock. */
  readonly schedule: string | null;
  readonly hours: Hours;
}

/**
 * The target of an incident; null: none.
 * @param ofService  the schedule of its service, which counts where the target names none
 */
export function targetFor(
  targets: IncidentTargets,
  kind: TimerKind,
  priority: Priority,
  ofService: string | null,
  hoursOf: (schedule: string) => Hours | undefined,
): TimerTarget | null {
  const { respondMs, resolveMs, schedule } = targets[priority];
  const ms = kind === 'response' ? respondMs : resolveMs;
  if (ms === null) return null;
  const name = schedule ?? ofService ?? ALWAYS_NAME;
  const hours = name === ALWAYS_NAME ? undefined : hoursOf(name);
  return hours === undefined ? { ms, schedule: null, hours: ALWAYS } : { ms, schedule: name, hours };
}
