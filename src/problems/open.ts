import { type Incident, SYSTEM } from '../model/incident.ts';
import { logTime } from '../model/log-time.ts';
import { plainText } from '../model/plain-text.ts';
import type { ProblemRecord, ProblemRule } from '../model/problem.ts';
import { DAY_MS, type Millis } from '../model/time.ts';
import { proposedCause, type Symptoms } from './cause.ts';
import { inOrder, isCurrent } from './lifecycle.ts';

/** So many incidents alike are a problem ... */
const ALIKE_MIN = 3;
/** ... when they were opened within this time, ms. */
export const ALIKE_WITHIN_MS: Millis = 30 * DAY_MS;

/** What of an incident decides whether there is a problem. */
export type Case = Symptoms &
  Pick<
    Incident,
    'service' | 'environment' | 'openedAt' | 'startedAt' | 'priority' | 'flags' | 'problem' | 'state' | 'closeCode'
  >;

/** It was something: nobody has cancelled it, and it is no copy of another. */
const isCase = ({ state, closeCode }: Pick<Case, 'state' | 'closeCode'>): boolean =>
  state !== 'cancelled' && closeCode !== 'duplicate';

const guiltiest = ({ slices }: Pick<Case, 'slices'>): string | null => slices[0]?.name ?? null;

/** What makes an incident count anew, as a text that differs when it does. */
export const signatureOf = (one: Pick<Case, 'category' | 'slices' | 'priority' | 'flags' | 'state'>): string =>
  [
    one.category,
    guiltiest(one) ?? '',
    one.priority === 1,
    one.flags.includes('serious_candidate'),
    one.flags.includes('problem_proposed'),
    one.state === 'cancelled',
  ].join('\n');

/** Why there is a problem, and whose incidents it is about. */
export interface Reason {
  readonly rule: ProblemRule;
  readonly incidents: readonly Case[];
  readonly sharedSlice: string | null;
}

/**
 * Whether an incident makes a problem: it weighs enough alone, or others were like it.
 * @param others  incidents of its service and environment that no problem has, opened within 30 days before it or later
 */
export function reasonFor(incident: Case, others: readonly Case[]): Reason | null {
  if (incident.problem !== null || !isCase(incident)) return null;
  const near = others.filter(
    (other) =>
      other.id !== incident.id &&
      other.problem === null &&
      isCase(other) &&
      Math.abs(other.openedAt - incident.openedAt) <= ALIKE_WITHIN_MS,
  );
  const alike = near.filter(({ category }) => category === incident.category);
  const slice = guiltiest(incident);
  const sliced = slice === null ? [] : near.filter((other) => guiltiest(other) === slice);
  const of = (rule: ProblemRule, others: readonly Case[], sharedSlice: string | null = null): Reason => ({
    rule,
    incidents: [...others, incident],
    sharedSlice,
  });
  if (isMany(alike, incident)) return of('repeated', alike);
  if (isMany(sliced, incident)) return of('same_slice', sliced, slice);
  if (incident.flags.includes('serious_candidate')) return of('serious_candidate', alike);
  // What follows from another is that one's problem.
  if (incident.priority === 1 && incident.parent === null) return of('priority_1', alike);
  if (incident.flags.includes('problem_proposed')) return of('flapping', alike);
  return null;
}

/** Three of them, this one included, lie within 30 days. */
function isMany(others: readonly Case[], incident: Case): boolean {
  const times = [...others, incident].map(({ openedAt }) => openedAt).sort((a, b) => a - b);
  return times.some((at, i) => i >= ALIKE_MIN - 1 && at - times[i - ALIKE_MIN + 1]! <= ALIKE_WITHIN_MS);
}

/** The problem that an incident is an instance of, the newest of several; undefined: of none. */
export const problemOf = (
  { id, service, environment, category, slices }: Case,
  problems: readonly ProblemRecord[],
  now: Millis,
): ProblemRecord | undefined =>
  problems.findLast(
    (problem) =>
      isCurrent(problem, now) &&
      !problem.unlinked.includes(id) &&
      problem.service === service &&
      problem.environment === environment &&
      (problem.sharedSlice === null
        ? problem.category === category ||
          (problem.rootCauseSlice !== null && problem.rootCauseSlice === slices[0]?.name)
        : problem.sharedSlice === slices[0]?.name),
  );

const RULE_TEXTS: Readonly<Record<Exclude<ProblemRule, 'person'>, (reason: Reason) => string>> = {
  repeated: ({ incidents }) => `${incidents.length} incidents of one category within 30 days`,
  same_slice: ({ incidents, sharedSlice }) =>
    `${incidents.length} incidents with ${plainText(sharedSlice!)} within 30 days`,
  flapping: ({ incidents }) => `${incidents.at(-1)!.id} comes and goes`,
  priority_1: ({ incidents }) => `${incidents.at(-1)!.id} is of priority 1`,
  serious_candidate: ({ incidents }) => `${incidents.at(-1)!.id} may be a serious incident`,
};

/** A problem by its rule. @param now  clock, ms */
export function openedProblem(id: string, reason: Reason, now: Millis): ProblemRecord {
  const newest = reason.incidents.at(-1)!;
  const text = RULE_TEXTS[reason.rule as Exclude<ProblemRule, 'person'>](reason);
  return newProblem(id, {
    ...reason,
    title: `${newest.service}: ${plainText(reason.sharedSlice ?? newest.category)}`,
    service: newest.service,
    environment: newest.environment,
    category: newest.category,
    text,
    by: SYSTEM,
    now,
  });
}

/** A record that begins now, with what its incidents speak for. */
export function newProblem(
  id: string,
  {
    title,
    service,
    environment,
    category,
    rule,
    sharedSlice,
    incidents,
    text,
    by,
    now,
  }: Pick<ProblemRecord, 'title' | 'service' | 'environment' | 'category' | 'rule' | 'sharedSlice'> & {
    readonly incidents: readonly Case[];
    readonly text: string;
    readonly by: ProblemRecord['timeline'][number]['by'];
    readonly now: Millis;
  },
): ProblemRecord {
  return {
    id,
    state: 'new',
    title,
    service,
    environment,
    category,
    sharedSlice,
    rule,
    incidents: inOrder(incidents.map((one) => one.id)),
    unlinked: [],
    firstSeen: Math.min(now, ...incidents.map(({ startedAt }) => startedAt)),
    openedAt: now,
    resolvedAt: null,
    closedAt: null,
    ...proposedCause(incidents),
    rootCauseCategory: null,
    rootCauseSlice: null,
    causeConfirmedBy: null,
    workaround: null,
    knownError: false,
    fixChange: null,
    closedAs: null,
    duplicateOf: null,
    riskAcceptance: null,
    timeline: [{ at: now, by, event: 'open', text }],
  };
}

/**
 * It has happened again. What speaks for the cause is weighed anew, unless a person has said what it is.
 * @param all  the incidents that are its own by now, as far as they are known
 */
export function joined(problem: ProblemRecord, incident: Case, all: readonly Case[], now: Millis): ProblemRecord {
  const text =
    problem.state === 'resolved'
      ? `${incident.id}: it has happened again after it was resolved. If the fix has failed, reopen it`
      : `${incident.id}: it has happened again`;
  return {
    ...problem,
    incidents: inOrder([...problem.incidents, incident.id]),
    firstSeen: Math.min(problem.firstSeen, incident.startedAt),
    ...(problem.causeConfirmedBy === null ? proposedCause(all) : {}),
    timeline: [...problem.timeline, { at: logTime(problem, now), by: SYSTEM, event: 'again', text }],
  };
}

/** What an incident shows of its problem. */
export function linkedTo(
  incident: Incident,
  { id, knownError, workaround }: Pick<ProblemRecord, 'id' | 'knownError' | 'workaround'>,
): Incident {
  const { knownError: _, ...rest } = incident;
  const linked: Incident = { ...rest, problem: id };
  return knownError && workaround !== null ? { ...linked, knownError: { problem: id, workaround } } : linked;
}

/** The same incident without its problem. */
export function unlinked({ knownError: _, ...incident }: Incident): Incident {
  return { ...incident, problem: null };
}
