import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { ALWAYS, hoursOf } from '../../src/incidents/hours.ts';
import { type Move, move } from '../../src/incidents/lifecycle.ts';
import { consequenceOf } from '../../src/incidents/reported.ts';
import { targetFor } from '../../src/incidents/targets.ts';
import { followTimers, readTimer, type TargetOf, type TimerNews } from '../../src/incidents/timers.ts';
import { DEFAULT_TARGETS } from '../../src/model/config/incident-targets.ts';
import { schedule } from '../../src/model/config/schedule.ts';
import { type Actor, type Incident, storedIncident } from '../../src/model/incident.ts';
import { incidentWith } from '../incidents.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OPENED = Date.parse('2026-11-23T08:00:00Z');
const ANNE: Actor = { kind: 'user', id: 'anne' };
const PD: Actor = { kind: 'sink', id: 'pd' };
const SYSTEM: Actor = { kind: 'system', id: 'plimsoll' };
const office = hoursOf(
  schedule.parse({
    name: 'office',
    timeZone: 'Europe/Berlin',
    weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:00' }],
  }),
);
const berlin = (local: string): number => Temporal.ZonedDateTime.from(`${local}[Europe/Berlin]`).epochMilliseconds;

const opened = (at = OPENED, more: Partial<Incident> = {}): Incident =>
  incidentWith({
    openedAt: at,
    timeline: [{ at, by: SYSTEM, event: 'opened', text: 'broken' }],
    ...more,
  });
const moved = (incident: Incident, at: number, step: Move, by = ANNE): Incident => {
  const done = move(incident, step, by, at);
  if (done.illegal) throw new Error(`${step.type} is not legal`);
  return done.incident;
};
/** As a tool reports it, of which nobody has confirmed it for too long. */
function givenBack(incident: Incident, at: number): Incident {
  const done = consequenceOf(incident, { type: 'unacknowledge' }, { sink: 'pd', tool: 'PagerDuty', by: PD, at }, at);
  return done.kind === 'moved' ? done.moved.incident : incident;
}
type Step = Move | { readonly type: 'unacknowledge' };
const HOLD: Move = { type: 'hold', reason: 'awaiting_vendor' };
const RESUME: Move = { type: 'resume' };
const RESOLVE: Move = { type: 'resolve', code: 'solution_provided', notes: 'mended' };

const byPriority: TargetOf = (kind, priority) => targetFor(DEFAULT_TARGETS, kind, priority, null, () => undefined);
const always =
  (ms: number): TargetOf =>
  () => ({ ms, schedule: null, hours: ALWAYS });

/** Looks at an incident at moments, each time with what was known the last time. */
function looked(
  incident: Incident,
  moments: readonly number[],
  targetOf: TargetOf,
): { incident: Incident; news: TimerNews[] } {
  const news: TimerNews[] = [];
  let now = incident;
  for (const at of moments) {
    const followed = followTimers(now, targetOf, at);
    news.push(...followed.news);
    now = { ...now, timers: followed.timers };
  }
  return { incident: now, news };
}
const timerOf = ({ timers }: Incident, kind: string) => timers!.list.findLast((one) => one.kind === kind)!;

describe('default targets', () => {
  it.each([
    [1, 15 * MINUTE, 4 * HOUR, null],
    [2, 30 * MINUTE, 8 * HOUR, null],
    [3, 4 * HOUR, 24 * HOUR, 'office'],
    [4, 8 * HOUR, 40 * HOUR, 'office'],
  ] as const)('P%i', (priority, response, resolution, schedule) => {
    const of = (kind: 'response' | 'resolution') => targetFor(DEFAULT_TARGETS, kind, priority, 'office', () => office)!;
    expect([of('response').ms, of('resolution').ms, of('response').schedule]).toEqual([response, resolution, schedule]);
    expect(targetFor(DEFAULT_TARGETS, 'resolution', priority, null, () => office)!.schedule).toBeNull();
  });
  it('P5 has none', () => {
    expect(followTimers(opened(OPENED, { priority: 5 }), byPriority, OPENED).timers.list).toEqual([]);
  });
});

describe('the life of a timer', () => {
  it('4 h from Monday 09:00, paused from 10 to 12, end at 15:00', () => {
    const start = berlin('2026-11-23T09:00');
    const targetOf: TargetOf = (kind) =>
      kind === 'resolution' ? { ms: 4 * HOUR, schedule: 'office', hours: office } : null;
    let incident = opened(start);
    incident = moved(incident, berlin('2026-11-23T10:00'), HOLD);
    const paused = looked(incident, [berlin('2026-11-23T10:01')], targetOf).incident;
    expect(timerOf(paused, 'resolution')).toMatchObject({ stage: 'paused', plannedEnd: null });
    incident = moved(paused, berlin('2026-11-23T12:00'), RESUME);
    const { incident: running } = looked(incident, [berlin('2026-11-23T12:01')], targetOf);
    const timer = timerOf(running, 'resolution');
    expect(timer).toMatchObject({
      stage: 'in_progress',
      plannedEnd: berlin('2026-11-23T15:00'),
      originalBreach: berlin('2026-11-23T13:00'),
    });
    expect(readTimer(timer, running.timeline, office, berlin('2026-11-23T14:00'))).toEqual({
      elapsedMs: 3 * HOUR,
      businessElapsedMs: 3 * HOUR,
      pausedMs: 2 * HOUR,
      leftMs: HOUR,
      percentage: 75,
      actualPercentage: 75,
    });
  });

  it('is completed by an answer and by the end, each for itself', () => {
    let incident = looked(opened(), [OPENED], byPriority).incident;
    incident = moved(incident, OPENED + 5 * MINUTE, { type: 'acknowledge' });
    incident = looked(incident, [OPENED + 6 * MINUTE], byPriority).incident;
    expect(timerOf(incident, 'response')).toMatchObject({
      stage: 'completed',
      stop: OPENED + 5 * MINUTE,
      hasBreached: false,
    });
    expect(timerOf(incident, 'resolution')).toMatchObject({ stage: 'in_progress' });
    incident = moved(incident, OPENED + HOUR, RESOLVE);
    incident = looked(incident, [OPENED + HOUR], byPriority).incident;
    expect(timerOf(incident, 'resolution')).toMatchObject({ stage: 'completed', stop: OPENED + HOUR });
  });

  it('is completed by an answer that was taken back before anybody looked', () => {
    const known = looked(opened(), [OPENED], byPriority).incident;
    const answered = moved(known, OPENED + 5 * MINUTE, { type: 'acknowledge' });
    const returned = givenBack(answered, OPENED + 6 * MINUTE);
    expect(returned.ackedAt).toBeNull();
    const { incident, news } = looked(returned, [OPENED + 7 * MINUTE, OPENED + HOUR], byPriority);
    expect(timerOf(incident, 'response')).toMatchObject({ stage: 'completed', stop: OPENED + 5 * MINUTE });
    expect(news).toEqual([]);
  });

  it('one that has breached runs on to its end', () => {
    const first = looked(opened(), [OPENED, OPENED + 31 * MINUTE], byPriority);
    expect(first.news.map(({ timer, percent }) => `${timer.kind} ${percent}`)).toEqual(['response 100']);
    expect(timerOf(first.incident, 'response')).toMatchObject({ stage: 'in_progress', hasBreached: true });
    const answered = moved(first.incident, OPENED + 40 * MINUTE, { type: 'acknowledge' });
    const done = looked(answered, [OPENED + 41 * MINUTE], byPriority);
    expect(timerOf(done.incident, 'response')).toMatchObject({
      stage: 'completed',
      hasBreached: true,
      plannedEnd: OPENED + 30 * MINUTE,
    });
    expect(done.news).toEqual([]);
  });

  it('what is done at the last moment is done in time; a millisecond later it is not', () => {
    const at = (ms: number) =>
      timerOf(
        looked(moved(opened(), OPENED + ms, { type: 'acknowledge' }), [OPENED + HOUR], byPriority).incident,
        'response',
      );
    expect(at(30 * MINUTE).hasBreached).toBe(false);
    expect(at(30 * MINUTE + 1).hasBreached).toBe(true);
  });

  it('put on hold at the last moment it has not breached, as long as that lasts', () => {
    const held = moved(opened(OPENED, { ackedAt: OPENED }), OPENED + 8 * HOUR, HOLD);
    const looks = looked(held, [OPENED + 8 * HOUR, OPENED + 9 * HOUR], byPriority);
    expect(timerOf(looks.incident, 'resolution')).toMatchObject({ hasBreached: false, plannedEnd: null });
    expect(looks.news).toEqual([]);
    const over = moved(looks.incident, OPENED + 10 * HOUR, RESOLVE);
    expect(timerOf(looked(over, [OPENED + 10 * HOUR], byPriority).incident, 'resolution').hasBreached).toBe(false);
    const goesOn = moved(looks.incident, OPENED + 10 * HOUR, RESUME);
    const again = looked(goesOn, [OPENED + 10 * HOUR], byPriority);
    expect(timerOf(again.incident, 'resolution')).toMatchObject({ hasBreached: true, plannedEnd: OPENED + 8 * HOUR });
    expect(again.news.map(({ percent }) => percent)).toEqual([100]);
  });

  it('is cancelled with its incident', () => {
    const known = looked(opened(), [OPENED], byPriority).incident;
    const cancelled = moved(known, OPENED + MINUTE, { type: 'cancel', reason: 'a test' });
    const { timers } = looked(cancelled, [OPENED + 2 * MINUTE], byPriority).incident;
    expect(timers!.list.map(({ stage, stop }) => [stage, stop])).toEqual([
      ['cancelled', OPENED + MINUTE],
      ['cancelled', OPENED + MINUTE],
    ]);
  });

  it('opened again it begins anew; the old one stays completed, and nobody answers twice', () => {
    let incident = looked(opened(), [OPENED], byPriority).incident;
    incident = moved(incident, OPENED + 5 * MINUTE, { type: 'acknowledge' });
    incident = moved(incident, OPENED + HOUR, RESOLVE);
    incident = moved(incident, OPENED + 2 * HOUR, { type: 'reopen', reason: 'broken again' });
    // All of it between two looks.
    const { timers } = looked(incident, [OPENED + 2 * HOUR + MINUTE], byPriority).incident;
    expect(timers!.list.map(({ kind, stage, start }) => [kind, stage, start - OPENED])).toEqual([
      ['response', 'completed', 0],
      ['resolution', 'completed', 0],
      ['resolution', 'in_progress', 2 * HOUR],
    ]);
  });

  it('another priority has another target, from the same start, and says nothing of what had passed', () => {
    const known = looked(opened(OPENED, { priority: 4 }), [OPENED, OPENED + 2 * HOUR], byPriority);
    expect(known.news).toEqual([]);
    const { incident, news } = looked({ ...known.incident, priority: 1 }, [OPENED + 2 * HOUR + 1], byPriority);
    expect(news).toEqual([]);
    expect(
      incident.timers!.list.map(({ kind, priority, stage, hasBreached }) => [kind, priority, stage, hasBreached]),
    ).toEqual([
      ['response', 4, 'cancelled', false],
      ['resolution', 4, 'cancelled', false],
      ['response', 1, 'in_progress', true],
      ['resolution', 1, 'in_progress', false],
    ]);
    expect(looked(incident, [OPENED + 3 * HOUR], byPriority).news.map(({ percent }) => percent)).toEqual([75]);
    // Nothing is promised of the lowest, and of a higher one again.
    const planning = looked({ ...incident, priority: 5 }, [OPENED + 3 * HOUR], byPriority).incident;
    expect(planning.timers!.list.every(({ stage }) => stage === 'cancelled')).toBe(true);
    const again = looked({ ...planning, priority: 4 }, [OPENED + 4 * HOUR], byPriority).incident;
    expect(timerOf(again, 'response')).toMatchObject({ stage: 'in_progress', priority: 4, start: OPENED });
  });

  it('one that is begun late applies the pauses that were, and sends no burst', () => {
    let incident = opened(OPENED, { priority: 2 });
    incident = moved(incident, OPENED + HOUR, HOLD);
    incident = moved(incident, OPENED + 3 * HOUR, RESUME);
    const { incident: begun, news } = looked(incident, [OPENED + 7 * HOUR], byPriority);
    expect(news).toEqual([]);
    expect(timerOf(begun, 'resolution')).toMatchObject({ warned: 50, plannedEnd: OPENED + 10 * HOUR });
  });

  it('a record of before there were timers', () => {
    const { timers: _, ...before } = opened();
    const read = storedIncident(JSON.stringify(before));
    expect(followTimers(read, byPriority, OPENED + MINUTE).timers.list).toHaveLength(2);
  });

  it('what recovered before it could be told is over at once', () => {
    const recovered = moved(opened(), OPENED - HOUR, { ...RESOLVE, code: 'recovered_automatically' } as Move, SYSTEM);
    const { timers } = looked(recovered, [OPENED], byPriority).incident;
    expect(timers!.list.map(({ stage, start, stop }) => [stage, stop! - start])).toEqual([
      ['completed', 0],
      ['completed', 0],
    ]);
  });
});

describe('laws', () => {
  const steps = fc.array(
    fc.tuple(
      fc.integer({ min: 1, max: 300 }),
      fc.constantFrom<Step>(
        HOLD,
        RESUME,
        RESOLVE,
        { type: 'acknowledge' },
        { type: 'reopen', reason: 'again' },
        { type: 'unacknowledge' },
      ),
    ),
    { maxLength: 12 },
  );
  const story = (written: readonly (readonly [number, Step])[]): { incident: Incident; end: number }[] => {
    let incident = opened();
    let at = OPENED;
    const states = [{ incident, end: at }];
    for (const [minutes, step] of written) {
      at += minutes * MINUTE;
      if (step.type === 'unacknowledge') incident = givenBack(incident, at);
      else {
        const done = move(incident, step, ANNE, at);
        if (done.illegal) continue;
        incident = done.incident;
      }
      states.push({ incident, end: at });
    }
    return states;
  };

  it('it makes no difference how often, or when, timers are looked at', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 10, max: 2000 }), (written, minutes) => {
        const states = story(written);
        const targetOf = always(minutes * MINUTE);
        const end = states.at(-1)!.end + 30 * MINUTE;
        const once = looked(states.at(-1)!.incident, [end], targetOf).incident;
        let often: Incident = states[0]!.incident;
        for (const [i, { incident, end: from }] of states.entries()) {
          const until = states[i + 1]?.end ?? end;
          const moments = Array.from({ length: 4 }, (_, k) => from + (k * (until - from)) / 4);
          often = looked({ ...incident, timers: often.timers }, moments, targetOf).incident;
        }
        often = looked(often, [end], targetOf).incident;
        expect(often.timers).toEqual(once.timers);
      }),
      { numRuns: 200 },
    );
  });

  it('each share is told once, in order, and 100 exactly when the target has passed', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 10, max: 600 }), (written, minutes) => {
        const told = new Map<string, number[]>();
        let timers: Incident['timers'] = null;
        const states = story(written);
        const end = states.at(-1)!.end + 30 * MINUTE;
        for (let at = OPENED; at <= end; at += MINUTE) {
          const { incident } = states.findLast(({ end: since }) => since <= at)!;
          const followed = followTimers({ ...incident, timers }, always(minutes * MINUTE), at);
          timers = followed.timers;
          for (const { timer, percent } of followed.news) {
            const key = `${timer.kind} ${timer.start}`;
            told.set(key, [...(told.get(key) ?? []), percent]);
          }
        }
        for (const list of told.values()) expect(list).toEqual([...new Set(list)].sort((a, b) => a - b));
        for (const timer of timers!.list) {
          const { leftMs } = readTimer(timer, states.at(-1)!.incident.timeline, ALWAYS, end);
          expect(timer.hasBreached).toBe(timer.stage === 'in_progress' ? leftMs <= 0 : leftMs < 0);
          const isTold = told.get(`${timer.kind} ${timer.start}`)?.includes(100) === true;
          expect(isTold).toBe(timer.hasBreached);
        }
      }),
      { numRuns: 60 },
    );
  });
});
