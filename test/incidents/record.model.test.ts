import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Findings, IncidentBook, type ServiceFacts, type Written } from '../../src/incidents/book.ts';
import { type Flags, NO_FLAGS } from '../../src/incidents/category-rules.ts';
import type { Episode } from '../../src/incidents/episodes.ts';
import { legalMoves, type Move, move } from '../../src/incidents/lifecycle.ts';
import { priorityOf } from '../../src/incidents/priority.ts';
import {
  type Actor,
  ARTICLE_3_49,
  CLOSE_CODES,
  HARMS,
  HOLD_REASONS,
  INCIDENT_STATES,
  type Incident,
  type IncidentState,
  isOpen,
  storedIncident,
} from '../../src/model/incident.ts';
import { CATEGORIES } from '../../src/model/taxonomy.ts';
import { DAY_MS, HOUR_MS, minuteOf } from '../../src/model/time.ts';
import type { Objective } from '../../src/objectives/objective.ts';
import { ungrounded } from '../incidents.ts';

/** The life of records under people, tools and the judge at once, against what is promised of it. */

/** ITIL's states as the guide draws them: written down a second time, so that a slip in the code's table shows. */
const NEXT: Readonly<Record<IncidentState, readonly IncidentState[]>> = {
  new: ['in_progress', 'on_hold', 'resolved', 'cancelled'],
  in_progress: ['on_hold', 'resolved', 'cancelled'],
  on_hold: ['in_progress', 'resolved', 'cancelled'],
  resolved: ['closed', 'in_progress'],
  closed: [],
  cancelled: [],
};
/** Moves that change the state, and where to; the others keep it. */
const LEADS: Readonly<Partial<Record<Move['type'], (from: IncidentState) => IncidentState>>> = {
  acknowledge: (from) => (from === 'new' ? 'in_progress' : from),
  assign: (from) => (from === 'new' ? 'in_progress' : from),
  hold: () => 'on_hold',
  resume: () => 'in_progress',
  resolve: () => 'resolved',
  close: () => 'closed',
  reopen: () => 'in_progress',
  cancel: () => 'cancelled',
};

const START = Date.UTC(2026, 10, 1);
const GRACE = 15_000;
const WEEK = 7 * DAY_MS;

const objective = (name: string, kind: Objective['kind'], measure: Objective['measure'], category: string): Objective =>
  ({
    name,
    kind,
    measure,
    category,
    service: 'bot',
    environment: 'production',
    sequential: {},
    burn: null,
  }) as unknown as Objective;
/** Two of one family, one that may be serious, one of another family. */
const OBJECTIVES = [
  objective('up', 'SLO', 'availability', 'ai.availability.error_rate'),
  objective('fast', 'XLA', 'latency', 'ai.availability.latency'),
  objective('private', 'SLO', 'accuracy', 'ai.privacy.pii_output'),
  objective('cheap', 'XLA', 'cost', 'ai.cost.budget_burn'),
];
const FACTS: ServiceFacts = {
  criticality: 3,
  isHighRisk: false,
  supportGroup: null,
  links: { runbook: null, dashboard: null, trace: null },
};

const reason = fc.constantFrom('because', 'so it is');
const weight = fc.constantFrom(1, 2, 3, null, undefined);
const ago = fc.option(fc.integer({ min: 0, max: 1e6 }), { nil: undefined });
type Asked = Move | { readonly type: 'mitigate' | 'aware'; readonly ago: number | undefined };
const asked: fc.Arbitrary<Asked> = fc.oneof(
  fc.constantFrom<Move>({ type: 'acknowledge' }, { type: 'resume' }, { type: 'close' }),
  fc.record({ type: fc.constant('assign' as const), to: fc.constantFrom('ada', 'group') }),
  fc.record({ type: fc.constant('hold' as const), reason: fc.constantFrom(...HOLD_REASONS) }),
  fc.record({ type: fc.constant('resolve' as const), code: fc.constantFrom(...CLOSE_CODES), notes: reason }),
  fc.record({ type: fc.constantFrom('reopen' as const, 'cancel' as const), reason }),
  fc.record({ type: fc.constant('note' as const), text: reason }),
  fc.record({
    type: fc.constant('prioritize' as const),
    impact: weight as fc.Arbitrary<1 | 2 | 3 | null | undefined>,
    urgency: weight as fc.Arbitrary<1 | 2 | 3 | null | undefined>,
    priority: fc.constantFrom(1, 2, 3, 4, 5, null, undefined) as fc.Arbitrary<1 | 2 | 3 | 4 | 5 | null | undefined>,
    reason,
  }),
  fc.record({ type: fc.constant('categorize' as const), category: fc.constantFrom(...CATEGORIES), reason }),
  fc.record({
    type: fc.constant('classify' as const),
    harm: fc.constantFrom(...HARMS),
    art349: fc.constantFrom(...ARTICLE_3_49),
    seriousCandidate: fc.constantFrom(true, false, undefined),
    reason,
  }),
  fc.record({ type: fc.constantFrom('mitigate' as const, 'aware' as const), ago }),
);
const actor = fc.constantFrom<Actor>(
  { kind: 'user', id: 'ada', name: 'Ada' },
  { kind: 'user', id: 'local' },
  { kind: 'token', id: 'tok-1' },
  { kind: 'sink', id: 'pager' },
);
const which = fc.nat({ max: 9 });
const watched = fc.nat({ max: OBJECTIVES.length - 1 });

type Step =
  | { readonly do: 'person'; readonly which: number; readonly move: Asked; readonly by: Actor }
  | { readonly do: 'judge'; readonly what: JudgeStep; readonly objective: number; readonly flags: Flags }
  | { readonly do: 'pass'; readonly ms: number };
const JUDGE = ['begin', 'end', 'hasten', 'withdraw', 'resume', 'abandon', 'shift', 'stale', 'suspect', 'tick'] as const;
type JudgeStep = (typeof JUDGE)[number];

const flags = fc
  .record({ unsafe: fc.nat({ max: 4 }), biased: fc.nat({ max: 4 }) })
  .map((some) => ({ ...NO_FLAGS, ...some }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('person' as const), which, move: asked, by: actor }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('judge' as const),
      what: fc.constantFrom(...JUDGE, 'begin', 'end'),
      objective: watched,
      flags,
    }),
  },
  // Nothing passes between most of them: they come at the same moment.
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(-30_000, 1, 60_000, 20 * 60_000, 61 * 60_000, DAY_MS, WEEK),
    }),
  },
);

/** What is promised, remembered beside the records. */
interface Expected {
  /** When a person first did anything that says they have seen it, and who. */
  acked: { readonly at: number; readonly by: Actor } | null;
  override: Incident['override'];
  category: Incident['categorySetBy'];
  judged: Pick<Incident, 'harm' | 'art349' | 'classifiedBy'>;
}

class Run {
  now = START;
  /** Clocks go back; the newest time that one has shown. */
  latest = START;
  readonly book = new IncidentBook([], 1, GRACE);
  readonly isHighRisk: boolean;
  /** Every record, as it was seen last: the book forgets what is over. */
  readonly known = new Map<string, Incident>();
  readonly expected = new Map<string, Expected>();
  readonly episodes = new Map<string, Episode[]>();

  constructor(isHighRisk: boolean) {
    this.isHighRisk = isHighRisk;
  }

  take(step: Step): void {
    if (step.do === 'pass') {
      this.now += step.ms;
      this.latest = Math.max(this.latest, this.now);
    } else if (step.do === 'person') this.#person(step);
    else
      for (const one of this.#judge(OBJECTIVES[step.objective]!, step.what, step.flags))
        if (one !== null) this.#seen(one.incident, null);
  }

  #person({ which, move: wanted, by }: Extract<Step, { do: 'person' }>): void {
    const all = [...this.known.values()];
    if (all.length === 0) return;
    const before = all[which % all.length]!;
    const done =
      'ago' in wanted ? { type: wanted.type, ...(wanted.ago !== undefined && { at: this.now - wanted.ago }) } : wanted;
    const moved = move(before, done, by, this.now);
    const at = Math.max(this.now, before.timeline.at(-1)!.at);
    expect(moved.illegal).toBe(!legalMoves(before.state).includes(done.type));
    if (moved.illegal) return;
    expect(moved.incident.state).toBe(LEADS[done.type]?.(before.state) ?? before.state);
    const mine = this.expected.get(before.id)!;
    const isOver = before.state === 'closed' || before.state === 'cancelled';
    if (!isOver && done.type !== 'cancel' && done.type !== 'close') mine.acked ??= { at, by };
    if (done.type === 'prioritize') {
      const { override } = moved.incident;
      mine.override = override;
      if (override !== null) expect(override).toMatchObject({ by, at, reason: done.reason });
      for (const name of ['impact', 'urgency'] as const)
        if (done[name] != null) expect(moved.incident[name]).toBe(done[name]);
      if (done.priority != null) expect(moved.incident.priority).toBe(done.priority);
    }
    if (done.type === 'categorize') {
      mine.category = { by, at, reason: done.reason };
      expect(moved.incident.category).toBe(done.category);
    }
    if (done.type === 'classify')
      mine.judged = { harm: done.harm, art349: done.art349, classifiedBy: { by, at, reason: done.reason } };
    this.book.put(moved.incident);
    this.#seen(moved.incident, by);
  }

  #judge(objective: Objective, what: JudgeStep, flags: Flags): (Written | null)[] {
    const { book, now } = this;
    const list = this.episodes.get(objective.name) ?? [];
    const minute = minuteOf(now - GRACE) - 1;
    const open = list.find(({ resolved }) => resolved === null);
    const last = list.at(-1);
    const change = (episode: Episode): void => {
      this.episodes.set(
        objective.name,
        [...list.filter(({ alarm }) => alarm !== episode.alarm), episode].sort((a, b) => a.alarm - b.alarm),
      );
    };
    switch (what) {
      case 'begin': {
        // Now and then it is found late, and over by then.
        const isOver = flags.biased === 4;
        const alarm = isOver ? minute - 20 : minute;
        if (open !== undefined || (last !== undefined && last.alarm >= alarm)) return [];
        const previous = list.findLast(({ incident }) => incident !== null) ?? null;
        const facts = { ...FACTS, isHighRisk: this.isHighRisk };
        const begun = book.begin(
          objective,
          facts,
          episodeOf(objective, alarm),
          { previous, beside: null, opens: 1 + flags.biased, isOver },
          found(flags),
          now,
        );
        change(begun.episode);
        return [...begun.written];
      }
      case 'end': {
        if (open === undefined) return [];
        const ended = { ...open, resolved: Math.max(open.alarm, minute) };
        change(ended);
        return [book.end(ended, now)];
      }
      case 'hasten': {
        if (open === undefined) return [];
        const urgent = { ...open, paged: minute };
        change(urgent);
        return [book.hasten(objective, urgent, false, now)];
      }
      case 'resume': {
        if (open !== undefined || last === undefined) return [];
        const resumed = { ...last, resolved: null };
        change(resumed);
        return [book.resume(resumed, now)];
      }
      case 'withdraw': {
        if (open === undefined) return [];
        this.episodes.set(
          objective.name,
          list.filter((one) => one !== open),
        );
        return [book.withdraw(open, now)];
      }
      case 'abandon': {
        if (open === undefined) return [];
        const left = { ...open, resolved: Math.max(open.alarm, minute) };
        change(left);
        return [book.abandon(left, 'its objective is gone', now)];
      }
      case 'shift': {
        if (last === undefined) return [];
        const shifted = {
          ...last,
          onset: last.onset - 3,
          resolved: last.resolved === null ? null : Math.min(last.resolved + 1, minute),
        };
        change(shifted);
        return [book.shift(objective, shifted, () => found(flags).signs, now)];
      }
      case 'stale':
        return open?.incident == null ? [] : [book.flag(open.incident, 'stale', flags.unsafe % 2 === 0, now)];
      case 'suspect':
        return open?.incident == null ? [] : [book.suspect(open.incident, flags, now)];
      case 'tick': {
        const still = OBJECTIVES.flatMap(({ name }) => this.episodes.get(name) ?? []).filter(
          (one) => one.resolved === null,
        );
        const written = [
          ...still.map((one) => (one.incident === null ? null : book.reopenStillBroken(one.incident, now))),
          ...book.settleFlapping(() => 0, now),
          ...book.closeOld(now),
        ];
        // What a tick has done is done.
        expect([...book.settleFlapping(() => 0, now), ...book.closeOld(now)]).toEqual([]);
        return written;
      }
    }
  }

  /** @param by  who has done it; null: the judge */
  #seen(incident: Incident, by: Actor | null): void {
    const before = this.known.get(incident.id) ?? null;
    if (before === null)
      this.expected.set(incident.id, {
        acked: null,
        override: null,
        category: null,
        judged: { harm: null, art349: null, classifiedBy: null },
      });
    holdsTogether(incident, this.latest);
    staysAsSaid(incident, this.expected.get(incident.id)!);
    if (before === null) expect(incident.state).toBe('new');
    else follows(before, incident, by);
    expect(storedIncident(JSON.stringify(incident))).toEqual(incident);
    this.known.set(incident.id, incident);
  }

  /** Nothing changes unseen, and nothing that is not open is in the book as if it were. */
  check(): void {
    for (const incident of this.book.incidents) expect(incident).toEqual(this.known.get(incident.id));
    expect(new Set(this.known.keys()).size).toBe(this.book.nextNumber - 1);
  }
}

const episodeOf = ({ name }: Objective, minute: number): Episode => ({
  objective: name,
  detector: 'sequential',
  onset: minute - 5,
  alarm: minute,
  paged: null,
  resolved: null,
  n: 100,
  bad: 2,
  statistic: 15,
  threshold: 14,
  tiers: [],
  incident: null,
});

const found = (flags: Flags): Findings => ({
  evidence: ungrounded,
  slices: [],
  changes: [],
  traces: { bad: [], good: [] },
  signs: {
    n: 100,
    bad: flags.biased === 0 ? 95 : 2,
    interactions: 100,
    failed: { rate_limit: flags.unsafe, timeout: 0, auth: 0, server: 0, content: 0, client: 0, other: 1, unnamed: 0 },
    tokens: null,
    tokensBefore: null,
    flags,
  },
});

/** One record in itself. */
function holdsTogether(incident: Incident, now: number): void {
  const { state, startedAt, detectedAt, openedAt, ackedAt, resolvedAt, closedAt, mitigatedAt, awareAt } = incident;
  expect(startedAt).toBeLessThanOrEqual(detectedAt);
  expect(openedAt).toBeLessThanOrEqual(now);
  expect((incident.hold !== null) === (state === 'on_hold')).toBe(true);
  expect((resolvedAt !== null) === (state === 'resolved' || state === 'closed')).toBe(true);
  expect(
    (incident.closeCode !== null) === (resolvedAt !== null) && (incident.closeNotes !== null) === (resolvedAt !== null),
  ).toBe(true);
  expect((closedAt !== null) === (state === 'closed' || state === 'cancelled')).toBe(true);
  expect((ackedAt === null) === (incident.ackedBy === null)).toBe(true);
  expect((awareAt === null) === (incident.awareBy === null)).toBe(true);
  for (const at of [ackedAt, resolvedAt, closedAt, mitigatedAt, awareAt]) expect(at ?? now).toBeLessThanOrEqual(now);
  expect(ackedAt ?? openedAt).toBeGreaterThanOrEqual(openedAt);
  expect(resolvedAt ?? startedAt).toBeGreaterThanOrEqual(startedAt);
  expect(mitigatedAt ?? startedAt).toBeGreaterThanOrEqual(startedAt);
  expect(closedAt ?? now).toBeGreaterThanOrEqual(openedAt);
  expect(new Set(incident.flags).size).toBe(incident.flags.length);
  const { impact, urgency, override, reckoned } = incident;
  expect(impact).toBe(override?.impact ?? reckoned.impact);
  expect(urgency).toBe(override?.urgency ?? reckoned.urgency);
  const isLowered = override === null && reckoned.lowered === true;
  const priority = Math.min(5, priorityOf(impact, urgency) + Number(isLowered));
  expect(incident.priority).toBe(override?.priority ?? priority);
  if (reckoned.lowered === true) expect(incident.detectedLate).toBe(true);
  const times = incident.timeline.map(({ at }) => at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.at(-1)).toBeLessThanOrEqual(now);
}

/** What people have said. */
function staysAsSaid(incident: Incident, { acked, override, category, judged }: Expected): void {
  expect([incident.ackedAt, incident.ackedBy]).toEqual([acked?.at ?? null, acked?.by ?? null]);
  expect(incident.override).toEqual(override);
  expect(incident.categorySetBy).toEqual(category);
  expect(incident).toMatchObject(judged);
}

/** From one state of a record to the next. */
function follows(before: Incident, after: Incident, by: Actor | null): void {
  if (after.state !== before.state && !(before.state === 'new' && after.state === 'in_progress'))
    expect(NEXT[before.state]).toContain(after.state);
  expect(after.timeline.slice(0, before.timeline.length)).toEqual(before.timeline);
  if (after.state !== before.state) expect(after.timeline.length).toBeGreaterThan(before.timeline.length);
  for (const entry of after.timeline.slice(before.timeline.length))
    expect(entry.by.kind).toBe(by === null ? 'system' : by.kind);
  expect(after).toMatchObject({
    id: before.id,
    title: before.title,
    openedAt: before.openedAt,
    detectedAt: before.detectedAt,
  });
  if (before.closedAt !== null) {
    const { state, closedAt, closeCode, closeNotes, priority, category, ackedAt, hold } = before;
    expect(after).toMatchObject({ state, closedAt, closeCode, closeNotes, priority, category, ackedAt, hold });
  }
  if (by === null) {
    // What may be serious is ended by people, and closed by itself only when one has judged it.
    if (before.flags.includes('serious_candidate')) {
      if (isOpen(before)) expect(isOpen(after)).toBe(true);
      if (before.classifiedBy === null) expect(after.state === 'closed').toBe(before.state === 'closed');
      expect(after.flags).toContain('serious_candidate');
    }
    const resolvedBy = before.timeline.findLast(({ event }) => event === 'resolved')?.by.kind;
    if (before.state === 'resolved' && resolvedBy !== 'system' && isOpen(after))
      expect(after.timeline.at(-1)!.at - before.resolvedAt!).toBeGreaterThanOrEqual(HOUR_MS);
    if (before.categorySetBy !== null) expect(after.category).toBe(before.category);
    expect(after.awareAt).toBe(before.awareAt);
    expect(after.assignedTo).toBe(before.assignedTo);
    if (before.override === null) expect(after.urgency).toBeLessThanOrEqual(before.urgency);
  }
  if (before.classifiedBy !== null && after.classifiedBy === before.classifiedBy)
    expect(after.flags.includes('serious_candidate')).toBe(before.flags.includes('serious_candidate'));
  expect(after.reckoned.impact).toBe(before.reckoned.impact);
  expect(after.reckoned.urgency).toBeLessThanOrEqual(before.reckoned.urgency);
  if (before.awareAt !== null) expect(after.awareAt).toBeLessThanOrEqual(before.awareAt);
}

it('whatever people, tools and the judge do, and in whatever order: no illegal move, and what was said stands', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), (isHighRisk, steps) => {
      const run = new Run(isHighRisk);
      run.take({ do: 'judge', what: 'begin', objective: 0, flags: NO_FLAGS });
      for (const one of steps) {
        run.take(one);
        run.check();
      }
    }),
    { numRuns: 300 },
  );
});

it('the table of moves has every state of the drawing, and leads nowhere else', () => {
  for (const state of INCIDENT_STATES) {
    const reached = legalMoves(state).map((name) => LEADS[name]?.(state) ?? state);
    expect(new Set(reached.filter((one) => one !== state))).toEqual(new Set(NEXT[state]));
  }
});
