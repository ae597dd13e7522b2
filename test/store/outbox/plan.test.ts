import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SINK_CLASSES } from '../../../src/model/delivery.ts';
import { TRANSITIONS, type Transition } from '../../../src/model/incident.ts';
import { type Breaker, CLOSED } from '../../../src/store/outbox/breaker.ts';
import { coalesce } from '../../../src/store/outbox/coalesce.ts';
import { DEAD_AFTER_MS, type Destination, planDelivery } from '../../../src/store/outbox/plan.ts';
import type { OutboxRow } from '../../../src/store/outbox/row.ts';

const row = (incident: string, seq: number, transition: Transition, more: Partial<OutboxRow> = {}): OutboxRow => ({
  id: `${more.sink ?? 'ops'}/${incident}/${seq}`,
  incident,
  sink: 'ops',
  seq,
  transition,
  createdAt: seq,
  waitsSince: more.createdAt ?? seq,
  attempts: 0,
  nextAttemptAt: 0,
  uncertain: false,
  announced: false,
  ...more,
});
const destination = (more: Partial<Destination> = {}): Destination => ({
  class: 'record',
  everyTransition: false,
  breaker: CLOSED,
  busy: new Set(),
  underWay: 0,
  limit: 4,
  ...more,
});
const to = (more: Partial<Destination> = {}) => new Map([['ops', destination(more)]]);
const NOW = 10_000;
const seqs = (rows: readonly OutboxRow[]): string[] => rows.map((r) => `${r.incident}/${r.seq}`);

/** `opened? updated resolved+`: `?` an attempt of it may have arrived, `+` announced. */
function stream(text: string): OutboxRow[] {
  const words = text.split(' ');
  const announced = text.includes('+');
  return words.map((word, i) => {
    const transition = word.replace(/[?+]/g, '') as Transition;
    return row('INC-1', i + 1, transition, { uncertain: word.includes('?'), announced });
  });
}

describe('what needn’t be sent', () => {
  it.each([
    ['record', 'opened resolved', 'opened resolved'],
    ['record', 'opened updated updated resolved', 'opened resolved'],
    ['record', 'opened acknowledged updated resolved closed', 'opened resolved closed'],
    ['record', 'updated+ updated updated', '- - updated'],
    [
      'record',
      'opened updated acknowledged updated escalated held updated',
      'opened - acknowledged - escalated held updated',
    ],
    ['record', 'acknowledged+ acknowledged', '- acknowledged'],
    ['record', 'resolved+ reopened resolved', 'resolved reopened resolved'],
    ['note', 'opened updated resolved', 'opened resolved'],
    ['page', 'opened', 'opened'],
    ['page', 'opened updated', 'opened updated'],
    ['page', 'opened resolved', ''],
    ['chat', 'opened acknowledged escalated resolved', ''],
    ['page', 'opened resolved closed', ''],
    ['page', 'opened? updated resolved', '- - resolved'],
    ['page', 'opened? resolved closed', '- resolved closed'],
    ['page', 'updated+ resolved', '- resolved'],
    ['page', 'resolved+', 'resolved'],
    ['page', 'resolved', ''],
    ['page', 'closed', ''],
    ['page', 'opened resolved reopened', '- - reopened'],
    ['page', 'resolved+ reopened', 'resolved reopened'],
    ['page', 'resolved+ reopened resolved', '- - resolved'],
    ['page', 'resolved+ closed reopened resolved', 'resolved - - resolved'],
    ['page', 'reopened+ updated resolved', '- - resolved'],
    ['page', 'updated? resolved', '- resolved'],
  ] as const)('%s: of "%s" remains "%s"', (sinkClass, waiting, remains) => {
    const rows = stream(waiting);
    const gone = new Set(coalesce(rows, sinkClass).map((superseded) => superseded.row));
    const kept = rows.filter((r) => !gone.has(r)).map((r) => r.transition);
    expect(kept).toEqual(remains.split(' ').filter((word) => word !== '-' && word !== ''));
  });

  it('an end is never dropped where something may be open', () => {
    const rows = fc.array(
      fc.record({ transition: fc.constantFrom(...TRANSITIONS), uncertain: fc.boolean(), announced: fc.boolean() }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(rows, fc.constantFrom(...SINK_CLASSES), (parts, sinkClass) => {
        // Announced is a fact about what came before: once true it stays.
        let announced = parts[0]!.announced;
        const all = parts.map((part, i) => {
          const made = row('INC-1', i + 1, part.transition, { uncertain: part.uncertain, announced });
          announced ||= part.uncertain;
          return made;
        });
        const gone = new Map(coalesce(all, sinkClass).map(({ row: r, by }) => [r, by]));
        const newest = all.at(-1)!;
        const isOver = ['resolved', 'closed'].includes(newest.transition);
        const mayBeOpenThere = parts[0]!.announced || parts.some((part) => part.uncertain);
        const tellsAll = sinkClass === 'record' || sinkClass === 'note';
        if (tellsAll || !isOver || mayBeOpenThere) expect(gone.has(newest)).toBe(false);
        for (const [r, by] of gone) {
          // What says it instead is newer; where nothing does, nothing may be open.
          if (by !== null) expect(by.seq).toBeGreaterThan(r.seq);
          else expect([tellsAll, r.announced || r.uncertain]).toEqual([false, false]);
        }
        expect(coalesce(all, sinkClass).length).toBe(gone.size);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what may leave', () => {
  it('is the oldest row of each stream, streams side by side up to the limit', () => {
    const rows = [1, 2, 3].flatMap((n) => [row(`INC-${n}`, 2, 'resolved'), row(`INC-${n}`, 1, 'opened')]);
    expect(seqs(planDelivery(rows, NOW, to({ limit: 2 })).send)).toEqual(['INC-1/1', 'INC-2/1']);
    expect(seqs(planDelivery(rows, NOW, to({ underWay: 3 })).send)).toEqual(['INC-1/1']);
    expect(seqs(planDelivery(rows, NOW, to({ underWay: 9 })).send)).toEqual([]);
  });

  it('is nothing of a stream while one of it is under way, and nothing of it is superseded', () => {
    const rows = [row('INC-1', 1, 'opened'), row('INC-1', 2, 'resolved')];
    expect(planDelivery(rows, NOW, to({ class: 'page', busy: new Set(['INC-1']) }))).toEqual({
      send: [],
      superseded: [],
      dead: [],
      wakeAt: null,
    });
  });

  it('waits behind its own head, and names the time', () => {
    const rows = [row('INC-1', 1, 'opened', { nextAttemptAt: NOW + 500 }), row('INC-1', 2, 'resolved')];
    expect(planDelivery(rows, NOW, to())).toMatchObject({ send: [], wakeAt: NOW + 500 });
    expect(seqs(planDelivery(rows, NOW + 500, to()).send)).toEqual(['INC-1/1']);
  });

  it('goes to other destinations and of other incidents when one waits', () => {
    const rows = [
      row('INC-1', 1, 'opened', { nextAttemptAt: NOW + 500 }),
      row('INC-2', 1, 'opened'),
      row('INC-1', 1, 'opened', { sink: 'am' }),
    ];
    const both = new Map([...to(), ['am', destination()] as const]);
    expect(seqs(planDelivery(rows, NOW, both).send).toSorted()).toEqual(['INC-1/1', 'INC-2/1']);
  });

  it.each<[string, Breaker, number, number | null]>([
    ['closed and paused', { ...CLOSED, pausedUntil: NOW + 9 }, 0, NOW + 9],
    ['open', { state: 'open', since: 0, waitMs: 1, probeAt: NOW + 7 }, 0, NOW + 7],
    ['open, and its probe is due', { state: 'open', since: 0, waitMs: 1, probeAt: NOW }, 1, null],
    ['disabled', { state: 'disabled', since: 0 }, 0, null],
  ])('with a breaker that is %s', (_, breaker, sent, wakeAt) => {
    const rows = [1, 2, 3].map((n) => row(`INC-${n}`, 1, 'opened'));
    const plan = planDelivery(rows, NOW, to({ breaker }));
    expect(plan.send).toHaveLength(sent);
    expect(plan.wakeAt).toBe(wakeAt ?? 1 + DEAD_AFTER_MS);
  });

  it('is probed by the one that was tried least: a message that can never be taken does not keep a destination down', () => {
    const breaker: Breaker = { state: 'open', since: 0, waitMs: 1, probeAt: NOW };
    const rows = [row('INC-1', 1, 'opened', { attempts: 40, uncertain: true }), row('INC-2', 2, 'opened')];
    expect(seqs(planDelivery(rows, NOW, to({ breaker })).send)).toEqual(['INC-2/2']);
    expect(seqs(planDelivery(rows, NOW, to({ limit: 1 })).send)).toEqual(['INC-1/1']);
  });

  it('is dead after 72 h, wherever it waits, and what follows it goes on', () => {
    const rows = [row('INC-1', 1, 'opened', { createdAt: NOW - DEAD_AFTER_MS }), row('INC-1', 2, 'updated')];
    const plan = planDelivery(rows, NOW, to());
    expect(seqs(plan.dead)).toEqual(['INC-1/1']);
    expect(seqs(plan.send)).toEqual(['INC-1/2']);
    expect(seqs(planDelivery(rows, NOW, new Map()).dead)).toEqual(['INC-1/1']);
    const putBack = [row('INC-1', 1, 'opened', { createdAt: NOW - DEAD_AFTER_MS, waitsSince: NOW })];
    expect(seqs(planDelivery(putBack, NOW, to()).send)).toEqual(['INC-1/1']);
  });

  it('is every transition, for a destination that gets them all', () => {
    const rows = [row('INC-1', 1, 'opened'), row('INC-1', 2, 'updated'), row('INC-1', 3, 'resolved')];
    const plan = planDelivery(rows, NOW, to({ class: 'page', everyTransition: true }));
    expect(plan.superseded).toEqual([]);
    expect(seqs(plan.send)).toEqual(['INC-1/1']);
  });
});
