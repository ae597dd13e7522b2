import type { Incident, Priority, TimelineEntry } from '../model/incident.ts';
import {
  type IncidentTimer,
  type IncidentTimers,
  TIMER_KINDS,
  type TimerKind,
  type TimerReading,
  WARNINGS,
  type Warning,
} from '../model/incident-timer.ts';
import type { Millis } from '../model/time.ts';
import type { TimerTarget } from './targets.ts';

/** What the timers of an incident are held against; null: nothing is promised. */
export type TargetOf = (kind: TimerKind, priority: Priority) => TimerTarget | null;

/** A share of a target has passed: at 100 it is breached. */
export interface TimerNews {
  readonly timer: IncidentTimer;
  readonly percent: Warning;
}

type Followed = Pick<Incident, 'timeline' | 'openedAt' | 'ackedAt' | 'priority' | 'timers'>;

/**
 * The timers of an incident as they stand at `now`. Everything is read from the record: a run begins when it opens or is opened
 * again, its end or its answer stops it, and the time on hold is a pause; so it makes no difference when, or how often, this is
 * asked. The order is that of an SLA engine: stop, cancel, reset, then pause and resume. Another priority, or another target,
 * cancels a timer and begins one that started when the old one did. What had passed by the time a timer was begun is no news.
 * @param isOtherwise  targets may be others than they were
 */
export function followTimers(
  incident: Followed,
  targetOf: TargetOf,
  now: Millis,
  isOtherwise = false,
): { timers: IncidentTimers; news: readonly TimerNews[] } {
  const { timeline, timers: before } = incident;
  if (before !== null && !isOtherwise && !isDue(before, incident, now)) return { timers: before, news: [] };
  const list = [...(before?.list ?? [])];
  const news: TimerNews[] = [];
  for (const run of runsOf(incident))
    for (const kind of TIMER_KINDS) {
      const end = endOf(kind, run, incident);
      if (end === 'answered before') continue;
      const place = list.findLastIndex((one) => one.kind === kind && one.start === run.start);
      const known = list[place];
      // One that was cancelled while its run goes on was given up, because nothing was promised any more.
      if (known !== undefined && isOver(known) && (known.stage === 'completed' || end !== null)) continue;
      const target = targetOf(kind, incident.priority);
      if (known !== undefined && !isOver(known)) {
        const own = end === null ? target : (targetOf(kind, known.priority) ?? target);
        if (own !== null && (end !== null || isFor(known, own))) {
          const { timer, percent } = advanced(known, own, end, timeline, now);
          list[place] = end === null ? { ...timer, priority: incident.priority } : timer;
          if (percent !== null) news.push({ timer, percent });
          continue;
        }
        list[place] = { ...known, stage: 'cancelled', stop: end?.at ?? now, nextAt: null };
      }
      if (target !== null)
        list.push(advanced(begun(kind, target, run.start, incident.priority), target, end, timeline, now).timer);
    }
  const timers = { through: timeline.length, priority: incident.priority, list };
  return { timers: isOtherwise && JSON.stringify(timers) === JSON.stringify(before) ? before! : timers, news };
}

const isFor = ({ targetMs, schedule }: IncidentTimer, target: TimerTarget): boolean =>
  targetMs === target.ms && schedule === target.schedule;
const isOver = ({ stage }: IncidentTimer): boolean => stage === 'completed' || stage === 'cancelled';

/** Whether there is anything to be looked at: the record has changed, or a share has passed. */
const isDue = (timers: IncidentTimers, { timeline, priority }: Followed, now: Millis): boolean =>
  timers.through !== timeline.length ||
  timers.priority !== priority ||
  timers.list.some(({ nextAt }) => nextAt !== null && nextAt <= now);

/** From an opening to the end that followed it. */
interface Run {
  readonly start: Millis;
  readonly end: Millis | null;
  readonly isCancelled: boolean;
}

function runsOf({ timeline, openedAt }: Followed): Run[] {
  const runs: Run[] = [];
  let start: Millis | null = openedAt;
  for (const { event, at } of timeline) {
    if (event === 'reopened') start ??= at;
    else if ((event === 'resolved' || event === 'cancelled') && start !== null) {
      // What recovered is over in event time: that may lie before anybody could know of it.
      runs.push({ start, end: Math.max(start, at), isCancelled: event === 'cancelled' });
      start = null;
    }
  }
  if (start !== null) runs.push({ start, end: null, isCancelled: false });
  return runs;
}

/** How a timer ends; null: it has not. */
interface End {
  readonly at: Millis;
  readonly isCancelled: boolean;
}

/** The end of a run, or of waiting for an answer in it. */
function endOf(kind: TimerKind, { start, end, isCancelled }: Run, incident: Followed): End | null | 'answered before' {
  const over = end === null ? null : { at: end, isCancelled };
  const answer = kind === 'resolution' ? null : answerOf(incident);
  if (answer === null) return over;
  if (answer < start && start !== incident.openedAt) return 'answered before';
  const answeredAt = Math.max(start, answer);
  return over !== null && over.at < answeredAt ? over : { at: answeredAt, isCancelled: false };
}

/** What people and tools do to a record says that they have seen it; what they only report, and putting it away, does not. */
const NO_ANSWER: readonly TimelineEntry['event'][] = ['updated', 'cancelled', 'closed'];

/** When somebody first had it: that it was given back since does not undo the answer. Null: nobody ever has. */
function answerOf({ ackedAt, timeline }: Followed): Millis | null {
  const seen = timeline.find(({ by, event }) => by.kind !== 'system' && !NO_ANSWER.includes(event))?.at;
  return seen === undefined || ackedAt === null ? (seen ?? ackedAt) : Math.min(seen, ackedAt);
}

const begun = (
  kind: TimerKind,
  { ms, schedule, hours }: TimerTarget,
  start: Millis,
  priority: Priority,
): IncidentTimer => ({
  kind,
  priority,
  targetMs: ms,
  schedule,
  stage: 'in_progress',
  start,
  stop: null,
  plannedEnd: null,
  originalBreach: hours.add(start, ms),
  hasBreached: false,
  warned: 0,
  nextAt: null,
});

/** A timer as it stands at `now`, and the highest share that has passed since it was last looked at. */
function advanced(
  timer: IncidentTimer,
  { hours, ms }: TimerTarget,
  end: End | null,
  timeline: readonly TimelineEntry[],
  now: Millis,
): { timer: IncidentTimer; percent: Warning | null } {
  const until = Math.max(timer.start, end?.at ?? now);
  const { pauses, isPaused } = pausesOf(timeline, timer.start, until);
  const paused = pauses.reduce((sum, [from, to]) => sum + hours.between(from, to), 0);
  const spent = hours.between(timer.start, until) - paused;
  // What is done at the last moment is done in time; so it may still be while time stands at that moment.
  const goesOn = end === null && !isPaused;
  const isBreached = goesOn ? spent >= ms : spent > ms;
  const passed = isBreached ? 100 : (WARNINGS.findLast((percent) => percent < 100 && spent * 100 >= ms * percent) ?? 0);
  const warned = Math.max(passed, timer.warned) as IncidentTimer['warned'];
  const percent = warned !== 0 && warned > timer.warned && (end === null || isBreached) ? warned : null;
  /** When so much will have been spent, or was; null: not while it is paused. */
  const when = (spending: Millis): Millis | null => {
    let left = spending;
    let from = timer.start;
    for (const [pause, goesOn] of pauses) {
      const open = hours.between(from, pause);
      if (open >= left) return hours.add(from, left);
      left -= open;
      from = goesOn;
    }
    return hours.add(from, left);
  };
  const hasBreached = timer.hasBreached || isBreached;
  const plannedEnd = goesOn || end !== null || hasBreached ? when(ms) : null;
  const standing = { ...timer, hasBreached, warned, plannedEnd };
  if (end !== null) {
    const stage = end.isCancelled ? 'cancelled' : 'completed';
    return { timer: { ...standing, stage, stop: until, nextAt: null }, percent };
  }
  if (isPaused) return { timer: { ...standing, stage: 'paused', nextAt: null }, percent };
  const next = WARNINGS.find((share) => share > warned);
  const nextAt = next === undefined ? null : when(Math.ceil((ms * next) / 100));
  return { timer: { ...standing, stage: 'in_progress', nextAt }, percent };
}

/** When it was on hold between two instants. */
function pausesOf(
  timeline: readonly TimelineEntry[],
  from: Millis,
  until: Millis,
): { pauses: readonly (readonly [Millis, Millis])[]; isPaused: boolean } {
  const pauses: (readonly [Millis, Millis])[] = [];
  let since: Millis | null = null;
  const end = (at: Millis): void => {
    if (since !== null && since < Math.min(at, until)) pauses.push([since, Math.min(at, until)]);
    since = null;
  };
  for (const { event, at } of timeline) {
    if (event === 'held') since ??= Math.max(at, from);
    else if (event === 'resumed' || event === 'resolved' || event === 'cancelled') end(Math.max(at, from));
  }
  const isPaused = since !== null;
  end(until);
  return { pauses, isPaused };
}

/** What a timer reads. @param hours  of its schedule */
export function readTimer(
  timer: IncidentTimer,
  timeline: readonly TimelineEntry[],
  hours: TimerTarget['hours'],
  now: Millis,
): TimerReading {
  const until = Math.max(timer.start, timer.stop ?? now);
  const { pauses } = pausesOf(timeline, timer.start, until);
  const sum = (length: (from: Millis, to: Millis) => Millis): Millis =>
    pauses.reduce((total, [from, to]) => total + length(from, to), 0);
  const pausedMs = sum((from, to) => to - from);
  const elapsedMs = until - timer.start - pausedMs;
  const businessElapsedMs = hours.between(timer.start, until) - sum(hours.between);
  const share = (ms: Millis): number => Math.floor((ms * 10_000) / timer.targetMs) / 100;
  return {
    elapsedMs,
    businessElapsedMs,
    pausedMs,
    leftMs: timer.targetMs - businessElapsedMs,
    percentage: share(businessElapsedMs),
    actualPercentage: share(elapsedMs),
  };
}
