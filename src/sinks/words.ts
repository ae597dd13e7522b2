import type { Message } from '../model/delivery.ts';
import type { Incident, IncidentState, Transition } from '../model/incident.ts';
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

export function transitionWord({ transition, incident }: Pick<Message, 'transition' | 'incident'>): string {
  const sla = incident.timeline.at(-1)?.sla;
  if (transition === 'updated' && sla?.percent === 100) return MISSED[sla.timer];
  return transition === 'closed' && incident.state === 'cancelled' ? CANCELLED : TRANSITIONS[transition];
}

/** `P2 open: support-bot: groundedness 0.93 ...`: priority, state and title. */
export const headline = (incident: Incident): string =>
  `P${incident.priority} ${STATES[incident.state]}: ${plainText(incident.title, 300)}`;

/** The state says it already. */
const SAID_BY_STATE: ReadonlySet<Transition> = new Set(['opened', 'resolved', 'closed']);

/** The first line of a message that is about one transition: `P2 open: ...`, `Acknowledged, P2 in progress: ...`. */
export const heading = (message: Pick<Message, 'transition' | 'incident'>): string =>
  SAID_BY_STATE.has(message.transition)
    ? headline(message.incident)
    : `${transitionWord(message)}, ${headline(message.incident)}`;

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
