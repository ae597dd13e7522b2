import type { Message } from '../model/delivery.ts';
import type { Incident, IncidentState, TimelineEntry, Transition } from '../model/incident.ts';
import type { TimerKind } from '../model/incident-timer.ts';
import { plainText } from '../model/plain-text.ts';

/** What people read of an incident wherever they are told in words. Plain text: each medium escapes it in its own way. */
const TRANSITIONS: Readonly<Record<Transition, string>> = {
  opened: 'Opened',
  acknowledged: 'Acknowledged',
  updated: 'Changed',
  escalated: 'Escalated',
  held: 'On hold',
  resolved: 'Resolved',
  reopened: 'Reopened',
  closed: 'Closed',
};
const STATES: Readonly<Record<IncidentState, string>> = {
  new: 'open',
  in_progress: 'in progress',
  on_hold: 'on hold',
  resolved: 'resolved',
  closed: 'closed',
  cancelled: 'cancelled',
};

const MISSED: Readonly<Record<TimerKind, string>> = {
  response: 'Not acknowledged in time',
  resolution: 'Not resolved in time',
};

const CANCELLED = 'Cancelled';
/** All that `transitionWord` may say. */
export const TRANSITION_WORDS: readonly string[] = [...Object.values(TRANSITIONS), ...Object.values(MISSED), CANCELLED];

type Told = Pick<Message, 'transition' | 'incident' | 'announced'>;

/** To who hears of it for the first time nothing has changed: it is there, as after the end of a silence. */
export function transitionWord({ transition, incident, announced }: Told): string {
  const sla = incident.timeline.at(-1)?.sla;
  if (transition === 'updated' && sla?.percent === 100) return MISSED[sla.timer];
  if (transition === 'updated' && !announced) return TRANSITIONS.opened;
  return transition === 'closed' && incident.state === 'cancelled' ? CANCELLED : TRANSITIONS[transition];
}

/** `P2 open: support-bot: groundedness 0.93 ...`: priority, state and title. */
export const headline = (incident: Incident): string =>
  `P${incident.priority} ${STATES[incident.state]}: ${plainText(incident.title, 300)}`;

/** The state says it already. */
const SAID_BY_STATE: ReadonlySet<string> = new Set([
  TRANSITIONS.opened,
  TRANSITIONS.resolved,
  TRANSITIONS.closed,
  CANCELLED,
]);

/** The first line of a message that is about one transition: `P2 open: ...`, `Acknowledged, P2 in progress: ...`. */
export function heading(message: Told): string {
  const word = transitionWord(message);
  return SAID_BY_STATE.has(word) ? headline(message.incident) : `${word}, ${headline(message.incident)}`;
}

/** Of these the timeline says what how it stands does not: who has it, who is called and why. What people wrote stays at home. */
const NEWS: ReadonlySet<TimelineEntry['event']> = new Set([
  'acknowledged',
  'assigned',
  'disclosed',
  'escalated',
  'held',
  'mitigated',
  'resumed',
  'sla_breached',
  'updated',
] as const);

/** `What happened: nobody acknowledged within 15m: level 2 (boss) is told`; null where the heading says it. */
export function newsText({ timeline }: Incident): string | null {
  const last = timeline.at(-1);
  return last !== undefined && NEWS.has(last.event) ? `What happened: ${plainText(last.text, 300)}` : null;
}

/** `INC-42, ai.hallucination.ungrounded, for ai-platform` */
export function idLine({ id, category, supportGroup }: Incident): string {
  const line = `${id}, ${category}`;
  return supportGroup === null ? plainText(line, 300) : plainText(`${line}, for ${supportGroup}`, 300);
}

/** The description, line by line without control and formatting characters. */
export const cleanLines = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => (line.startsWith('  ') ? `  ${plainText(line, 1000)}` : plainText(line, 1000)))
    .join('\n');
