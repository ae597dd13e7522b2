import { type Actor, type Incident, isOpen, SYSTEM } from '../model/incident.ts';
import { logTime } from '../model/log-time.ts';
import type { Act, Reprioritized, SilencedThere } from '../model/remote-act.ts';
import type { Millis } from '../model/time.ts';
import { type Moved, move } from './lifecycle.ts';
import { isOfTheLaw, reassessed, silencedElsewhere } from './suppression.ts';

export interface Report {
  /** The operator's name for it. */
  readonly sink: string;
  /** What people call the tool, with the operator's name for it: `PagerDuty (pd)`. */
  readonly tool: string;
  readonly by: Actor;
  /** When it happened there; null: it does not say. */
  readonly at: Millis | null;
}

/** What becomes of an act. `repeat`: the record can't be opened again, a new one has to say so. `remake`: and its tool has lost it. */
export type Consequence =
  | { readonly kind: 'moved'; readonly moved: Moved; readonly by: Actor; readonly remake?: true }
  /** What it is suppressed by is another. */
  | { readonly kind: 'reassessed'; readonly incident: Incident; readonly transition: 'updated' | null }
  | { readonly kind: 'repeat'; readonly reason: string }
  /** It is so already, or was overtaken. */
  | { readonly kind: 'nothing' };

const NOTHING: Consequence = { kind: 'nothing' };

/**
 * What an act that a tool reports does to an incident: the table of docs/guide/coming-back.md.
 * @param now  clock, ms
 */
export function consequenceOf(incident: Incident, act: Act, report: Report, now: Millis): Consequence {
  const { tool, by } = report;
  const open = isOpen(incident);
  const moves = (step: Parameters<typeof move>[1], who = by): Consequence => {
    const moved = move(incident, step, who, now);
    return moved.illegal ? NOTHING : { kind: 'moved', moved, by: who };
  };
  switch (act.type) {
    case 'acknowledge':
      return open && incident.ackedAt === null ? moves({ type: 'acknowledge' }) : NOTHING;
    case 'unacknowledge':
      return open && incident.ackedAt !== null ? unacknowledged(incident, report, now) : NOTHING;
    case 'assign':
      return open && incident.assignedTo !== act.to ? moves(act) : NOTHING;
    case 'hold':
      return open && incident.hold?.reason !== act.reason && incident.state !== 'on_hold' ? moves(act) : NOTHING;
    case 'resume':
      return incident.state === 'on_hold' ? moves({ type: 'resume' }) : NOTHING;
    case 'note':
      return moves({ type: 'note', text: act.text });
    case 'remark':
      return moves({ type: 'note', text: act.text }, SYSTEM);
    case 'prioritize':
      return open ? reprioritized(incident, act, report, now) : NOTHING;
    case 'resolve':
      if (!open || isBefore(report.at, lastOf(incident, 'reopened'))) return NOTHING;
      if (incident.flags.includes('serious_candidate') && by.id === report.sink)
        return leftToPerson(incident, tool, now);
      return moves({ type: 'resolve', code: act.code, notes: act.notes ?? `resolved in ${tool}` });
    case 'reopen':
      if (open || isBefore(report.at, lastOf(incident, 'resolved'))) return NOTHING;
      if (incident.state === 'resolved') return moves({ type: 'reopen', reason: `opened again in ${tool}` });
      return incident.state === 'closed' ? { kind: 'repeat', reason: `opened again in ${tool}` } : NOTHING;
    case 'silence':
      return silenced(incident, act.silences, report.sink, now);
    case 'merge':
      return moves({ type: 'note', text: `in ${tool} it was merged into ${act.into}` }, SYSTEM);
    case 'delete': {
      const text = `its ticket in ${tool} was deleted${open ? ': it is made again, once' : ''}`;
      const noted = moves({ type: 'note', text }, SYSTEM);
      return open && noted.kind === 'moved' ? { ...noted, remake: true } : noted;
    }
  }
}

/** What may be a serious incident is ended by somebody who can be named. Said once. */
function leftToPerson(incident: Incident, tool: string, now: Millis): Consequence {
  const text = `${tool} says that it is resolved, and not by whom: as it may be a serious incident a person has to resolve it`;
  if (incident.timeline.some((entry) => entry.text === text)) return NOTHING;
  const moved = move(incident, { type: 'note', text }, SYSTEM, now);
  return moved.illegal ? NOTHING : { kind: 'moved', moved, by: SYSTEM };
}

/** Nobody has it any more: whoever waits for an acknowledgement waits again. */
function unacknowledged(incident: Incident, { tool, by }: Report, now: Millis): Consequence {
  const text = `no longer acknowledged in ${tool}`;
  const timeline = [...incident.timeline, { at: logTime(incident, now), by, event: 'updated' as const, text }];
  const moved: Moved = {
    illegal: false,
    incident: { ...incident, ackedAt: null, ackedBy: null, timeline },
    transition: 'updated',
  };
  return { kind: 'moved', moved, by };
}

/** Silences of that tool alone: those of others stay. */
function silenced(incident: Incident, silences: readonly SilencedThere[], sink: string, now: Millis): Consequence {
  let after: Incident = {
    ...incident,
    suppressedBy: incident.suppressedBy.filter(({ id }) => !id.includes(`:${sink}/`)),
  };
  if (!isOfTheLaw(incident))
    for (const one of silences) after = silencedElsewhere(after, { ...one, id: `${sink}/${one.id}` });
  const done = reassessed(incident, after.suppressedBy, now);
  return done === null ? NOTHING : { kind: 'reassessed', ...done };
}

function reprioritized(incident: Incident, act: Reprioritized, { tool, by }: Report, now: Millis): Consequence {
  const isSo = (['impact', 'urgency', 'priority'] as const).every(
    (key) => (act[key] ?? incident[key]) === incident[key],
  );
  if (isSo) return NOTHING;
  const moved = move(incident, { type: 'prioritize', ...weightsIn(act), reason: `changed in ${tool}` }, by, now);
  return moved.illegal ? NOTHING : { kind: 'moved', moved, by };
}

const weightsIn = ({ impact, urgency, priority }: Reprioritized): Reprioritized => ({
  ...(impact === undefined ? {} : { impact }),
  ...(urgency === undefined ? {} : { urgency }),
  ...(priority === undefined ? {} : { priority }),
});

const lastOf = ({ timeline }: Incident, event: 'reopened' | 'resolved'): Millis | null =>
  timeline.findLast((entry) => entry.event === event)?.at ?? null;

/** It happened before what has happened here since: nothing that is being said now. */
const isBefore = (at: Millis | null, since: Millis | null): boolean => at !== null && since !== null && at < since;
