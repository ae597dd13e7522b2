import { z } from 'zod';
import type { Priority } from '../incident.ts';
import { HOUR_MS, MINUTE_MS, type Millis } from '../time.ts';
import { map } from './document.ts';
import { duration, label } from './fields.ts';
import { ALWAYS_NAME } from './schedule.ts';

/** In what time an incident of a priority is to be taken up, and to be over; null: nothing is promised. */
export interface PriorityTarget {
  /** Time of the schedule, ms. */
  readonly respondMs: Millis | null;
  readonly resolveMs: Millis | null;
  /** A name, `always`, or null for the one of the service. */
  readonly schedule: string | null;
}
export type IncidentTargets = Readonly<Record<Priority, PriorityTarget>>;

/** Where nothing else is configured. A day of work is eight hours. */
export const DEFAULT_TARGETS: IncidentTargets = {
  1: { respondMs: 15 * MINUTE_MS, resolveMs: 4 * HOUR_MS, schedule: ALWAYS_NAME },
  2: { respondMs: 30 * MINUTE_MS, resolveMs: 8 * HOUR_MS, schedule: ALWAYS_NAME },
  3: { respondMs: 4 * HOUR_MS, resolveMs: 3 * 8 * HOUR_MS, schedule: null },
  4: { respondMs: 8 * HOUR_MS, resolveMs: 5 * 8 * HOUR_MS, schedule: null },
  5: { respondMs: null, resolveMs: null, schedule: null },
};

const length = z.union([z.literal('none').transform(() => null), duration('1m', '366d')], {
  error: 'expected a duration like 15m, or none',
});
const target = map({
  respond: length.optional(),
  resolve: length.optional(),
  /** `always` is around the clock. */
  schedule: label.optional(),
}).optional();

/** What is not written of a priority is what it is by default. */
export const incidentTargets = map({ P1: target, P2: target, P3: target, P4: target, P5: target }).transform(
  (written): IncidentTargets => {
    const of = (priority: Priority): PriorityTarget => {
      const { respondMs, resolveMs, schedule } = DEFAULT_TARGETS[priority];
      const own = written[`P${priority}`];
      return {
        respondMs: own?.respond === undefined ? respondMs : own.respond,
        resolveMs: own?.resolve === undefined ? resolveMs : own.resolve,
        schedule: own?.schedule ?? schedule,
      };
    };
    return { 1: of(1), 2: of(2), 3: of(3), 4: of(4), 5: of(5) };
  },
);
