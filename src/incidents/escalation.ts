import type { Escalation, EscalationCall, EscalationEnd } from '../model/escalation.ts';
import { type Incident, isOpen, type TimelineEntry } from '../model/incident.ts';
import { limitText, type Millis } from '../model/time.ts';
import type { EscalationPolicy, EscalationStep } from './escalation-policy.ts';
import { isMuted, isOfTheLaw } from './suppression.ts';

/** Who answers for the service of an incident. */
export interface Owner {
  readonly name: string;
  /** The destination that reaches them; null: none does. */
  readonly sink: string | null;
}

/** The first destination of the newest call that took it. */
export interface Acceptance {
  readonly at: Millis;
  readonly sink: string;
}

/** Who are told next, and in what words the timeline says it; null: nobody. */
export interface Escalated {
  readonly escalation: Escalation;
  readonly call: { readonly text: string; readonly isFirst: boolean } | null;
}

const LEAST_URGENT_AT_NIGHT = 2;

/** Less urgent ones wait for the hours of a policy; what may be a serious incident, or for which a clock of the law runs, never does. */
const isQuiet = (incident: Incident, { quietOutside }: EscalationPolicy, now: Millis): boolean =>
  quietOutside !== null &&
  incident.priority > LEAST_URGENT_AT_NIGHT &&
  !isOfTheLaw(incident) &&
  !quietOutside.isOpen(now);

/**
 * Of an incident that has just been opened: the first level is told of that, unless hours are quiet or it is suppressed. One that
 * somebody has opened is theirs already.
 */
export function beginEscalation(incident: Incident, policy: EscalationPolicy, now: Millis): Escalation {
  const begun = beginning(incident, policy, now);
  return incident.ackedAt === null ? begun : { ...begun, dueAt: null, ended: 'acknowledged' };
}

function beginning(incident: Incident, policy: EscalationPolicy, now: Millis): Escalation {
  const start: Escalation = { ...fresh(incident, policy, incident.timeline.length), told: [], calls: [] };
  const step = policy.steps[0]!;
  if (isQuiet(incident, policy, now))
    return isMuted(incident) ? start : { ...start, dueAt: policy.quietOutside!.opening(now) };
  // Theirs it is all the same: records among them are kept, and the others hear of it at once when nothing suppresses it any more.
  if (isMuted(incident)) return { ...start, told: step.sinks };
  return called(start, step, 0, incident.timeline.length, now);
}

const fresh = ({ priority }: Incident, { name }: EscalationPolicy, from: number) => ({
  policy: name,
  priority,
  from,
  step: -1,
  dueAt: null,
  ended: null,
});

function called(escalation: Escalation, step: EscalationStep, index: number, seq: number, at: Millis): Escalation {
  const { kind, level, sinks } = step;
  const call: EscalationCall = { level, kind, sinks, seq, at, acceptedAt: null, acceptedBy: null };
  return {
    ...escalation,
    step: index,
    told: [...new Set([...escalation.told, ...sinks])],
    calls: [...escalation.calls, call],
    dueAt: null,
  };
}

/**
 * What has become of the escalation of an incident by `now`; null: nothing. The next step is due when nobody has acknowledged in
 * the time that begins when a destination took the news; when none takes it in that time, nobody can answer, and it is due as well.
 * One step at most: the time of the next begins when that is taken in turn.
 * @param policy  of its service now; null: none any more
 */
export function followEscalation(
  incident: Incident,
  policy: EscalationPolicy | null,
  owner: Owner | null,
  accepted: Acceptance | null,
  now: Millis,
): Escalated | null {
  const known = incident.escalation;
  if (known === null) return null;
  if (!isOpen(incident)) return ended(known, 'resolved');
  if (policy === null) return ended(known, 'withdrawn');
  const again = beginsAgain(incident, known, policy);
  if (again !== null) return restarted(incident, known, policy, again, now);
  if (known.ended === 'exhausted' && isAnswered(incident, known.from))
    return { escalation: { ...known, priority: incident.priority, ended: 'acknowledged' }, call: null };
  if (known.ended !== null) return withPriority(known, incident);
  if (isAnswered(incident, known.from)) return ended(known, 'acknowledged');
  if (isMuted(incident)) return suppressed(known, accepted);
  if (known.step < 0) return firstCall(incident, known, policy, now);
  const heard = known.calls.at(-1)!.acceptedAt === null && accepted !== null ? withAcceptance(known, accepted) : known;
  const step = policy.steps[known.step];
  const { at, acceptedAt } = heard.calls.at(-1)!;
  const dueAt = Math.max((acceptedAt ?? at) + (step?.timeoutMs ?? 0), heard.dueAt ?? 0);
  if (now < dueAt) {
    const waiting = acceptedAt === null ? heard : { ...heard, dueAt };
    return waiting.dueAt === known.dueAt && heard === known
      ? withPriority(known, incident)
      : { escalation: waiting, call: null };
  }
  if (isQuiet(incident, policy, now))
    return { escalation: { ...heard, dueAt: policy.quietOutside!.opening(now) }, call: null };
  const why = `${acceptedAt === null ? 'nobody could be told' : 'nobody acknowledged'} within ${limitText(step?.timeoutMs ?? 0)}`;
  return nextCall(incident, heard, policy, owner, why, now);
}

const ended = (known: Escalation, end: EscalationEnd): Escalated | null =>
  known.ended === null ? { escalation: { ...known, ended: end, dueAt: null }, call: null } : null;

const withPriority = (known: Escalation, { priority }: Incident): Escalated | null =>
  known.priority === priority ? null : { escalation: { ...known, priority }, call: null };

const withAcceptance = (known: Escalation, { at, sink }: Acceptance): Escalation => ({
  ...known,
  calls: known.calls.with(-1, { ...known.calls.at(-1)!, acceptedAt: at, acceptedBy: sink }),
});

/** Whatever a person does after the last call but ending it says that somebody has it. */
const isAnswered = ({ ackedAt, timeline }: Incident, from: number): boolean =>
  ackedAt !== null &&
  timeline
    .slice(from)
    .some(({ by, event }) => by.kind !== 'system' && !['reopened', 'cancelled', 'closed'].includes(event));

/** Why it begins at the first level again; `from`: the entries behind which an answer counts. */
interface Again {
  readonly why: string;
  readonly from: number;
  /** The transition that told the reason was told to everybody who knows of it. */
  readonly isTold: boolean;
}

/** What may have made it more urgent. */
const RAISING: Readonly<Record<'rules' | 'people', readonly TimelineEntry['event'][]>> = {
  rules: ['updated', 'categorized'],
  people: ['prioritized', 'categorized'],
};

function beginsAgain(incident: Incident, known: Escalation, { name }: EscalationPolicy): Again | null {
  const { timeline, priority, ackedAt } = incident;
  const reopened = timeline.findLastIndex(({ event }) => event === 'reopened');
  if (reopened >= known.from) return { why: 'opened again', from: reopened + 1, isTold: true };
  if (priority < known.priority) {
    const raised = timeline.findLastIndex(({ by, event }) =>
      RAISING[by.kind === 'system' ? 'rules' : 'people'].includes(event),
    );
    return {
      why: `more urgent: P${priority}`,
      from: raised < known.from ? timeline.length : raised + 1,
      isTold: false,
    };
  }
  if (known.ended === 'acknowledged')
    return ackedAt === null ? { why: 'no longer acknowledged', from: timeline.length, isTold: false } : null;
  const isOther = known.policy !== name || known.ended === 'withdrawn';
  if (isOther && !isAnswered(incident, known.from)) return { why: 'another policy', from: known.from, isTold: false };
  return null;
}

function restarted(
  incident: Incident,
  known: Escalation,
  policy: EscalationPolicy,
  again: Again,
  now: Millis,
): Escalated {
  const start: Escalation = { ...known, ...fresh(incident, policy, again.from) };
  if (isAnswered(incident, again.from)) return { escalation: { ...start, ended: 'acknowledged' }, call: null };
  if (isMuted(incident)) return { escalation: start, call: null };
  if (isQuiet(incident, policy, now))
    return { escalation: { ...start, dueAt: policy.quietOutside!.opening(now) }, call: null };
  const step = policy.steps[0]!;
  if (again.isTold && step.sinks.every((sink) => known.told.includes(sink)))
    return { escalation: called(start, step, 0, again.from, now), call: null };
  const text = `${again.why}: escalation begins again with ${wordsOf(step)}`;
  return { escalation: called(start, step, 0, seqOfNext(incident), now), call: { text, isFirst: false } };
}

/** When it is suppressed no more it begins with the first level. A call that nobody took by then has told nobody. */
function suppressed(known: Escalation, accepted: Acceptance | null): Escalated | null {
  if (known.step < 0 && known.dueAt === null) return null;
  const last = known.calls.at(-1) ?? null;
  const isTaken = known.step < 0 || last?.acceptedAt !== null || accepted !== null;
  const calls = isTaken ? known.calls : known.calls.slice(0, -1);
  return { escalation: { ...known, calls, step: -1, dueAt: null }, call: null };
}

/** Hours were quiet when it began, or it was suppressed. */
function firstCall(incident: Incident, known: Escalation, policy: EscalationPolicy, now: Millis): Escalated | null {
  if (isQuiet(incident, policy, now)) {
    const dueAt = policy.quietOutside!.opening(now);
    return dueAt === known.dueAt ? null : { escalation: { ...known, dueAt }, call: null };
  }
  const step = policy.steps[0]!;
  const toldAt = known.dueAt === null ? toldWhenOver(incident, step, known) : null;
  if (toldAt !== null) return { escalation: called(known, step, 0, toldAt, now), call: null };
  const escalation = called(known, step, 0, seqOfNext(incident), now);
  return { escalation, call: { text: `${wordsOf(step)} is told: nothing keeps it back any more`, isFirst: true } };
}

/** The transition that told those of a step that what had been suppressed is still broken; null: none did. */
function toldWhenOver({ timeline }: Incident, { sinks }: EscalationStep, { told }: Escalation): number | null {
  const place = timeline.findLastIndex(
    ({ event }) => event === 'suppressed' || event === 'unsuppressed' || event === 'disclosed',
  );
  if (timeline[place]?.event !== 'disclosed') return null;
  return sinks.every((sink) => told.includes(sink)) ? place + 1 : null;
}

function nextCall(
  incident: Incident,
  known: Escalation,
  { steps }: EscalationPolicy,
  owner: Owner | null,
  why: string,
  now: Millis,
): Escalated {
  const index = Math.min(known.step + 1, steps.length - 1);
  const step = steps[index]!;
  if (step.kind !== 'owner') {
    const isKnown = step.sinks.every((sink) => known.told.includes(sink));
    const text = `${why}: ${wordsOf(step)} is told${isKnown ? ' again' : ''}`;
    return { escalation: called(known, step, index, seqOfNext(incident), now), call: { text, isFirst: false } };
  }
  const sinks = owner?.sink == null ? [] : [owner.sink];
  const escalation = called(known, { ...step, sinks }, index, seqOfNext(incident), now);
  const text = `${why}, and no level is left: ${ownerText(owner)}`;
  return { escalation: { ...escalation, ended: 'exhausted' }, call: { text, isFirst: false } };
}

const seqOfNext = ({ timeline }: Incident): number => timeline.length + 1;

function wordsOf({ kind, level, sinks }: EscalationStep): string {
  return kind === 'fallback'
    ? `the fallback of level ${level} (${sinks.join(', ')})`
    : `level ${level} (${sinks.join(', ')})`;
}

function ownerText(owner: Owner | null): string {
  if (owner === null) return 'its service names no owner who could be told';
  return owner.sink === null
    ? `the owner ${owner.name} has to be told by a person: no e-mail address, or no sink of type email`
    : `the owner ${owner.name} is told`;
}
