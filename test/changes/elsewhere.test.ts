import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ActorThere, withStanding } from '../../src/changes/elsewhere.ts';
import { CHANGE_STATES, type ChangeRecord } from '../../src/model/change.ts';
import type { ChangeStanding, DecidedThere } from '../../src/model/remote-change.ts';
import { change } from './records.ts';

const NOW = 1000;
const actorOf: ActorThere = (by) => ({
  kind: 'sink',
  id: by === null ? 'itsm' : `itsm/${by.id}`,
  ...(by?.name != null && { name: by.name }),
});
const facts = { freezeUntil: null, assess: () => ({ risk: 'low' as const, reasons: [] }) };
const decided = (id: string, name: string, isApproved = true, comment: string | null = null): DecidedThere => ({
  by: { id, name },
  at: 900,
  isApproved,
  comment,
});
const standing = (more: Partial<ChangeStanding> = {}): ChangeStanding => ({
  reference: 'CHG0030412',
  approval: 'approved',
  state: 'scheduled',
  decided: [decided('anna', 'Anna Berg')],
  at: 950,
  ...more,
});
const waiting = (more: Partial<ChangeRecord> = {}): ChangeRecord =>
  change({ state: 'assess', requestedBy: { kind: 'token', id: 'ci', name: 'Kim Sato' }, ...more });
const become = (record: ChangeRecord, there: Partial<ChangeStanding>, of = facts): ChangeRecord | null =>
  withStanding(record, standing(there), actorOf, NOW, of);

describe('a change that is approved in another tool', () => {
  it('is approved by the person there, under what it is called there', () => {
    for (const state of ['new', 'assess', 'authorize'] as const)
      expect(become(waiting({ state }), {})).toMatchObject({
        state: 'scheduled',
        assessment: { risk: 'low' },
        approvals: [{ by: { kind: 'sink', id: 'itsm/anna', name: 'Anna Berg' }, at: 900, reference: 'CHG0030412' }],
        timeline: [{ event: 'approved', text: 'approved by Anna Berg as CHG0030412' }],
      });
    expect(become(waiting(), { approval: 'pending', state: 'authorize' })).toBeNull();
  });

  it('is not approved there by whoever asks for it either, which is said once', () => {
    const own = become(waiting(), { decided: [decided('ksato', 'Kim Sato')] })!;
    expect(own).toMatchObject({ state: 'assess', approvals: [], timeline: [{ event: 'reported' }] });
    expect(own.timeline[0]!.text).toContain('which does not count');
    expect(become(own, { decided: [decided('ksato', 'Kim Sato')] })).toBeNull();
    const two = [decided('ksato', 'Kim Sato'), decided('anna', 'Anna Berg')];
    expect(become(waiting(), { decided: two })!.approvals).toHaveLength(1);
  });

  it('is not approved by what was over before it was asked for', () => {
    for (const state of ['review', 'closed'] as const) {
      const late = become(waiting({ createdAt: 960 }), { state })!;
      expect(late).toMatchObject({ state: 'assess', approvals: [], timeline: [{ event: 'reported' }] });
      expect(late.timeline[0]!.text).toContain('it was over before this change was asked for');
      expect(become(late, { state })).toBeNull();
    }
    expect(become(waiting({ createdAt: 960 }), { state: 'scheduled' })!.state).toBe('scheduled');
  });

  it('is approved for when it is planned there, and not after that', () => {
    const window = { from: 2000, to: 3000 };
    const approved = become(waiting({ plannedStart: 10, plannedEnd: 9000 }), { window })!;
    expect(approved).toMatchObject({ state: 'scheduled', plannedStart: 2000, plannedEnd: 3000 });
    expect(approved.timeline.map(({ text }) => text)).toEqual([
      'approved by Anna Berg as CHG0030412',
      'planned as CHG0030412 from 1970-01-01 00:00:02 UTC until 1970-01-01 00:00:03 UTC',
    ]);
    expect(become(approved, { window })).toBeNull();
    // Planned anew it is for that; of one side the other one stays, if it fits.
    const later = become(approved, { window: { from: 4000, to: null } })!;
    expect(later).toMatchObject({ plannedStart: 4000, plannedEnd: null });
    expect(become(approved, { window: { from: null, to: 2500 } })).toMatchObject({
      plannedStart: 2000,
      plannedEnd: 2500,
    });
    for (const to of [NOW, 500]) {
      const late = become(waiting({ createdAt: 900 }), { window: { from: 100, to } })!;
      expect(late).toMatchObject({ state: 'assess', approvals: [], timeline: [{ event: 'reported' }] });
      expect(late.timeline[0]!.text).toContain('which does not count: it was planned until');
      expect(become(late, { window: { from: 100, to } })).toBeNull();
    }
    expect(become(waiting(), { window: { from: 5000, to: null } })).toMatchObject({
      state: 'scheduled',
      plannedStart: 5000,
    });
  });

  it('of an emergency needs a person that is known', () => {
    const burns = waiting({ kind: 'emergency', state: 'authorize' });
    expect(become(burns, { decided: [] })).toMatchObject({ state: 'authorize', timeline: [{ event: 'reported' }] });
    expect(become(burns, {})!.state).toBe('scheduled');
    expect(become(waiting(), { decided: [] })).toMatchObject({
      state: 'scheduled',
      approvals: [{ by: { id: 'itsm' } }],
    });
  });

  it('that is rejected or taken back there is new again, and its approvals are gone', () => {
    const approved = become(waiting(), {})!;
    const against = [decided('bo', 'Bo', false, 'not this week')];
    expect(become(approved, { approval: 'rejected', decided: against })).toMatchObject({
      state: 'new',
      approvals: [],
      timeline: [{}, { event: 'rejected', by: { id: 'itsm/bo' }, text: 'rejected as CHG0030412: not this week' }],
    });
    expect(become(approved, { approval: 'pending', state: 'assess' })).toMatchObject({ state: 'new', approvals: [] });
    expect(become(approved, {})).toBeNull();
  });

  it('begins and ends there, all at once if need be, but not in a freeze', () => {
    expect(become(waiting(), { state: 'closed' })).toMatchObject({ state: 'review', startedAt: 950, endedAt: 950 });
    const frozen = become(waiting(), { state: 'implement' }, { ...facts, freezeUntil: 5000 } as never)!;
    expect(frozen.state).toBe('scheduled');
    expect(frozen.timeline.map(({ event }) => event)).toEqual(['approved', 'reported']);
    const burns = waiting({ kind: 'emergency' });
    expect(become(burns, { state: 'implement' }, { ...facts, freezeUntil: 5000 } as never)).toMatchObject({
      state: 'implement',
      inFreeze: true,
    });
  });

  it('is called off with it, and nothing that is final moves', () => {
    expect(become(waiting(), { approval: 'pending', state: 'cancelled' })!.state).toBe('cancelled');
    for (const state of ['closed', 'cancelled'] as const) expect(become(waiting({ state }), {})).toBeNull();
  });

  it('told again says nothing new, and is scheduled or further only with an approval of somebody else', () => {
    const person = fc.constantFrom(decided('ksato', 'Kim Sato'), decided('anna', 'Anna'), decided('bo', 'Bo', false));
    const there = fc.record({
      approval: fc.constantFrom('approved' as const, 'rejected' as const, 'pending' as const),
      state: fc.constantFrom(...CHANGE_STATES, null),
      decided: fc.array(person, { maxLength: 3 }),
      at: fc.constantFrom(null, 10, 5000),
      window: fc.record({ from: fc.constantFrom(null, 100, 2000), to: fc.constantFrom(null, 500, 2500) }),
    });
    fc.assert(
      fc.property(fc.array(there, { minLength: 1, maxLength: 8 }), (walk) => {
        let record = waiting({ state: 'new' });
        for (const one of walk) {
          record = become(record, one) ?? record;
          expect(become(record, one)).toBeNull();
          if (['scheduled', 'implement', 'review'].includes(record.state)) {
            expect(record.approvals.length).toBeGreaterThan(0);
            expect(record.approvals.map(({ by }) => by.name)).not.toContain('Kim Sato');
          }
          if (record.startedAt !== null) expect(record.startedAt).toBeLessThanOrEqual(NOW);
          if (record.endedAt !== null) expect(record.endedAt).toBeGreaterThanOrEqual(record.startedAt!);
        }
      }),
    );
  });
});
