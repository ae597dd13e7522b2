import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audienceOf, type Listener } from '../../src/incidents/audience.ts';
import { type CareRules, opened, tended } from '../../src/incidents/care.ts';
import type { Acceptance, Owner } from '../../src/incidents/escalation.ts';
import { type EscalationSink, stepsOf } from '../../src/incidents/escalation-policy.ts';
import { hoursOf } from '../../src/incidents/hours.ts';
import { type Move, move } from '../../src/incidents/lifecycle.ts';
import { consequenceOf } from '../../src/incidents/reported.ts';
import { escalationPolicy } from '../../src/model/config/escalation.ts';
import { schedule } from '../../src/model/config/schedule.ts';
import type { Actor, Incident, Transition } from '../../src/model/incident.ts';
import { incidentWith } from '../incidents.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A Monday. */
const OPENED = Date.parse('2026-11-23T10:00:00Z');
const ANNE: Actor = { kind: 'user', id: 'anne' };
const SYSTEM: Actor = { kind: 'system', id: 'plimsoll' };

const SINKS = new Map<string, EscalationSink>([
  ['chat', { class: 'chat', escalatesItself: false, fallback: null }],
  ['mail', { class: 'chat', escalatesItself: false, fallback: null }],
  ['boss', { class: 'chat', escalatesItself: false, fallback: null }],
  ['horn', { class: 'page', escalatesItself: false, fallback: null }],
  ['pager', { class: 'page', escalatesItself: true, fallback: null }],
  ['pager-with-fallback', { class: 'page', escalatesItself: true, fallback: 'horn' }],
]);
const levelsOf = (...levels: (object | string[])[]) =>
  escalationPolicy.parse({
    name: 'on-call',
    levels: levels.map((level) => (Array.isArray(level) ? { sinks: level } : level)),
  }).levels;
const steps = (...levels: (object | string[])[]): string[] =>
  stepsOf(levelsOf(...levels), SINKS).map(
    ({ kind, level, sinks, timeoutMs }) => `${kind} ${level}: ${sinks.join()} ${timeoutMs / MINUTE}`,
  );
const office = hoursOf(
  schedule.parse({
    name: 'office',
    timeZone: 'UTC',
    weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:00' }],
  }),
);

/** An incident, its policy, destinations that take everything at once or nothing, and a clock. */
class Story {
  incident: Incident;
  now: number;
  readonly #accepts: boolean;
  readonly told: string[] = [];
  readonly #rules: CareRules;
  readonly #listeners: readonly Listener[];
  readonly #delivered: { sink: string; seq: number; at: number }[] = [];

  constructor({
    levels = levelsOf(['chat'], ['mail'], ['boss']),
    owner = { name: 'Jo', sink: 'owner:bot' } as Owner | null,
    quiet = false,
    accepts = true,
    incident = {},
    now = OPENED,
  }: {
    levels?: ReturnType<typeof levelsOf>;
    owner?: Owner | null;
    quiet?: boolean;
    accepts?: boolean;
    incident?: Partial<Incident>;
    now?: number;
  } = {}) {
    this.#accepts = accepts;
    const policy = { name: 'on-call', steps: stepsOf(levels, SINKS), quietOutside: quiet ? office : null };
    this.#rules = { targetsOf: () => () => null, policyOf: () => policy, ownerOf: () => owner };
    const named = new Set(levels.flatMap(({ sinks }) => sinks));
    this.#listeners = [...SINKS.keys(), 'webhook'].map((name) => ({
      name,
      class: SINKS.get(name)?.class ?? 'record',
      everyTransition: name === 'webhook',
      isOfLevel: named.has(name),
      standsIn: false,
    }));
    this.now = now;
    const timeline: Incident['timeline'] = [{ at: now, by: SYSTEM, event: 'opened', text: 'broken' }];
    const one = { incident: incidentWith({ openedAt: now, timeline, ...incident }), transition: 'opened' } as const;
    this.incident = opened(one, this.#rules, now).incident;
    this.#tell('opened');
  }

  #tell(transition: Transition): void {
    const seq = this.incident.timeline.length;
    const named = audienceOf(this.incident, transition, this.#listeners).filter((name) => !OTHERS.has(name));
    if (this.#accepts) this.#delivered.push(...named.map((sink) => ({ sink, seq, at: this.now })));
    this.told.push(`${(this.now - OPENED) / MINUTE} ${transition} ${named.join()}`);
  }

  #accepted(): Acceptance | null {
    const call = this.incident.escalation?.calls.at(-1);
    return call === undefined
      ? null
      : (this.#delivered.find(({ sink, seq }) => seq >= call.seq && call.sinks.includes(sink)) ?? null);
  }

  /** What was sent arrives now. */
  arrive(): void {
    const seq = this.incident.timeline.length;
    for (const sink of this.incident.escalation!.told) this.#delivered.push({ sink, seq, at: this.now });
  }

  tick(): void {
    for (const { incident, transition } of tended(this.incident, this.#rules, this.#accepted(), this.now, false)) {
      this.incident = incident;
      if (transition !== null) this.#tell(transition);
    }
  }

  /** Minutes pass, each with a tick. */
  pass(minutes: number): this {
    for (let i = 0; i < minutes; i++) {
      this.now += MINUTE;
      this.tick();
    }
    return this;
  }

  do(step: Move, by: Actor = ANNE): this {
    const done = move(this.incident, step, by, this.now);
    if (done.illegal) throw new Error(`${step.type} is not legal`);
    this.incident = done.incident;
    this.#tell(done.transition);
    return this;
  }

  set(change: Partial<Incident>, event: 'updated' | 'prioritized' = 'updated', by = SYSTEM): this {
    const timeline = [...this.incident.timeline, { at: this.now, by, event, text: 'changed' } as const];
    this.incident = { ...this.incident, ...change, timeline };
    this.#tell('updated');
    return this;
  }

  get calls(): string[] {
    return this.incident.escalation!.calls.map(
      ({ at, kind, level, sinks }) => `${(at - OPENED) / MINUTE} ${kind} ${level} ${sinks.join()}`,
    );
  }
}
/** Not of the policies here. */
const OTHERS = new Set(['horn', 'pager', 'pager-with-fallback', 'webhook']);

describe('the steps of a policy', () => {
  it('levels, all of them once more, then the owner; 15, 30 and 60 minutes', () => {
    const round = ['level 1: chat 15', 'level 2: mail 30', 'level 3: boss 60', 'level 4: horn 60'];
    expect(steps(['chat'], ['mail'], ['boss'], ['horn'])).toEqual([...round, ...round, 'owner 5:  0']);
  });
  it('a level may have its own time, and be repeated', () => {
    expect(steps({ sinks: ['chat'], ackTimeout: '5m', repeat: 2 }).slice(0, 4)).toEqual([
      'level 1: chat 5',
      'level 1: chat 5',
      'level 1: chat 5',
      'level 1: chat 5',
    ]);
  });
  it('a tool that escalates by itself is told once, nothing pages behind it, and nothing is repeated', () => {
    expect(steps({ sinks: ['pager'], repeat: 3 }, ['horn', 'mail'], ['horn'])).toEqual([
      'level 1: pager 15',
      'level 2: mail 30',
      'owner 4:  0',
    ]);
    expect(steps(['chat'], ['pager-with-fallback'], ['mail'])).toEqual([
      'level 1: chat 15',
      'level 2: pager-with-fallback 30',
      'fallback 2: horn 30',
      'level 3: mail 60',
      'owner 4:  0',
    ]);
  });
});

describe('nobody acknowledges', () => {
  it('each level is told after the time of the one before it, twice, then the owner, and then nobody', () => {
    const story = new Story().pass(600);
    expect(story.calls).toEqual([
      '0 level 1 chat',
      '15 level 2 mail',
      '45 level 3 boss',
      '105 level 1 chat',
      '120 level 2 mail',
      '150 level 3 boss',
      '210 owner 4 owner:bot',
    ]);
    expect(story.incident.escalation).toMatchObject({ ended: 'exhausted', dueAt: null });
    expect(story.incident.escalations).toBe(6);
    expect(story.told).toEqual([
      '0 opened chat',
      '15 escalated chat,mail',
      '45 escalated chat,mail,boss',
      '105 escalated chat,mail,boss',
      '120 escalated chat,mail,boss',
      '150 escalated chat,mail,boss',
      '210 escalated chat,mail,boss,owner:bot',
    ]);
  });

  it.each([
    [null, 'names no owner'],
    [{ name: 'Jo', sink: null }, 'the owner Jo has to be told by a person'],
  ])('an owner whom nothing reaches (%j) is in the timeline', (owner, text) => {
    const story = new Story({ owner }).pass(300);
    expect(story.incident.escalation).toMatchObject({ ended: 'exhausted' });
    expect(story.incident.timeline.at(-1)!.text).toContain(text);
  });

  it('the time begins when somebody took the news, not when it was written', () => {
    const story = new Story({ accepts: false }).pass(10);
    expect(story.incident.escalation!.dueAt).toBeNull();
    story.arrive();
    story.pass(14);
    expect(story.incident.escalation!.calls[0]).toMatchObject({ acceptedAt: OPENED + 10 * MINUTE, acceptedBy: 'chat' });
    expect(story.incident.escalation!.dueAt).toBe(OPENED + 25 * MINUTE);
    expect(story.calls).toHaveLength(1);
    expect(story.pass(1).calls).toHaveLength(2);
  });

  it('a level that nothing reached in its time can not answer: the next is told', () => {
    const story = new Story({ accepts: false }).pass(15);
    expect(story.calls).toHaveLength(2);
    expect(story.incident.timeline.at(-1)!.text).toBe('nobody could be told within 15m: level 2 (mail) is told');
  });

  it('after a time in which nobody looked it goes on one step at a time', () => {
    const story = new Story();
    story.now += 10 * HOUR;
    story.tick();
    story.tick();
    expect(story.calls).toEqual(['0 level 1 chat', '600 level 2 mail']);
  });
});

describe('ends and beginnings', () => {
  it('acknowledging at any level stops it', () => {
    const story = new Story().pass(20).do({ type: 'acknowledge' }).pass(300);
    expect(story.calls).toEqual(['0 level 1 chat', '15 level 2 mail']);
    expect(story.incident.escalation).toMatchObject({ ended: 'acknowledged' });
  });

  it('an acknowledgement that is taken back begins it again at the first level', () => {
    const story = new Story().pass(20).do({ type: 'acknowledge' }).pass(10);
    story.set({ ackedAt: null, ackedBy: null }, 'updated', { kind: 'sink', id: 'pager' }).pass(16);
    expect(story.calls.slice(2)).toEqual(['31 level 1 chat', '46 level 2 mail']);
    expect(story.incident.timeline.at(-2)!.text).toBe(
      'no longer acknowledged: escalation begins again with level 1 (chat)',
    );
    story.do({ type: 'acknowledge' }).pass(300);
    expect(story.calls).toHaveLength(4);
  });

  it('and so does one that PagerDuty has taken back by itself; also after the owner was told', () => {
    const story = new Story({ levels: levelsOf(['chat']) }).pass(60);
    expect(story.incident.escalation!.ended).toBe('exhausted');
    const report = { sink: 'pd', tool: 'PagerDuty (pd)', by: { kind: 'sink', id: 'pd' }, at: null } as const;
    for (const type of ['acknowledge', 'unacknowledge'] as const) {
      const done = consequenceOf(story.incident, { type }, report, story.now);
      if (done.kind !== 'moved') throw new Error(type);
      story.incident = done.moved.incident;
      story.pass(1);
    }
    expect(story.calls.at(-1)).toBe('62 level 1 chat');
    expect(story.incident.timeline.at(-1)!.text).toContain('no longer acknowledged: escalation begins again');
    expect(story.incident.escalation!.ended).toBeNull();
  });
  it('late data that file it under what is more urgent begin it again, whatever was said before', () => {
    const story = new Story({ incident: { priority: 3 } }).set({}).do({ type: 'acknowledge' }).pass(1);
    const timeline = [
      ...story.incident.timeline,
      { at: story.now, by: SYSTEM, event: 'categorized', text: 'privacy' } as const,
    ];
    story.incident = { ...story.incident, priority: 1, timeline };
    expect(story.pass(1).calls.at(-1)).toBe('2 level 1 chat');
  });
  it('opened again it begins at the first level, told by that very transition; an old acknowledgement is none', () => {
    const story = new Story().pass(5).do({ type: 'acknowledge' }).pass(5);
    story.do({ type: 'resolve', code: 'solution_provided', notes: 'mended' }).pass(30);
    expect(story.incident.escalation).toMatchObject({ ended: 'acknowledged' });
    story.do({ type: 'reopen', reason: 'broken again' }, SYSTEM).pass(20);
    expect(story.told.slice(-2)).toEqual(['40 reopened chat', '55 escalated chat,mail']);
    story.do({ type: 'acknowledge' }).pass(300);
    expect(story.calls).toHaveLength(3);
  });

  it('more urgent it begins again, also when it was acknowledged', () => {
    const story = new Story({ incident: { priority: 3 } }).pass(5).do({ type: 'acknowledge' }).pass(5);
    story.set({ priority: 1 }).pass(1);
    expect(story.told.at(-1)).toBe('11 escalated chat');
    expect(story.incident.escalation).toMatchObject({ ended: null, priority: 1 });
    // Less urgent is no reason, and more urgent than that is one again.
    story.do({ type: 'acknowledge' }).pass(1).set({ priority: 4 }).pass(1);
    expect(story.incident.escalation).toMatchObject({ ended: 'acknowledged', priority: 4 });
    story.set({ priority: 2 }, 'prioritized', ANNE).do({ type: 'acknowledge' }).pass(1);
    expect(story.incident.escalation).toMatchObject({ ended: 'acknowledged', priority: 2 });
  });

  it('what recovers is told to whom it was told to, and to nobody else', () => {
    const story = new Story().pass(20);
    story.do({ type: 'resolve', code: 'recovered_automatically', notes: 'recovered' }, SYSTEM).pass(300);
    expect(story.told.at(-1)).toBe('20 resolved chat,mail');
    expect(story.incident.escalation).toMatchObject({ ended: 'resolved' });
  });
});

it('what somebody has opened is theirs: the first level hears of it, and the next only when nobody has it any more', () => {
  const story = new Story({ incident: { ackedAt: OPENED, ackedBy: ANNE } }).pass(120);
  expect(story.told).toEqual(['0 opened chat']);
  story.set({ ackedAt: null, ackedBy: null }).pass(16);
  expect(story.calls.slice(1)).toEqual(['121 level 1 chat', '136 level 2 mail']);
});

describe('quiet hours', () => {
  const NIGHT = Date.parse('2026-11-23T20:00:00Z');
  it('P3 to P5 wait until the hours begin', () => {
    const story = new Story({ quiet: true, now: NIGHT, incident: { priority: 3 } });
    expect(story.incident.escalation).toMatchObject({ step: -1, dueAt: Date.parse('2026-11-24T09:00:00Z') });
    story.pass(12 * 60);
    expect(story.calls).toEqual([]);
    story.pass(60).pass(15);
    expect(story.told.slice(1).map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'updated chat',
      'escalated chat,mail',
    ]);
    expect(story.incident.escalations).toBe(1);
  });
  it.each([
    ['P1', { priority: 1 }],
    ['P2', { priority: 2 }],
    ['what may be a serious incident', { priority: 4, flags: ['serious_candidate'] }],
    ['what somebody holds to be one', { priority: 4, art349: 'c' }],
    ['what a clock of the law runs for', { priority: 4, awareAt: NIGHT }],
  ] as const)('%s does not', (_what, incident) => {
    expect(new Story({ quiet: true, now: NIGHT, incident }).pass(15).calls).toHaveLength(2);
  });
  it('one that becomes urgent at night is told at once', () => {
    const story = new Story({ quiet: true, now: NIGHT, incident: { priority: 3 } })
      .pass(30)
      .set({ priority: 2 })
      .pass(1);
    expect(story.calls).toHaveLength(1);
  });
  it('a level that would be due at night is told in the morning', () => {
    const story = new Story({ quiet: true, now: Date.parse('2026-11-23T16:55:00Z'), incident: { priority: 4 } });
    story.pass(16 * 60 + 4);
    expect(story.calls).toHaveLength(1);
    expect(story.pass(1).calls).toHaveLength(2);
  });
  it('what is over by the morning was told to nobody', () => {
    const story = new Story({ quiet: true, now: NIGHT, incident: { priority: 3 } }).pass(60);
    story.do({ type: 'resolve', code: 'recovered_automatically', notes: 'recovered' }, SYSTEM).pass(24 * 60);
    expect(story.told.every((line) => line.endsWith(' '))).toBe(true);
  });
});

describe('who is told of targets', () => {
  const listeners: readonly Listener[] = ['chat', 'webhook'].map((name) => ({
    name,
    class: name === 'chat' ? 'chat' : 'record',
    everyTransition: name === 'webhook',
    isOfLevel: false,
    standsIn: false,
  }));
  it.each([
    ['sla_warning', 'new', ['webhook']],
    ['sla_breached', 'new', ['chat', 'webhook']],
    // Found only when it was over.
    ['sla_breached', 'resolved', ['webhook']],
  ] as const)('%s of one that is %s', (event, state, told) => {
    const timeline = [{ at: OPENED, by: SYSTEM, event, text: '' }];
    expect(audienceOf(incidentWith({ state, timeline }), 'updated', listeners)).toEqual(told);
  });
});

describe('what is suppressed', () => {
  const SILENCE = [
    { kind: 'silence', id: 'SIL-1', until: null, reason: 'known' },
  ] as unknown as Incident['suppressedBy'];
  const said = (
    story: Story,
    event: 'suppressed' | 'unsuppressed' | 'disclosed',
    suppressedBy: Incident['suppressedBy'],
  ) => {
    const timeline = [...story.incident.timeline, { at: story.now, by: SYSTEM, event, text: 'over' } as const];
    story.incident = { ...story.incident, suppressedBy, timeline };
  };

  it('calls nobody; when it is over those who are told so then have the time of the first level', () => {
    const story = new Story({ accepts: false, incident: { suppressedBy: SILENCE, withheld: 'opening' } }).pass(60);
    expect(story.incident.escalation).toMatchObject({ step: -1, dueAt: null, calls: [] });
    story.incident = { ...story.incident, suppressedBy: [], withheld: null };
    story.pass(1);
    expect(story.calls).toEqual(['61 level 1 chat']);
    expect(story.told.at(-1)).toBe('61 updated chat');
  });

  it('found to be suppressed right after it opened it has told nobody either, and its end is the call', () => {
    const story = new Story({ accepts: false });
    story.incident = { ...story.incident, suppressedBy: SILENCE, withheld: 'opening' };
    story.pass(30);
    expect(story.calls).toEqual([]);
    said(story, 'disclosed', []);
    story.incident = { ...story.incident, withheld: null };
    story.pass(1);
    expect(story.incident.escalation!.calls).toMatchObject([{ seq: 2, at: OPENED + 31 * MINUTE }]);
    expect(story.told).toHaveLength(1);
  });

  it('suppressed later it stops, and begins again when that is over', () => {
    const story = new Story().pass(20);
    expect(story.calls).toHaveLength(2);
    said(story, 'suppressed', SILENCE);
    story.pass(120);
    expect(story.calls).toHaveLength(2);
    said(story, 'unsuppressed', []);
    story.pass(16);
    expect(story.calls.slice(2)).toEqual(['141 level 1 chat', '156 level 2 mail']);
  });
});

it('what comes and goes is told once, and to the next level when nobody has taken it up', () => {
  const flapping = { kind: 'flapping', id: 'INC-42', until: null, reason: 'it comes and goes' } as const;
  const story = new Story().pass(5);
  story.incident = { ...story.incident, flags: ['flapping'], suppressedBy: [flapping] };
  story.set({}).pass(15);
  expect(story.told).toEqual(['0 opened chat', '5 updated ', '15 escalated chat,mail']);
  story.do({ type: 'acknowledge' }).pass(300);
  expect(story.calls).toHaveLength(2);
});

describe('laws', () => {
  it('nobody is told of a level before its time, none twice in a round, and never after an answer', () => {
    const happenings = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 90 }), fc.constantFrom('pass', 'stop', 'ack', 'unack', 'rise')),
      { maxLength: 15 },
    );
    fc.assert(
      fc.property(happenings, (list) => {
        const story = new Story({ incident: { priority: 5 } });
        for (const [minutes, what] of list) {
          // While Plimsoll was stopped nothing was looked at.
          if (what === 'stop') story.now += minutes * MINUTE;
          else story.pass(minutes);
          if (what === 'ack') story.do({ type: 'acknowledge' });
          if (what === 'unack') story.set({ ackedAt: null, ackedBy: null });
          if (what === 'rise' && story.incident.priority > 1)
            story.set({ priority: (story.incident.priority - 1) as Incident['priority'] });
          story.tick();
        }
        const { calls, told } = story.incident.escalation!;
        for (const [i, call] of calls.entries()) {
          const before = calls[i - 1];
          if (before !== undefined && call.level !== 1) {
            expect(call.at).toBeGreaterThanOrEqual((before.acceptedAt ?? before.at) + 15 * MINUTE);
            expect([before.level + 1, 4]).toContain(call.level);
          }
          const { at } = call;
          const last = story.incident.timeline.slice(0, call.seq - 1).findLast(({ by }) => by.kind === 'user');
          expect(last === undefined || last.at <= at).toBe(true);
        }
        expect(new Set(calls.map(({ seq }) => seq)).size).toBe(calls.length);
        expect([...told].sort()).toEqual([...new Set(calls.flatMap(({ sinks }) => sinks))].sort());
      }),
      { numRuns: 100 },
    );
  });
});
