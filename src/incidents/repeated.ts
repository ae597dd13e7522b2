import type { Actor, Incident } from '../model/incident.ts';
import type { Millis } from '../model/time.ts';
import { titleOf } from './text.ts';

/**
 * A new record of what somebody has opened again after it was closed: as the old one was, with its evidence, and nothing of what was
 * done about it. Whoever opened it has seen it.
 */
export function repeated(before: Incident, id: string, reason: string, by: Actor, now: Millis): Incident {
  return {
    ...before,
    id,
    state: 'in_progress',
    title: titleOf(before),
    startedAt: now,
    detectedAt: now,
    openedAt: now,
    notifiedAt: null,
    ackedAt: now,
    ackedBy: by,
    mitigatedAt: null,
    awareAt: null,
    awareBy: null,
    resolvedAt: null,
    closedAt: null,
    detectedLate: false,
    hold: null,
    closeCode: null,
    closeNotes: null,
    escalations: 0,
    escalation: null,
    timers: null,
    related: [],
    suppressedBy: [],
    withheld: null,
    flags: [],
    recurrenceOf: before.id,
    parent: null,
    timeline: [{ at: now, by, event: 'opened', text: `${reason}; ${before.id} is closed` }],
  };
}
