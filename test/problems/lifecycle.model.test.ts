import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Actor, SYSTEM } from '../../src/model/incident.ts';
import { PROBLEM_STATES, type ProblemRecord, type ProblemState, ROOT_CAUSES } from '../../src/model/problem.ts';
import { DAY_MS } from '../../src/model/time.ts';
import { isCurrent, legalProblemMoves, moveProblem, type ProblemMove } from '../../src/problems/lifecycle.ts';
import { newProblem } from '../../src/problems/open.ts';
import { incidentWith } from '../incidents.ts';

/** The life of a problem as the guide draws it: written down a second time, so that a slip in the code's table shows. */
const NEXT: Readonly<Record<ProblemState, readonly ProblemState[]>> = {
  new: ['assess', 'closed'],
  assess: ['root_cause_analysis', 'closed'],
  root_cause_analysis: ['fix_in_progress', 'closed'],
  fix_in_progress: ['resolved', 'closed'],
  resolved: ['fix_in_progress', 'closed'],
  closed: [],
};
const NOW = Date.UTC(2026, 10, 1);
const ADA: Actor = { kind: 'user', id: 'ada' };

const begun = (): ProblemRecord =>
  newProblem('PRB-1', {
    title: 'support-bot',
    service: 'support-bot',
    environment: null,
    category: 'ai.hallucination.ungrounded',
    rule: 'repeated',
    sharedSlice: null,
    incidents: [incidentWith({ id: 'INC-1' }), incidentWith({ id: 'INC-2' })],
    text: 'two of them',
    by: SYSTEM,
    now: NOW,
  });

const reason = fc.constantFrom('because', 'so it is');
const incident = fc.constantFrom('INC-1', 'INC-2', 'INC-3', 'INC-10');
const move: fc.Arbitrary<ProblemMove> = fc.oneof(
  fc.constantFrom<ProblemMove>({ type: 'assess' }, { type: 'analyse' }, { type: 'close' }),
  fc.record({ type: fc.constant('confirm' as const), cause: fc.constantFrom(...ROOT_CAUSES), reason }),
  fc.record({ type: fc.constant('workaround' as const), text: reason }),
  fc.record({ type: fc.constant('fix' as const), change: fc.constantFrom('CHG-1', null, undefined) }),
  fc.record({ type: fc.constant('resolve' as const), notes: reason }),
  fc.record({ type: fc.constantFrom('reopen' as const, 'cancel' as const), reason }),
  fc.record({
    type: fc.constant('accept' as const),
    until: fc.integer({ min: NOW - DAY_MS, max: NOW + DAY_MS }),
    reason,
  }),
  fc.record({ type: fc.constant('duplicate' as const), of: fc.constantFrom('PRB-1', 'PRB-2') }),
  fc.record({ type: fc.constant('link' as const), incident }),
  fc.record({ type: fc.constant('unlink' as const), incident, reason }),
  fc.record({ type: fc.constant('note' as const), text: reason }),
);

describe('a problem, whatever people do', () => {
  it('goes only where the guide lets it, says what is possible, and forgets nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(move, fc.integer({ min: -1000, max: 100_000 })), { maxLength: 40 }), (steps) => {
        let problem = begun();
        let now = NOW;
        for (const [step, ms] of steps) {
          now += ms;
          const before = problem;
          const done = moveProblem(problem, step, ADA, now);
          if (done.refused) {
            expect(done.legal).toEqual(legalProblemMoves(problem.state));
            expect(done.why).not.toBe('');
            continue;
          }
          expect(legalProblemMoves(problem.state)).toContain(step.type);
          problem = done.problem;
          if (problem.state !== before.state) expect(NEXT[before.state]).toContain(problem.state);
          expect(problem.timeline.slice(0, -1)).toEqual(before.timeline);
          expect(problem.timeline.at(-1)!.at).toBeGreaterThanOrEqual(before.timeline.at(-1)!.at);
          expect(problem.incidents.length).toBeGreaterThan(0);
          expect(new Set(problem.incidents).size).toBe(problem.incidents.length);
          expect(problem.incidents.filter((id) => problem.unlinked.includes(id))).toEqual([]);
          expect(problem.closedAs !== null).toBe(problem.state === 'closed');
          expect(problem.closedAt !== null).toBe(problem.state === 'closed');
          if (problem.state === 'fix_in_progress' || problem.state === 'resolved' || problem.closedAs === 'fix_applied')
            expect(problem.causeConfirmedBy).not.toBeNull();
          if (problem.knownError) {
            expect(problem.rootCauseCategory).not.toBeNull();
            expect(problem.workaround).not.toBeNull();
          }
          expect(problem.riskAcceptance !== null).toBe(problem.closedAs === 'risk_accepted');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('can always be brought to its end', () => {
    const steps: ProblemMove[] = [
      { type: 'assess' },
      { type: 'analyse' },
      { type: 'confirm', cause: 'unknown', reason: 'nobody knows' },
      { type: 'fix' },
      { type: 'resolve', notes: 'mended' },
      { type: 'close' },
    ];
    fc.assert(
      fc.property(fc.array(move, { maxLength: 20 }), (before) => {
        let problem = begun();
        for (const step of [...before, ...steps]) {
          const done = moveProblem(problem, step, ADA, NOW);
          if (!done.refused) problem = done.problem;
        }
        expect(problem.state).toBe('closed');
      }),
    );
  });

  it('reaches every state, and every move is possible in one of them', () => {
    const possible = PROBLEM_STATES.flatMap((state) => legalProblemMoves(state));
    expect(new Set(possible).size).toBe(14);
  });
});

describe('a problem', () => {
  const having = (...steps: ProblemMove[]): ProblemRecord =>
    steps.reduce((problem, step) => {
      const done = moveProblem(problem, step, ADA, NOW);
      if (done.refused) throw new Error(done.why);
      return done.problem;
    }, begun());
  const confirm: ProblemMove = {
    type: 'confirm',
    cause: 'prompt_regression',
    slice: 'prompt_version=8',
    reason: 'read',
  };

  it('is a known error when its cause is confirmed and something helps, in either order', () => {
    const helps: ProblemMove = { type: 'workaround', text: 'go back to 7' };
    expect(having(helps).knownError).toBe(false);
    expect(having(helps, { type: 'assess' }, confirm)).toMatchObject({
      knownError: true,
      state: 'root_cause_analysis',
      rootCauseCategory: 'prompt_regression',
      rootCauseSlice: 'prompt_version=8',
      causeConfirmedBy: { by: ADA, reason: 'read' },
    });
    expect(having({ type: 'assess' }, { type: 'analyse' }, confirm, helps).knownError).toBe(true);
  });

  it('that was none, or another one, is no known error any more', () => {
    const known = having({ type: 'assess' }, confirm, { type: 'workaround', text: 'go back to 7' });
    for (const step of [
      { type: 'cancel', reason: 'none' },
      { type: 'duplicate', of: 'PRB-2' },
    ] as const)
      expect(moveProblem(known, step, ADA, NOW)).toMatchObject({ refused: false, problem: { knownError: false } });
    const accepted = moveProblem(known, { type: 'accept', until: NOW + DAY_MS, reason: 'cheap' }, ADA, NOW);
    expect(accepted).toMatchObject({ refused: false, problem: { knownError: true } });
  });

  it('is mended only after somebody has said what the cause is', () => {
    const done = moveProblem(having({ type: 'assess' }, { type: 'analyse' }), { type: 'fix' }, ADA, NOW);
    expect(done).toMatchObject({ refused: true, why: expect.stringContaining('no confirmed cause') });
  });

  it('takes incidents alike while it is not over, and as long as somebody bears the risk', () => {
    const accepted = having({ type: 'assess' }, { type: 'accept', until: NOW + DAY_MS, reason: 'cheap' });
    expect(accepted).toMatchObject({ state: 'closed', closedAs: 'risk_accepted', riskAcceptance: { by: ADA } });
    expect(isCurrent(accepted, NOW)).toBe(true);
    expect(isCurrent(accepted, NOW + DAY_MS)).toBe(false);
    expect(isCurrent(having({ type: 'cancel', reason: 'none' }), NOW)).toBe(false);
    expect(isCurrent(begun(), NOW)).toBe(true);
  });
});
