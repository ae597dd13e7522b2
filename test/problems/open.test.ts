import { describe, expect, it } from 'vitest';
import { firstSteps } from '../../src/incidents/advice.ts';
import type { GuiltySlice, Incident } from '../../src/model/incident.ts';
import { ROOT_CAUSES } from '../../src/model/problem.ts';
import { restoredWithout } from '../../src/model/restored.ts';
import { DAY_MS } from '../../src/model/time.ts';
import { CAUSE_RULES, proposedCause } from '../../src/problems/cause.ts';
import { joined, linkedTo, openedProblem, problemOf, reasonFor, unlinked } from '../../src/problems/open.ts';
import { trendOf } from '../../src/problems/trend.ts';
import { breach, incidentWith } from '../incidents.ts';

const NOW = Date.UTC(2026, 10, 10);
const slice = (dimension: string, value: string): GuiltySlice => ({
  name: `${dimension}=${value}`,
  dimension,
  value,
  explanatoryPower: 0.92,
  n: 40,
  bad: 24,
  share: 0.6,
  baselineShare: 0.02,
});
const plain = (id: string, days: number, more: Partial<Incident> = {}): Incident =>
  incidentWith({ id, openedAt: NOW + days * DAY_MS, slices: [], changes: [], flags: [], ...more });

describe('a problem is opened', () => {
  const first = plain('INC-1', 0);
  const second = plain('INC-2', 10);

  it('by the third incident of one category within 30 days, and by no earlier one', () => {
    expect(reasonFor(second, [first])).toBeNull();
    expect(reasonFor(plain('INC-3', 30), [first, second])).toMatchObject({ rule: 'repeated' });
    expect(reasonFor(plain('INC-3', 31), [first, second])).toBeNull();
    expect(reasonFor(plain('INC-3', 20, { category: 'ai.availability.outage' }), [first, second])).toBeNull();
  });

  it('by three with one guilty slice, whatever they are filed under', () => {
    const slices = [slice('prompt_version', '8')];
    const [a, b, c] = ['outage', 'latency', 'capacity'].map((sub, i) =>
      plain(`INC-${i + 1}`, i, { slices, category: `ai.availability.${sub}` }),
    ) as [Incident, Incident, Incident];
    expect(reasonFor(c, [a, b])).toMatchObject({ rule: 'same_slice', sharedSlice: 'prompt_version=8' });
    expect(reasonFor(c, [a, { ...b, slices: [] }])).toBeNull();
  });

  it.each([
    ['priority_1', { priority: 1 }],
    ['serious_candidate', { flags: ['serious_candidate'], priority: 1 }],
    ['flapping', { flags: ['problem_proposed'] }],
  ] as const)('by one that is enough alone: %s', (rule, more) => {
    expect(reasonFor(plain('INC-1', 0, more), [])).toMatchObject({ rule });
  });

  it('by nothing that was cancelled, is a copy, follows from another, or has one already', () => {
    const of = (more: Partial<Incident>) => reasonFor(plain('INC-3', 11, more), [first, second]);
    expect(of({ state: 'cancelled' })).toBeNull();
    expect(of({ closeCode: 'duplicate' })).toBeNull();
    expect(of({ problem: 'PRB-1' })).toBeNull();
    expect(reasonFor(plain('INC-3', 11), [{ ...first, state: 'cancelled' }, second])).toBeNull();
    expect(reasonFor(plain('INC-3', 11), [{ ...first, problem: 'PRB-1' }, second])).toBeNull();
    expect(reasonFor(plain('INC-1', 0, { priority: 1, parent: 'INC-9' }), [])).toBeNull();
  });

  it('and takes what is alike from then on, unless somebody has said that it is another matter', () => {
    const third = plain('INC-3', 20);
    const problem = openedProblem('PRB-1', reasonFor(third, [first, second])!, NOW);
    expect(problem).toMatchObject({ incidents: ['INC-1', 'INC-2', 'INC-3'], state: 'new', rule: 'repeated' });
    const fourth = plain('INC-4', 40);
    expect(problemOf(fourth, [problem], NOW)).toBe(problem);
    expect(problemOf(fourth, [{ ...problem, unlinked: ['INC-4'] }], NOW)).toBeUndefined();
    expect(problemOf({ ...fourth, service: 'other' }, [problem], NOW)).toBeUndefined();
    expect(problemOf({ ...fourth, environment: 'test' }, [problem], NOW)).toBeUndefined();
    const other = plain('INC-5', 40, { category: 'ai.cost.budget_burn', slices: [slice('prompt_version', '8')] });
    expect(problemOf(other, [problem], NOW)).toBeUndefined();
    expect(problemOf(other, [{ ...problem, rootCauseSlice: 'prompt_version=8' }], NOW)).toBeDefined();
    const again = joined({ ...problem, state: 'resolved' }, fourth, [first, second, third, fourth], NOW);
    expect(again.incidents).toHaveLength(4);
    expect(again.timeline.at(-1)!.text).toContain('after it was resolved');
  });
});

const of = (category: string) => ({ category, breaches: [{ ...breach, category }] }) as Partial<Incident>;
const changed = (type: string) =>
  ({ changes: [{ id: 'CHG-1', type, before: 'a', after: 'b', at: NOW, origin: 'declared' }] }) as Partial<Incident>;
const ASSOCIATED = (name: string): string =>
  `associated with ${name}: 60 % bad there, 2.0 % before; it explains 92 % of the worsening; without ${name}, 7.1 % would have been bad since the onset, not 29 %`;

describe('the cause that is proposed', () => {
  it.each<[string, Partial<Incident>, string]>([
    ['prompt_regression', { slices: [slice('prompt_version', '8')] }, ASSOCIATED('prompt_version=8')],
    [
      'prompt_regression',
      { slices: [slice('prompt_version & tenant', '8 & acme')] },
      ASSOCIATED('prompt_version & tenant=8 & acme'),
    ],
    [
      'prompt_regression',
      changed('system_instruction'),
      'a change of the system instruction to b, close to the onset (declared)',
    ],
    ['provider_change', { slices: [slice('response_model', 'gpt-5')] }, ASSOCIATED('response_model=gpt-5')],
    ['provider_change', { slices: [slice('provider', 'openai')] }, ASSOCIATED('provider=openai')],
    [
      'provider_change',
      changed('provider_snapshot'),
      'a change of the provider snapshot to b, close to the onset (declared)',
    ],
    [
      'provider_change',
      of('ai.supply_chain.provider_model_changed'),
      'filed under ai.supply_chain.provider_model_changed',
    ],
    ['integration_failure', { parent: 'INC-7' }, 'follows from INC-7'],
    ['integration_failure', { slices: [slice('tool', 'search')] }, ASSOCIATED('tool=search')],
    ['integration_failure', changed('routing'), 'a change of the routing to b, close to the onset (declared)'],
    ['integration_failure', of('ai.accuracy.tool_misuse'), 'filed under ai.accuracy.tool_misuse'],
    [
      'data_quality',
      changed('retrieval_corpus'),
      'a change of the retrieval corpus to b, close to the onset (declared)',
    ],
    ['data_quality', of('ai.drift.input_drift'), 'filed under ai.drift.input_drift'],
    ['data_quality', of('ai.relevance.retrieval_miss'), 'filed under ai.relevance.retrieval_miss'],
    ['model_drift', of('ai.drift.output_drift'), 'filed under ai.drift.output_drift'],
    ['capacity', of('ai.availability.rate_limited'), 'filed under ai.availability.rate_limited'],
    ['guardrail_gap', changed('guardrail'), 'a change of the guardrail to b, close to the onset (declared)'],
    ['guardrail_gap', of('ai.harmful_content.toxic'), 'filed under ai.harmful_content.toxic'],
    ['security', of('ai.security.jailbreak'), 'filed under ai.security.jailbreak'],
    ['human_process', of('ai.governance.missing_owner'), 'filed under ai.governance.missing_owner'],
  ])('is %s, and says why', (category, more, text) => {
    const { proposed, evidence } = proposedCause([plain('INC-1', 0, more)]);
    expect(proposed).toMatchObject({ category, of: 1, incidents: 1 });
    expect(evidence).toMatchObject([{ incident: 'INC-1' }]);
    expect(evidence[0]!.text.startsWith(text)).toBe(true);
  });

  it('is unknown where nothing speaks for one, and says nothing then', () => {
    const { proposed, evidence } = proposedCause([plain('INC-1', 0)]);
    expect(proposed).toEqual({ category: 'unknown', slice: null, incidents: 0, of: 1 });
    expect(evidence).toEqual([]);
  });

  it('can be each of those that are argued, and only those', () => {
    expect(new Set(CAUSE_RULES.map(({ cause }) => cause))).toEqual(
      new Set(ROOT_CAUSES.filter((cause) => cause !== 'unknown')),
    );
  });

  it('of a change that nobody declared says so', () => {
    const changes = [
      { id: null, type: 'model_version', before: null, after: 'gpt-5', at: NOW, origin: 'observed' },
    ] as const;
    const { proposed, evidence } = proposedCause([plain('INC-1', 0, { changes })]);
    expect(proposed.category).toBe('provider_change');
    expect(evidence[0]!.text).toContain('seen in the traffic, and not declared');
  });

  it('is what most of them speak for, and argues with what would be left without the slice', () => {
    const prompt = (id: string) => plain(id, 0, { slices: [slice('prompt_version', '8')] });
    const model = plain('INC-3', 0, { slices: [slice('response_model', 'gpt-5')] });
    const { proposed, evidence } = proposedCause([model, prompt('INC-4'), prompt('INC-5'), plain('INC-6', 0)]);
    expect(proposed).toEqual({ category: 'prompt_regression', slice: 'prompt_version=8', incidents: 2, of: 4 });
    expect(evidence.map(({ incident }) => incident)).toEqual(['INC-4', 'INC-5', 'INC-3']);
    // Of 96 since the onset 28 were bad, of the 40 of the slice 24: 4 of 56 without it. Where the search has counted it, as it says.
    const counted = { withAll: 0.3, without: 0.02 };
    expect(restoredWithout(plain('INC-7', 0, { slices: [{ ...slice('tenant', 'a'), restored: counted }] }))).toEqual(
      counted,
    );
    expect(restoredWithout(prompt('INC-4'))).toEqual({ withAll: 28 / 96, without: 4 / 56 });
    expect(evidence[0]!.text).toBe(
      'associated with prompt_version=8: 60 % bad there, 2.0 % before; it explains 92 % of the worsening; without prompt_version=8, 7.1 % would have been bad since the onset, not 29 %',
    );
  });

  it('is said in words by each rule', () => {
    for (const { when } of CAUSE_RULES) expect(when.length).toBeGreaterThan(10);
  });
});

describe('a known error', () => {
  it('is what to do first in an incident alike, in one line', () => {
    const problem = { id: 'PRB-1', knownError: true, workaround: 'go back\nto prompt 7' };
    const linked = linkedTo(plain('INC-4', 0), problem);
    expect(firstSteps(linked)[0]).toBe('Known error PRB-1: go back to prompt 7');
    const without = linkedTo(linked, { ...problem, knownError: false });
    expect(without).toMatchObject({ problem: 'PRB-1' });
    expect(without).not.toHaveProperty('knownError');
    expect(unlinked(linked)).toEqual(plain('INC-4', 0));
  });
});

describe('the trend', () => {
  it('counts month by month, also those in which nothing was', () => {
    const at = (month: number): number => Date.UTC(2026, month, 15);
    const one = (month: number, category: string, problem: string | null = null) => ({
      service: 'bot',
      category,
      openedAt: at(month),
      problem,
    });
    const proposed = { category: 'capacity', slice: null, incidents: 1, of: 1 } as const;
    const months = trendOf(
      [one(8, 'a'), one(10, 'b', 'PRB-1'), one(10, 'a', 'PRB-2'), one(10, 'a', 'PRB-2'), one(11, 'a')],
      [
        { id: 'PRB-1', proposed, rootCauseCategory: null, openedAt: at(10), closedAt: null },
        { id: 'PRB-2', proposed, rootCauseCategory: 'security', openedAt: at(8), closedAt: at(10) },
      ],
      Date.UTC(2026, 8, 3),
      Date.UTC(2026, 11),
    );
    expect(months.map(({ month, incidents }) => [month, incidents])).toEqual([
      ['2026-09', 1],
      ['2026-10', 0],
      ['2026-11', 3],
    ]);
    expect(months[2]).toEqual({
      month: '2026-11',
      incidents: 3,
      withProblem: 3,
      byCategory: [
        { category: 'a', incidents: 2 },
        { category: 'b', incidents: 1 },
      ],
      byService: [{ service: 'bot', incidents: 3 }],
      byCause: [
        { cause: 'security', incidents: 2, confirmed: 2 },
        { cause: 'capacity', incidents: 1, confirmed: 0 },
      ],
      problemsOpened: 1,
      problemsClosed: 1,
    });
    expect(months[0]!.byCause).toEqual([{ cause: null, incidents: 1, confirmed: 0 }]);
  });
});
