import type {
  Actor,
  CloseCode,
  HoldReason,
  Incident,
  IncidentState,
  TimelineEntry,
  Transition,
} from '../model/incident.ts';
import type { Millis } from '../model/time.ts';
import { withheldAfter } from './suppression.ts';

/** What may be done to an incident in each state (docs/guide/incidents.md). Noting is always allowed. */
const MOVES: Readonly<Record<IncidentState, readonly Move['type'][]>> = {
  new: ['acknowledge', 'assign', 'hold', 'resolve', 'cancel', 'note'],
  in_progress: ['acknowledge', 'assign', 'hold', 'resolve', 'cancel', 'note'],
  on_hold: ['acknowledge', 'assign', 'resume', 'resolve', 'cancel', 'note'],
  resolved: ['close', 'reopen', 'note'],
  closed: ['note'],
  cancelled: ['note'],
};

/** What people, tools and the judge do to an incident. */
export type Move =
  | { readonly type: 'acknowledge' }
  | { readonly type: 'assign'; readonly to: string }
  | { readonly type: 'hold'; readonly reason: HoldReason }
  | { readonly type: 'resume' }
  | { readonly type: 'resolve'; readonly code: CloseCode; readonly notes: string }
  | { readonly type: 'close' }
  | { readonly type: 'reopen'; readonly reason: string }
  | { readonly type: 'cancel'; readonly reason: string }
  | { readonly type: 'note'; readonly text: string };

/** A move that the state does not allow; says which are. */
export interface Illegal {
  readonly illegal: true;
  readonly state: IncidentState;
  readonly legal: readonly Move['type'][];
}

export interface Moved {
  readonly illegal: false;
  readonly incident: Incident;
  /** What sinks are told; null for what concerns the record alone. */
  readonly transition: Transition;
}

export const legalMoves = (state: IncidentState): readonly Move['type'][] => MOVES[state];

/** @param at  clock, ms */
export function move(incident: Incident, step: Move, by: Actor, at: Millis): Moved | Illegal {
  if (!MOVES[incident.state].includes(step.type))
    return { illegal: true, state: incident.state, legal: MOVES[incident.state] };
  const entry = (event: TimelineEntry['event'], text: string): Incident['timeline'] => [
    ...incident.timeline,
    { at, by, event, text },
  ];
  // The first thing a person does says that somebody has seen it.
  const seen =
    incident.ackedAt === null && by.kind !== 'system' && step.type !== 'cancel' && step.type !== 'close'
      ? { ackedAt: at, ackedBy: by }
      : {};
  const done = (transition: Transition, change: Partial<Incident>): Moved => ({
    illegal: false,
    incident: { ...incident, ...seen, ...change, withheld: withheldAfter(incident, transition) },
    transition,
  });
  switch (step.type) {
    case 'acknowledge':
      return done('acknowledged', {
        ackedAt: incident.ackedAt ?? at,
        ackedBy: incident.ackedBy ?? by,
        state: incident.state === 'new' ? 'in_progress' : incident.state,
        timeline: entry('acknowledged', `acknowledged by ${by.id}`),
      });
    case 'assign':
      return done('updated', {
        assignedTo: step.to,
        state: incident.state === 'new' ? 'in_progress' : incident.state,
        timeline: entry('assigned', `assigned to ${step.to}`),
      });
    case 'hold':
      return done('held', {
        state: 'on_hold',
        hold: { reason: step.reason, since: at },
        timeline: entry('held', `on hold: ${step.reason}`),
      });
    case 'resume':
      return done('updated', { state: 'in_progress', hold: null, timeline: entry('resumed', 'taken up again') });
    case 'resolve':
      return done('resolved', {
        state: 'resolved',
        hold: null,
        resolvedAt: at,
        closeCode: step.code,
        closeNotes: step.notes,
        flags: incident.flags.filter((flag) => flag !== 'flapping'),
        timeline: entry('resolved', step.notes),
      });
    case 'close':
      return done('closed', { state: 'closed', closedAt: at, timeline: entry('closed', 'closed') });
    case 'reopen':
      return done('reopened', {
        state: 'in_progress',
        resolvedAt: null,
        closeCode: null,
        closeNotes: null,
        timeline: entry('reopened', step.reason),
      });
    case 'cancel':
      return done('closed', {
        state: 'cancelled',
        closedAt: at,
        hold: null,
        timeline: entry('cancelled', step.reason),
      });
    case 'note':
      return done('updated', { timeline: entry('note', step.text) });
  }
}
