import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Move, move } from '../../src/incidents/lifecycle.ts';
import { consequenceOf, type Report } from '../../src/incidents/reported.ts';
import type { Incident } from '../../src/model/incident.ts';
import type { Act } from '../../src/model/remote-act.ts';
import { incidentWith } from '../incidents.ts';

const NOW = Date.UTC(2026, 10, 1, 12);
const REPORT: Report = { sink: 'pd', tool: 'PagerDuty (pd)', by: { kind: 'sink', id: 'pd/P1', name: 'Anna' }, at: NOW };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.constantFrom<Act>(
    { type: 'acknowledge' },
    { type: 'unacknowledge' },
    { type: 'resume' },
    { type: 'reopen' },
    { type: 'delete' },
    { type: 'assign', to: 'ben' },
    { type: 'hold', reason: 'awaiting_vendor' },
    { type: 'note', text: 'a note' },
    { type: 'remark', text: 'a remark' },
    { type: 'merge', into: 'OPS-1' },
    { type: 'resolve', code: 'duplicate', notes: null },
    { type: 'silence', silences: [{ id: 's', by: 'ada', comment: 'known', until: NOW + 1000 }] },
    { type: 'silence', silences: [] },
  ),
  fc.record({
    type: fc.constant('prioritize' as const),
    priority: fc.constantFrom(1, 2, 3, 4, 5),
  }) as fc.Arbitrary<Act>,
);
const ours = fc.constantFrom<Move>(
  { type: 'acknowledge' },
  { type: 'resolve', code: 'solution_provided', notes: 'over' },
  { type: 'reopen', reason: 'again' },
  { type: 'close' },
  { type: 'cancel', reason: 'a test' },
);

/** One act, or a move of somebody here, after the other. */
function whatBecomesOf(steps: readonly (Act | { readonly ours: Move })[]): { incident: Incident; told: number } {
  let incident = incidentWith({ state: 'new', ackedAt: null, ackedBy: null });
  let told = 0;
  steps.forEach((step, i) => {
    if ('ours' in step) {
      const moved = move(incident, step.ours, { kind: 'user', id: 'u' }, NOW + i);
      if (!moved.illegal) incident = moved.incident;
      return;
    }
    const consequence = consequenceOf(incident, step, { ...REPORT, at: NOW + i }, NOW + i);
    if (consequence.kind === 'moved') incident = consequence.moved.incident;
    if (consequence.kind === 'reassessed') incident = consequence.incident;
    if (consequence.kind === 'moved' || consequence.kind === 'reassessed') told++;
  });
  return { incident, told };
}

describe('what tools report', () => {
  it('leads to no state that people could not have led to, whoever moves it in between', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            act,
            ours.map((one) => ({ ours: one })),
          ),
        ),
        (steps) => {
          const { incident } = whatBecomesOf(steps);
          expect(incident.state === 'resolved' || incident.state === 'closed').toBe(
            incident.resolvedAt !== null && incident.state !== 'cancelled',
          );
          expect(incident.state === 'on_hold').toBe(incident.hold !== null);
          expect((incident.ackedAt === null) === (incident.ackedBy === null)).toBe(true);
          if (incident.state === 'closed') expect(incident.closeCode).not.toBe(null);
        },
      ),
    );
  });

  it('said again it is nothing new: no tool is answered by what it has said itself', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 10 }), act, (before, last) => {
        fc.pre(!['note', 'remark', 'merge', 'delete'].includes(last.type));
        const once = whatBecomesOf([...before, last]);
        const twice = whatBecomesOf([...before, last, last]);
        expect(twice.told).toBe(once.told);
      }),
    );
  });

  it('what a tool says by itself has been seen by nobody', () => {
    const { incident } = whatBecomesOf([
      { type: 'remark', text: 'x' },
      { type: 'merge', into: 'y' },
      { type: 'delete' },
    ]);
    expect([incident.ackedAt, incident.timeline.length]).toEqual([null, incidentWith().timeline.length + 3]);
    expect(whatBecomesOf([{ type: 'note', text: 'x' }]).incident.ackedBy).toEqual(REPORT.by);
  });

  it('a silence is that of its tool alone, and goes with it', () => {
    const other = { kind: 'silence', id: '7', until: NOW + 9e6, reason: 'ours' } as const;
    const incident = incidentWith({ state: 'new', suppressedBy: [other] });
    const silences = [{ id: 's', by: 'ada', comment: 'known', until: NOW + 1000 }];
    const silenced = consequenceOf(incident, { type: 'silence', silences }, { ...REPORT, sink: 'am' }, NOW);
    if (silenced.kind !== 'reassessed') throw new Error(silenced.kind);
    expect(silenced.incident.suppressedBy.map(({ id }) => id)).toEqual(['7', 'alertmanager:am/s']);
    const over = consequenceOf(silenced.incident, { type: 'silence', silences: [] }, { ...REPORT, sink: 'am' }, NOW);
    expect(over).toMatchObject({ kind: 'reassessed', incident: { suppressedBy: [other] } });
    const elsewhere = consequenceOf(
      silenced.incident,
      { type: 'silence', silences: [] },
      { ...REPORT, sink: 'am2' },
      NOW,
    );
    expect(elsewhere.kind).toBe('nothing');
  });

  it('what may be a serious incident is ended by a person who is named, and it is said once that nobody was', () => {
    const serious = incidentWith({ state: 'in_progress', flags: ['serious_candidate'] });
    const resolve: Act = { type: 'resolve', code: 'solution_provided', notes: null };
    const nameless: Report = { ...REPORT, by: { kind: 'sink', id: 'pd' } };
    const noted = consequenceOf(serious, resolve, nameless, NOW);
    if (noted.kind !== 'moved') throw new Error(noted.kind);
    expect(noted.moved.incident).toMatchObject({ state: 'in_progress', resolvedAt: null });
    expect(noted.moved.incident.timeline.at(-1)!.text).toMatch(/a person has to resolve it/);
    expect(consequenceOf(noted.moved.incident, resolve, nameless, NOW + 1).kind).toBe('nothing');
    const named = consequenceOf(serious, resolve, REPORT, NOW);
    expect(named.kind === 'moved' && named.moved.incident.state).toBe('resolved');
  });

  it('what happened before it was opened again, or resolved, is said too late', () => {
    const reopened = whatBecomesOf([{ type: 'resolve', code: 'duplicate', notes: null }, { type: 'reopen' }]).incident;
    const late = { ...REPORT, at: NOW - 60_000 };
    expect(consequenceOf(reopened, { type: 'resolve', code: 'duplicate', notes: null }, late, NOW + 9).kind).toBe(
      'nothing',
    );
    const resolved = whatBecomesOf([{ type: 'resolve', code: 'duplicate', notes: null }]).incident;
    expect(consequenceOf(resolved, { type: 'reopen' }, late, NOW + 9).kind).toBe('nothing');
    expect(consequenceOf(resolved, { type: 'reopen' }, { ...REPORT, at: null }, NOW + 9).kind).toBe('moved');
  });
});
