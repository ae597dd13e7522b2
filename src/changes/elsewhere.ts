import type { Approval, ChangeEntry, ChangeRecord } from '../model/change.ts';
import type { Actor } from '../model/incident.ts';
import { logTime } from '../model/log-time.ts';
import type { ChangeStanding, DecidedThere } from '../model/remote-change.ts';
import { type Millis, timeText } from '../model/time.ts';
import { authorsOf, type ChangeFacts } from './lifecycle.ts';
import { isNamed, maySame } from './people.ts';

/** Who something is by in the tool; null: nobody in particular. */
export type ActorThere = (by: DecidedThere['by']) => Actor;

type Facts = Pick<ChangeFacts, 'freezeUntil' | 'assess'>;

const WAITING: readonly ChangeRecord['state'][] = ['new', 'assess', 'authorize'];
const BEGUN: readonly ChangeStanding['state'][] = ['implement', 'review', 'closed'];
const DONE: readonly ChangeStanding['state'][] = ['review', 'closed'];

/**
 * A change after what people did with it in the tool that it is approved in: approved, rejected, taken back, begun, done or called off
 * there, it is so here. Who asks for a change does not approve it there either, a freeze holds what it holds here, and what was done here is
 * not undone.
 * @param now  clock, ms
 * @returns null: nothing is otherwise
 */
export function withStanding(
  change: ChangeRecord,
  standing: ChangeStanding,
  actorOf: ActorThere,
  now: Millis,
  facts: Facts,
): ChangeRecord | null {
  const steps: ((one: ChangeRecord) => ChangeRecord)[] = [
    (one) => calledOff(one, standing, actorOf, now),
    (one) => takenBack(one, standing, actorOf, now),
    (one) => approved(one, standing, actorOf, now, facts),
    (one) => planned(one, standing, actorOf, now),
    (one) => begun(one, standing, actorOf, now, facts),
    (one) => done(one, standing, actorOf, now),
  ];
  const after = steps.reduce((one, step) => step(one), change);
  return after === change ? null : after;
}

function logged(change: ChangeRecord, by: Actor, now: Millis, event: ChangeEntry['event'], text: string): ChangeRecord {
  return { ...change, timeline: [...change.timeline, { at: logTime(change, now), by, event, text }] };
}

/** Said once. */
function reported(change: ChangeRecord, by: Actor, now: Millis, text: string): ChangeRecord {
  const isKnown = change.timeline.some((one) => one.event === 'reported' && one.text === text);
  return isKnown ? change : logged(change, by, now, 'reported', text);
}

function calledOff(change: ChangeRecord, { state, reference, at }: ChangeStanding, actorOf: ActorThere, now: Millis) {
  if (state !== 'cancelled' || ![...WAITING, 'scheduled', 'implement'].includes(change.state)) return change;
  const ended = change.startedAt === null ? {} : { endedAt: timeOf(change, at, now) };
  const off: ChangeRecord = { ...change, ...ended, state: 'cancelled' };
  return logged(off, actorOf(null), now, 'cancelled', `cancelled as ${reference}`);
}

/** Rejected, or no longer approved: it is new again. */
function takenBack(change: ChangeRecord, standing: ChangeStanding, actorOf: ActorThere, now: Millis): ChangeRecord {
  const { approval, reference, decided } = standing;
  const back: ChangeRecord = { ...change, state: 'new', approvals: [], assessment: null };
  if (approval === 'rejected' && ['assess', 'authorize', 'scheduled'].includes(change.state)) {
    const against = decided.findLast(({ isApproved }) => !isApproved);
    const why = against?.comment == null ? '' : `: ${against.comment}`;
    return logged(back, actorOf(against?.by ?? null), now, 'rejected', `rejected as ${reference}${why}`);
  }
  const wasFromThere = change.approvals.some((one) => one.reference === reference);
  if (approval === 'pending' && change.state === 'scheduled' && wasFromThere)
    return logged(back, actorOf(null), now, 'reverted', `${reference} is no longer approved`);
  return change;
}

function approved(change: ChangeRecord, standing: ChangeStanding, actorOf: ActorThere, now: Millis, { assess }: Facts) {
  const { approval, reference, decided, state, at: told, window } = standing;
  if (approval !== 'approved' || !WAITING.includes(change.state)) return change;
  if (DONE.includes(state) && told !== null && told < change.createdAt)
    return reported(
      change,
      actorOf(null),
      now,
      `${reference} is approved, which does not count: it was over before this change was asked for`,
    );
  if (window?.to != null && now >= window.to)
    return reported(
      change,
      actorOf(null),
      now,
      `${reference} is approved, which does not count: it was planned until ${timeText(window.to)}`,
    );
  const said = decided.filter(({ isApproved }) => isApproved);
  const people = said.length > 0 ? said : [{ by: null, at: standing.at, isApproved: true, comment: null }];
  const authors = authorsOf(change);
  const approvals = people.flatMap(({ by, at, comment }): Approval[] => {
    const actor = actorOf(by);
    if (authors.some((author) => maySame(author, actor)) || (change.kind === 'emergency' && !isNamed(actor))) return [];
    return [{ by: actor, at: at ?? now, comment, reference }];
  });
  if (approvals.length === 0) {
    const names = people.map(({ by }) => by?.name ?? by?.id ?? 'somebody').join(', ');
    const text = `approved as ${reference} by ${names}, which does not count: who asks for a change does not approve it, and an emergency needs a named person`;
    return reported(change, actorOf(people[0]!.by), now, text);
  }
  const names = approvals.map(({ by }) => by.name ?? by.id).join(', ');
  const next: ChangeRecord = { ...change, state: 'scheduled', approvals };
  return logged(
    { ...next, assessment: assess(next) },
    approvals.at(-1)!.by,
    now,
    'approved',
    `approved by ${names} as ${reference}`,
  );
}

/** What is approved there is approved for when it is planned there: outside of that the gate is shut. */
function planned(
  change: ChangeRecord,
  { approval, reference, window }: ChangeStanding,
  actorOf: ActorThere,
  now: Millis,
): ChangeRecord {
  const isFromThere = change.approvals.some((one) => one.reference === reference);
  if (window === undefined || approval !== 'approved' || change.state !== 'scheduled' || !isFromThere) return change;
  const { from, to } = window;
  // What was said here of the other side stays as long as it fits.
  const plannedStart = from ?? (isBefore(change.plannedStart, to) ? change.plannedStart : null);
  const plannedEnd = to ?? (isBefore(from, change.plannedEnd) ? change.plannedEnd : null);
  if (plannedStart === change.plannedStart && plannedEnd === change.plannedEnd) return change;
  const when = [
    ...(plannedStart === null ? [] : [` from ${timeText(plannedStart)}`]),
    ...(plannedEnd === null ? [] : [` until ${timeText(plannedEnd)}`]),
  ].join('');
  return logged(
    { ...change, plannedStart, plannedEnd },
    actorOf(null),
    now,
    'reported',
    `planned as ${reference}${when}`,
  );
}

/** What is open ends never, and begins always. */
const isBefore = (from: Millis | null, to: Millis | null): boolean => from === null || to === null || from < to;

function begun(change: ChangeRecord, standing: ChangeStanding, actorOf: ActorThere, now: Millis, facts: Facts) {
  const { state, reference, at } = standing;
  if (!BEGUN.includes(state) || change.state !== 'scheduled') return change;
  const { freezeUntil } = facts;
  if (freezeUntil !== null && change.kind !== 'emergency')
    return reported(
      change,
      actorOf(null),
      now,
      `begun as ${reference}, although nothing changes until ${timeText(freezeUntil)}`,
    );
  const started = { state: 'implement' as const, startedAt: timeOf(change, at, now), inFreeze: freezeUntil !== null };
  return logged({ ...change, ...started }, actorOf(null), now, 'started', `begun as ${reference}`);
}

function done(change: ChangeRecord, { state, reference, at }: ChangeStanding, actorOf: ActorThere, now: Millis) {
  if (!DONE.includes(state) || change.state !== 'implement') return change;
  const ended = { state: 'review' as const, endedAt: timeOf(change, at, now) };
  return logged({ ...change, ...ended }, actorOf(null), now, 'completed', `done as ${reference}`);
}

/** A clock there may be ahead of ours, and nothing ends before it began. */
const timeOf = ({ startedAt }: ChangeRecord, at: Millis | null, now: Millis): Millis =>
  Math.max(Math.min(at ?? now, now), startedAt ?? 0);
