import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withDeployment } from '../../src/changes/deployed.ts';
import { CHANGE_STATES, type ChangeRecord } from '../../src/model/change.ts';
import type { Actor } from '../../src/model/incident.ts';
import { PHASES, type Phase } from '../../src/model/remote-change.ts';
import { change } from './records.ts';

const KIM: Actor = { kind: 'sink', id: 'github/kim', name: 'kim' };
const facts = { freezeUntil: null as number | null, assess: () => ({ risk: 'low' as const, reasons: [] }) };
const deploy = (record: ChangeRecord, phase: Phase, at = 10, of = facts): ChangeRecord | null =>
  withDeployment(record, { phase, at, link: 'https://git.example.com/x' }, KIM, 1000, of);

describe('a deployment of a change', () => {
  it('begins and ends one that is approved, at the times of the deployment', () => {
    const started = deploy(change({ state: 'scheduled' }), 'begun')!;
    expect(started).toMatchObject({ state: 'implement', startedAt: 10, unapproved: false });
    expect(deploy(started, 'implemented', 20)).toMatchObject({ state: 'review', endedAt: 20, rolledBack: false });
    expect(deploy(started, 'failed', 20)).toMatchObject({ state: 'review', endedAt: 20, rolledBack: true });
    expect(deploy(change({ state: 'scheduled' }), 'implemented')).toMatchObject({ state: 'review', startedAt: 10 });
  });

  it('in a freeze is what happened, and is marked', () => {
    const frozen = deploy(change({ state: 'scheduled' }), 'begun', 10, { ...facts, freezeUntil: 500 });
    expect(frozen).toMatchObject({ state: 'implement', inFreeze: true });
  });

  it('that nobody has approved is noted while it may still wait at the gate, and is unapproved once it is out', () => {
    for (const state of ['new', 'assess', 'authorize'] as const) {
      const waiting = change({ state });
      expect(deploy(waiting, 'begun')).toMatchObject({ state, startedAt: null, timeline: [{ event: 'reported' }] });
      expect(deploy(waiting, 'failed')).toMatchObject({ state, startedAt: null });
      expect(deploy(waiting, 'implemented')).toMatchObject({ state: 'review', unapproved: true });
    }
  });

  it('that is tried again is out after all, as long as its review is not written', () => {
    const failed = deploy(change({ state: 'scheduled' }), 'failed')!;
    expect(deploy(failed, 'implemented', 30)).toMatchObject({ rolledBack: false, endedAt: 30 });
    const review = { writtenAt: 50, result: 'unsuccessful' as const, text: '', findings: [], signed: null };
    expect(deploy({ ...failed, review }, 'implemented', 60)).toMatchObject({ rolledBack: true, review });
  });

  it('told again changes nothing, leads nowhere but ahead, and never makes an approval', () => {
    const walk = fc.array(fc.tuple(fc.constantFrom(...PHASES), fc.integer({ min: 0, max: 2000 })), { maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...CHANGE_STATES), walk, (state, steps) => {
        const begun = ['implement', 'review', 'closed'].includes(state);
        let record = change({ state, startedAt: begun ? 5 : null });
        for (const [phase, at] of steps) {
          const next = deploy(record, phase, at) ?? record;
          expect(deploy(next, phase, at)).toBeNull();
          expect(next.approvals).toEqual([]);
          if (next.state !== record.state)
            expect(CHANGE_STATES.indexOf(next.state)).toBeGreaterThan(CHANGE_STATES.indexOf(record.state));
          if (next.endedAt !== null && next.startedAt !== null)
            expect(next.endedAt).toBeGreaterThanOrEqual(next.startedAt);
          if (state === 'closed' || state === 'cancelled') expect(next.state).toBe(state);
          record = next;
        }
      }),
    );
  });
});
