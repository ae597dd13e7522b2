import type { Priority } from '../model/incident.ts';
import type { TimerKind } from '../model/incident-timer.ts';
import { HOUR_MS, MINUTE_MS, type Millis } from '../model/time.ts';
import { ALWAYS, type Hours } from './hours.ts';

/** In what time an incident is to be taken up, or to be over. */
export interface TimerTarget {
  /** Time of the schedule, ms. */
  readonly ms: Millis;
  /** Null: around the clock. */
  readonly schedule: string | null;
  readonly hours: Hours;
}

/** What a deployment says of one priority; null: nothing is promised. */
export interface PriorityTarget {
  readonly respondMs: Millis | null;
  readonly resolveMs: Millis | null;
  /** A name, `always`, or null for the one of the service. */
  readonly schedule: string | null;
}

export type IncidentTargets = Readonly<Record<Priority, PriorityTarget>>;

/** From which priority on the hours of the service count, where nothing else is said. */
export const ROUND_THE_CLOCK = 'always';

/** Where nothing else is configured. A day of work is eight hours. */
export const DEFAULT_TARGETS: IncidentTargets = {
  1: { respondMs: 15 * MINUTE_MS, resolveMs: 4 * HOUR_MS, schedule: ROUND_THE_CLOCK },
  2: { respondMs: 30 * MINUTE_MS, resolveMs: 8 * HOUR_MS, schedule: ROUND_THE_CLOCK },
  3: { respondMs: 4 * HOUR_MS, resolveMs: 3 * 8 * HOUR_MS, schedule: null },
  4: { respondMs: 8 * HOUR_MS, resolveMs: 5 * 8 * HOUR_MS, schedule: null },
  5: { respondMs: null, resolveMs: null, schedule: null },
};

/** The target of an incident; null: none. @param ofService  the schedule of its service */
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
  const name = schedule ?? ofService ?? ROUND_THE_CLOCK;
  const hours = name === ROUND_THE_CLOCK ? undefined : hoursOf(name);
  return hours === undefined ? { ms, schedule: null, hours: ALWAYS } : { ms, schedule: name, hours };
}
