import { extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { ESCALATION_ENDS, type Escalation } from '../../model/escalation.ts';
import { type IncidentTimer, TIMER_KINDS, TIMER_STAGES, type TimerReading } from '../../model/incident-timer.ts';
import { iso, type Millis } from '../../model/time.ts';

extendZodWithOpenApi(z);

const time = z.iso.datetime().nullable();
const ms = z.int();

/** A target of an incident, and how it stands. */
export const TimerSchema = z.object({
  kind: z.enum(TIMER_KINDS),
  priority: z.int(),
  stage: z.enum(TIMER_STAGES),
  hasBreached: z.boolean().openapi({ description: 'One that has runs on to its end.' }),
  targetMs: ms.openapi({ description: 'Time of the schedule.' }),
  schedule: z.string().nullable().openapi({ description: 'null: around the clock.' }),
  start: z.iso.datetime(),
  stop: time,
  plannedEnd: time.openapi({
    description: 'When it breaches if nothing more happens, or did; null while it is paused.',
  }),
  originalBreach: z.iso.datetime().openapi({ description: 'When it would have without any pause.' }),
  elapsedMs: ms.openapi({ description: 'Without pauses, on the clock.' }),
  businessElapsedMs: ms.openapi({ description: 'Without pauses, of the schedule.' }),
  pausedMs: ms,
  leftMs: ms.openapi({ description: 'Of the schedule; negative: that long beyond the target.' }),
  percentage: z.number().openapi({ description: 'Of the target, for display: rounded down.' }),
  actualPercentage: z.number().openapi({ description: 'The same by the clock.' }),
});
export type TimerJson = z.output<typeof TimerSchema>;

export const EscalationSchema = z.object({
  policy: z.string(),
  level: z.int().openapi({ description: 'Told last; 0: none yet.' }),
  dueAt: time.openapi({ description: 'When the next are told unless somebody acknowledges.' }),
  ended: z.enum(ESCALATION_ENDS).nullable(),
  calls: z.array(
    z.object({
      level: z.int(),
      kind: z.enum(['level', 'fallback', 'owner']),
      sinks: z.array(z.string()),
      seq: z.int().openapi({ description: 'Of the delivery that told them.' }),
      at: z.iso.datetime(),
      acceptedAt: time,
      acceptedBy: z.string().nullable(),
    }),
  ),
});
export type EscalationJson = z.output<typeof EscalationSchema>;

const isoOrNull = (at: Millis | null): string | null => (at === null ? null : iso(at));

export const timerToJson = ({ warned, nextAt, ...timer }: IncidentTimer & TimerReading): TimerJson => ({
  ...timer,
  start: iso(timer.start),
  stop: isoOrNull(timer.stop),
  plannedEnd: isoOrNull(timer.plannedEnd),
  originalBreach: iso(timer.originalBreach),
});

export function escalationToJson(escalation: Escalation | null): EscalationJson | null {
  if (escalation === null) return null;
  const { policy, step, calls, dueAt, ended } = escalation;
  return {
    policy,
    level: step < 0 ? 0 : (calls.at(-1)?.level ?? 0),
    dueAt: isoOrNull(dueAt),
    ended,
    calls: calls.map((call) => ({
      ...call,
      sinks: [...call.sinks],
      at: iso(call.at),
      acceptedAt: isoOrNull(call.acceptedAt),
    })),
  };
}
