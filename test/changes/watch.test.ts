import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gateOf } from '../../src/changes/gate.ts';
import { assessmentOf } from '../../src/changes/risk.ts';
import { reviewResult, type WatchedPromise, watchVerdict } from '../../src/changes/watch.ts';
import { DAY_MS } from '../../src/model/time.ts';
import { change } from './records.ts';

const promise = (more: Partial<WatchedPromise> = {}): WatchedPromise => ({
  objective: 'up',
  q0: 0.05,
  compared: 'versions',
  before: { n: 5000, good: 4900 },
  after: { n: 5000, good: 4900 },
  labelDelay: 0,
  unknown: null,
  note: null,
  ...more,
});

describe('what the promises say of a change', () => {
  it('is an approval when all of them lose less than the margin, after a day, or twice the delay of the labels', () => {
    expect(watchVerdict([promise(), promise({ objective: 'fast' })], DAY_MS).decision).toBe('approve');
    expect(watchVerdict([promise()], DAY_MS - 1).decision).toBe('inconclusive');
    expect(watchVerdict([promise({ labelDelay: DAY_MS })], DAY_MS).decision).toBe('inconclusive');
    expect(watchVerdict([promise({ labelDelay: DAY_MS })], 2 * DAY_MS).decision).toBe('approve');
    expect(watchVerdict([promise(), promise({ after: { n: 3, good: 3 } })], DAY_MS).decision).toBe('inconclusive');
    expect(watchVerdict([promise(), promise({ unknown: 'no labels' })], DAY_MS).decision).toBe('inconclusive');
    expect(watchVerdict([], DAY_MS).decision).toBe('inconclusive');
  });

  it('is to roll back, at once, when one of them loses more', () => {
    const worse = promise({ objective: 'grounded', after: { n: 300, good: 200 } });
    const verdict = watchVerdict([promise(), worse], 60_000);
    expect(verdict).toMatchObject({ decision: 'rollback', error: 0.05 });
    expect(verdict.reason).toContain('grounded: loses more than 5 points');
    expect(verdict.findings[1]!.difference!.high).toBeLessThan(-0.05);
  });

  it('needs more evidence the more promises are looked at, and is never both', () => {
    const arm = fc
      .integer({ min: 0, max: 2000 })
      .chain((n) => fc.record({ n: fc.constant(n), good: fc.integer({ min: 0, max: n }) }));
    fc.assert(
      fc.property(arm, arm, fc.integer({ min: 1, max: 20 }), (before, after, promises) => {
        const one = promise({ before, after });
        const alone = watchVerdict([one], DAY_MS).decision;
        const among = watchVerdict(Array(promises).fill(one), DAY_MS).decision;
        if (among === 'rollback') expect(alone).toBe('rollback');
        if (alone === 'approve') expect(among).toBe('approve');
      }),
    );
  });

  it('makes the review: what was rolled back has failed, incidents are issues', () => {
    expect(reviewResult({ rolledBack: true, incidents: [] }, { decision: 'approve' })).toBe('unsuccessful');
    expect(reviewResult({ rolledBack: false, incidents: ['INC-1'] }, { decision: 'approve' })).toBe(
      'successful_with_issues',
    );
    expect(reviewResult({ rolledBack: false, incidents: [] }, { decision: 'inconclusive' })).toBe('inconclusive');
    expect(reviewResult({ rolledBack: false, incidents: [] }, { decision: 'approve' })).toBe('successful');
  });
});

describe('the gate', () => {
  const scheduled = change({
    state: 'scheduled',
    approvals: [{ by: { kind: 'user', id: 'dana' }, at: 0, comment: null, reference: null }],
  });
  const facts = { now: 0, changes: 'gate' as const, conflicts: [], budgets: [] };
  const budget = (low: number | null) => ({
    objective: 'up',
    remaining: low === null ? null : 0.5,
    low,
    reason: 'too little',
  });

  it('is shut when the least that may be left of a budget is nothing, and unknown when it is', () => {
    expect(gateOf(scheduled, facts).decision).toBe('open');
    expect(gateOf(scheduled, { ...facts, budgets: [budget(0.1)] }).decision).toBe('open');
    expect(gateOf(scheduled, { ...facts, budgets: [budget(0)] }).decision).toBe('closed');
    expect(gateOf(scheduled, { ...facts, budgets: [budget(0.1), budget(null)] }).decision).toBe('unknown');
    expect(gateOf(scheduled, { ...facts, budgets: [budget(-1), budget(null)] }).decision).toBe('closed');
  });

  it.each([
    [0.5, 0.1, '50 % of the budget of up is left, 10 % at least'],
    [0.5, -0.25, '50 % of the budget of up is left, or it is overspent by up to 25 %'],
    [-4.44, -5.399, 'the budget of up is overspent by 444 %, up to 539.9 %'],
  ])('says how a budget stands: %d left, %d at least', (remaining, low, reason) => {
    const { checks } = gateOf(scheduled, { ...facts, budgets: [{ objective: 'up', remaining, low, reason: null }] });
    expect(checks.at(-1)).toMatchObject({ name: 'budget', reason });
  });
});

describe('risk', () => {
  const facts = {
    isHighRisk: false,
    criticality: 3,
    irreversibleTools: ['refund'],
    tools: ['refund', 'search'],
    isGated: false,
  };
  const evidence = [{ run: 'r', n: 100, low: 0.9, high: 0.95 }];
  const riskOf = (more: object, of = facts) => assessmentOf(change({ evidence, ...more }), of).risk;

  it('is the highest answer of the rules', () => {
    expect(riskOf({})).toBe('low');
    expect(riskOf({ rollbackPlan: null })).toBe('moderate');
    expect(riskOf({}, { ...facts, criticality: 1 })).toBe('moderate');
    expect(riskOf({ type: 'model_version' })).toBe('moderate');
    expect(riskOf({ evidence: [] })).toBe('high');
    expect(riskOf({ unapproved: true })).toBe('low');
    expect(riskOf({ unapproved: true }, { ...facts, isGated: true })).toBe('high');
    expect(riskOf({ type: 'embedding_model' })).toBe('high');
    expect(riskOf({}, { ...facts, isHighRisk: true })).toBe('high');
    expect(riskOf({ type: 'tool', before: { id: 'search' }, after: { id: 'search' } })).toBe('low');
    expect(riskOf({ type: 'tool', after: { id: 'refund' } })).toBe('high');
    expect(riskOf({ type: 'tool', before: { id: '1.0' }, after: { id: '1.1' } })).toBe('high');
  });
});
