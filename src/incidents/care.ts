import { type Incident, SYSTEM, type TimelineEntry, type Transition } from '../model/incident.ts';
import { logTime } from '../model/log-time.ts';
import { limitText, type Millis } from '../model/time.ts';
import type { IncidentBook, Written } from './book.ts';
import { type Acceptance, beginEscalation, followEscalation, type Owner } from './escalation.ts';
import type { EscalationPolicy } from './escalation-policy.ts';
import { followTimers, type TargetOf, type TimerNews } from './timers.ts';

/** What is promised of an incident, and who is told when nobody keeps it. */
export interface CareRules {
  readonly targetsOf: (incident: Incident) => TargetOf;
  /** Of its service; null: it has none. */
  readonly policyOf: (incident: Incident) => EscalationPolicy | null;
  readonly ownerOf: (incident: Incident) => Owner | null;
}

/** An incident that was just opened, with its timers, and with the first level of its policy told of it. */
export function opened(written: Written, rules: CareRules, now: Millis): Written {
  const { incident, transition } = written;
  const policy = rules.policyOf(incident);
  return {
    transition,
    incident: {
      ...incident,
      timers: followTimers(incident, rules.targetsOf(incident), now).timers,
      escalation: policy === null ? null : beginEscalation(incident, policy, now),
    },
  };
}

/** What a tick has found, with what begins with its opening in all that has become of an incident since. The book knows it too. */
export function caredFor(
  found: readonly Written[],
  book: Pick<IncidentBook, 'byId' | 'put'>,
  begin: (opened: Written) => Written,
): Written[] {
  const begun = new Map<string, Pick<Incident, 'timers' | 'escalation'>>();
  const cared = found.map((one): Written => {
    const { id } = one.incident;
    if (one.transition === 'opened') {
      const { suppressedBy } = book.byId(id) ?? one.incident;
      const { timers, escalation } = begin({ ...one, incident: { ...one.incident, suppressedBy } }).incident;
      begun.set(id, { timers, escalation });
    }
    const care = begun.get(id);
    return care === undefined ? one : { ...one, incident: { ...one.incident, ...care } };
  });
  for (const [id, care] of begun) {
    const incident = book.byId(id);
    if (incident !== undefined) book.put({ ...incident, ...care });
  }
  return cared;
}

/**
 * What time has made of an incident: shares of targets that have passed, and people who are told because nobody has acknowledged.
 * @param accepted  who took the newest call of its escalation first, as far as that is not in the record yet
 * @param isOtherwise  rules may be others than they were
 */
export function tended(
  incident: Incident,
  rules: CareRules,
  accepted: Acceptance | null,
  now: Millis,
  isOtherwise: boolean,
): Written[] {
  const { timers, news } = followTimers(incident, rules.targetsOf(incident), now, isOtherwise);
  let current: Incident = timers === incident.timers ? incident : { ...incident, timers };
  const written: Written[] = [];
  const say = (entry: Pick<TimelineEntry, 'event' | 'text' | 'sla'>, transition: Transition): void => {
    current = withEntry(current, { at: logTime(current, now), by: SYSTEM, ...entry });
    written.push({ incident: current, transition });
  };
  for (const one of news) say(entryOf(one), 'updated');
  const escalated = followEscalation(current, rules.policyOf(current), rules.ownerOf(current), accepted, now);
  if (escalated !== null) {
    const { escalation, call } = escalated;
    current = { ...current, escalation };
    if (call?.isFirst === true) say({ event: 'updated', text: call.text }, 'updated');
    else if (call !== null) {
      current = { ...current, escalations: current.escalations + 1 };
      say({ event: 'escalated', text: call.text }, 'escalated');
    }
  }
  // What nobody has to be told of is kept all the same.
  if (current !== incident && current !== written.at(-1)?.incident)
    written.push({ incident: current, transition: null });
  return written;
}

/** Nothing that is said here stops, pauses or begins a timer. */
const withEntry = (incident: Incident, entry: TimelineEntry): Incident => ({
  ...incident,
  timeline: [...incident.timeline, entry],
  timers: incident.timers && { ...incident.timers, through: incident.timers.through + 1 },
});

const ASKED = { response: 'take it up', resolution: 'resolve it' } as const;

function entryOf({ timer, percent }: TimerNews): Pick<TimelineEntry, 'event' | 'text' | 'sla'> {
  const { kind, targetMs, priority, schedule } = timer;
  const time = `${limitText(targetMs)}${schedule === null ? '' : ` of ${schedule}`} to ${ASKED[kind]} (P${priority})`;
  const sla = { timer: kind, percent };
  return percent === 100
    ? { event: 'sla_breached', text: `the ${time} have passed`, sla }
    : { event: 'sla_warning', text: `${percent} % of the ${time} have passed`, sla };
}
