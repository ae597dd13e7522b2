import type {
  Actor,
  Article349,
  CloseCode,
  Harm,
  HoldReason,
  Incident,
  IncidentFlag,
  IncidentState,
  Priority,
  TimelineEntry,
  Transition,
  Weight,
} from '../model/incident.ts';
import { logTime } from '../model/log-time.ts';
import type { Category } from '../model/taxonomy.ts';
import { iso, type Millis } from '../model/time.ts';
import { categorized, classified, prioritized } from './decisions.ts';
import { withheldAfter } from './suppression.ts';

/** What concerns the record: possible as long as it is not closed. */
const ABOUT_IT = ['prioritize', 'categorize'] as const;
/** What may be learnt, and judged, when all is long over. */
const ALWAYS = ['classify', 'aware', 'note'] as const;

/** What may be done to an incident in each state (docs/guide/incidents.md). */
const MOVES: Readonly<Record<IncidentState, readonly Move['type'][]>> = {
  new: ['acknowledge', 'assign', 'hold', 'resolve', 'cancel', 'mitigate', ...ABOUT_IT, ...ALWAYS],
  in_progress: ['acknowledge', 'assign', 'hold', 'resolve', 'cancel', 'mitigate', ...ABOUT_IT, ...ALWAYS],
  on_hold: ['acknowledge', 'assign', 'resume', 'resolve', 'cancel', 'mitigate', ...ABOUT_IT, ...ALWAYS],
  resolved: ['close', 'reopen', ...ABOUT_IT, ...ALWAYS],
  closed: ALWAYS,
  cancelled: ALWAYS,
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
  | { readonly type: 'note'; readonly text: string }
  /** Somebody says how much it weighs: what is left out stays, null takes back what somebody has said. */
  | {
      readonly type: 'prioritize';
      readonly impact?: Weight | null | undefined;
      readonly urgency?: Weight | null | undefined;
      readonly priority?: Priority | null | undefined;
      readonly reason: string;
    }
  | { readonly type: 'categorize'; readonly category: Category; readonly reason: string }
  /** A named person judges the harm. */
  | {
      readonly type: 'classify';
      readonly harm: Harm;
      readonly art349: Article349;
      /** Whether a report has still to be thought of; left out: if the harm or the article say so. */
      readonly seriousCandidate?: boolean | undefined;
      readonly reason: string;
    }
  /** The harm is contained. @see Incident.mitigatedAt */
  | { readonly type: 'mitigate'; readonly at?: Millis | undefined }
  /** A person knows of it. @see Incident.awareAt */
  | { readonly type: 'aware'; readonly at?: Millis | undefined };

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

/** What is possible instead. */
export function illegalText(id: string, { type }: Move, { state, legal }: Illegal): string {
  const ended = state === 'closed' || state === 'cancelled';
  const instead =
    ended && type === 'reopen'
      ? '. That is final: if it is still broken, or breaks again, Plimsoll opens a new incident, with recurrenceOf where it knows of this one. What is left to say belongs in a note'
      : '';
  return `${id} is ${state}: ${type} is not possible, ${legal.join(', ')} are${instead}`;
}

export const legalMoves = (state: IncidentState): readonly Move['type'][] => MOVES[state];

/** The first thing that a person does says that somebody has seen it; but not that somebody puts it away, and not what comes after the end. */
const isSeenBy = (incident: Incident, { type }: Move, by: Actor): boolean =>
  incident.ackedAt === null && by.kind !== 'system' && type !== 'cancel' && type !== 'close' && !isFinal(incident);

const isFinal = ({ state }: Incident): boolean => state === 'closed' || state === 'cancelled';

/** @param now  clock, ms */
export function move(incident: Incident, step: Move, by: Actor, now: Millis): Moved | Illegal {
  const at = logTime(incident, now);
  if (!MOVES[incident.state].includes(step.type))
    return { illegal: true, state: incident.state, legal: MOVES[incident.state] };
  const seen = isSeenBy(incident, step, by) ? { ackedAt: at, ackedBy: by } : {};
  const done = (
    transition: Transition,
    event: TimelineEntry['event'],
    text: string,
    change: Partial<Incident> = {},
  ): Moved => ({
    illegal: false,
    incident: {
      ...incident,
      ...seen,
      ...change,
      withheld: withheldAfter(incident, transition),
      timeline: [...incident.timeline, { at, by, event, text }],
    },
    transition,
  });
  const taken: IncidentState = incident.state === 'new' ? 'in_progress' : incident.state;
  switch (step.type) {
    case 'acknowledge':
      return done('acknowledged', 'acknowledged', `acknowledged by ${by.name ?? by.id}`, {
        ackedAt: incident.ackedAt ?? at,
        ackedBy: incident.ackedBy ?? by,
        state: taken,
      });
    case 'assign':
      return done('updated', 'assigned', `assigned to ${step.to}`, { assignedTo: step.to, state: taken });
    case 'hold':
      return done('held', 'held', `on hold: ${step.reason}`, {
        state: 'on_hold',
        hold: { reason: step.reason, since: at },
      });
    case 'resume':
      return done('updated', 'resumed', 'taken up again', { state: 'in_progress', hold: null });
    case 'resolve':
      return done('resolved', 'resolved', step.notes, {
        state: 'resolved',
        hold: null,
        resolvedAt: at,
        closeCode: step.code,
        closeNotes: step.notes,
        flags: incident.flags.filter((flag) => flag !== 'flapping'),
      });
    case 'close':
      return done('closed', 'closed', 'closed', { state: 'closed', closedAt: at });
    case 'reopen':
      return done('reopened', 'reopened', step.reason, {
        state: 'in_progress',
        mitigatedAt: null,
        resolvedAt: null,
        closeCode: null,
        closeNotes: null,
      });
    case 'cancel':
      return done('closed', 'cancelled', step.reason, { state: 'cancelled', closedAt: at, hold: null });
    case 'note':
      return done('updated', 'note', step.text);
    case 'prioritize': {
      const change = prioritized(incident, step, by, at);
      return done('updated', 'prioritized', `P${change.priority}: ${step.reason}`, change);
    }
    case 'categorize':
      return done('updated', 'categorized', `${incident.category} -> ${step.category}: ${step.reason}`, {
        ...categorized(incident, step, by, at),
      });
    case 'classify': {
      const change = classified(incident, step, by, at);
      return done('updated', 'classified', `${harmText(step, change.flags)}: ${step.reason}`, change);
    }
    case 'mitigate': {
      const since = Math.max(step.at ?? at, incident.startedAt);
      return done('updated', 'mitigated', `mitigated at ${iso(since)}`, { mitigatedAt: since });
    }
    case 'aware': {
      const since = Math.min(incident.awareAt ?? Number.POSITIVE_INFINITY, step.at ?? at);
      const isFirst = since !== incident.awareAt;
      return done('updated', 'aware', `known to ${by.name ?? by.id} since ${iso(step.at ?? at)}`, {
        awareAt: since,
        awareBy: isFirst ? by : incident.awareBy,
      });
    }
  }
}

const harmText = (
  { harm, art349 }: { readonly harm: Harm; readonly art349: Article349 },
  flags: readonly IncidentFlag[],
): string =>
  [
    `harm: ${harm.replaceAll('_', ' ')}`,
    art349 === 'none' ? 'none of Art. 3(49)' : `Art. 3(49)(${art349})`,
    ...(flags.includes('serious_candidate') ? ['reporting to be considered'] : []),
  ].join(', ');
