import { describe, expect, it } from 'vitest';
import { CATEGORY_RULES, categoryOf, NO_FLAGS, type Signs } from '../../src/incidents/category-rules.ts';
import { seriousBecause } from '../../src/incidents/serious.ts';
import type { Measure } from '../../src/model/estimate.ts';
import { CATEGORIES, defaultCategory, isCategory, referencesOf, TAXONOMY } from '../../src/model/taxonomy.ts';
import { breach, incidentWith } from '../incidents.ts';

const quiet: Signs = {
  n: 1000,
  bad: 300,
  interactions: 1000,
  failed: { rate_limit: 0, timeout: 0, auth: 0, server: 0, content: 0, client: 0, other: 0, unnamed: 0 },
  tokens: 160,
  tokensBefore: 150,
  flags: NO_FLAGS,
};
const failing = (failed: Partial<Signs['failed']>): Signs => ({ ...quiet, failed: { ...quiet.failed, ...failed } });
const flagged = (flags: Partial<Signs['flags']>): Signs => ({ ...quiet, flags: { ...NO_FLAGS, ...flags } });
const allBad = (bad: number, signs: Signs = quiet): Signs => ({ ...signs, bad });

describe('what a breach is filed under', () => {
  const filed = (measure: Measure, signs: Signs | null, more: { isFiled?: boolean } = {}) =>
    categoryOf({ measure, category: defaultCategory({ type: measure as never }), ...more }, signs);

  it.each([
    ['availability', quiet, 'ai.availability.error_rate'],
    ['availability', failing({ rate_limit: 150, server: 150 }), 'ai.availability.rate_limited'],
    ['availability', failing({ rate_limit: 149, server: 151 }), 'ai.availability.error_rate'],
    ['availability', failing({ rate_limit: 149, unnamed: 151 }), 'ai.availability.error_rate'],
    ['availability', failing({ timeout: 200, server: 100 }), 'ai.availability.latency'],
    ['availability', failing({ content: 200, server: 100 }), 'ai.relevance.over_refusal'],
    ['latency', quiet, 'ai.availability.latency'],
    ['latency', failing({ rate_limit: 30, timeout: 20 }), 'ai.availability.capacity'],
    ['latency', failing({ server: 500 }), 'ai.availability.latency'],
    ['time_to_first_token', failing({ timeout: 50 }), 'ai.availability.capacity'],
    ['cost', quiet, 'ai.cost.budget_burn'],
    ['cost', { ...quiet, tokens: 300 }, 'ai.cost.token_runaway'],
    ['cost_per_day', { ...quiet, tokens: 300, tokensBefore: null }, 'ai.cost.budget_burn'],
    ['satisfaction', flagged({ wrong: 4 }), 'ai.experience.low_satisfaction'],
    ['satisfaction', flagged({ wrong: 3, other: 2 }), 'ai.accuracy.wrong_answer'],
    ['trust', flagged({ hallucinated: 5, other: 2 }), 'ai.hallucination.ungrounded'],
    ['escalation', flagged({ biased: 5 }), 'ai.bias.disparate_outcome'],
    ['satisfaction', flagged({ unsafe: 3, wrong: 3 }), 'ai.harmful_content.dangerous_advice'],
    ['guardrail', failing({ content: 100 }), 'ai.relevance.over_refusal'],
  ] as const)('%s with %j is %s', (measure, signs, category) => {
    expect(filed(measure, signs)).toBe(category);
  });

  it('an outage is when nearly all was bad; that all were refused by a limit says more', () => {
    expect(filed('availability', allBad(899))).toBe('ai.availability.error_rate');
    expect(filed('availability', allBad(900, failing({ server: 900 })))).toBe('ai.availability.outage');
    expect(filed('availability', allBad(1000, failing({ timeout: 1000 })))).toBe('ai.availability.outage');
    expect(filed('availability', allBad(1000, failing({ rate_limit: 1000 })))).toBe('ai.availability.rate_limited');
  });

  it('what the configuration says stands, and without signs the measure alone decides', () => {
    const refused = allBad(1000, failing({ rate_limit: 150 }));
    expect(filed('availability', refused, { isFiled: true })).toBe('ai.availability.error_rate');
    expect(filed('availability', null)).toBe('ai.availability.error_rate');
  });

  it('every rule leads to a code that there is', () => {
    for (const { category } of CATEGORY_RULES) expect(isCategory(category)).toBe(true);
  });
});

it.each([
  ['groundedness', 'ai.hallucination.ungrounded'],
  ['ragas/faithfulness', 'ai.hallucination.ungrounded'],
  ['AnswerRelevancy', 'ai.relevance.off_topic'],
  ['context_recall', 'ai.relevance.retrieval_miss'],
  ['toxicity', 'ai.harmful_content.toxic'],
  ['self-harm', 'ai.harmful_content.self_harm'],
  ['PII leakage', 'ai.privacy.pii_output'],
  ['prompt.injection', 'ai.security.prompt_injection'],
  ['jailbreak', 'ai.security.jailbreak'],
  ['task_completion', 'ai.accuracy.task_failure'],
  ['toolCallAccuracy', 'ai.accuracy.tool_misuse'],
  ['unbiasedness', 'ai.accuracy.wrong_answer'],
  ['correctness', 'ai.accuracy.wrong_answer'],
])('an evaluation called %s is about %s', (evaluation, category) => {
  expect(defaultCategory({ type: 'accuracy', evaluation })).toBe(category);
});

it('each category has its references, and each code is of one', () => {
  for (const category of CATEGORIES) {
    const { nist, avid, atlas, owasp, serviceNow } = referencesOf(category);
    expect([...nist, ...avid, ...atlas, ...owasp, ...serviceNow].length).toBeGreaterThan(0);
    for (const code of atlas) expect(code).toMatch(/^AML\.T\d{4}$/);
    for (const code of owasp) expect(code).toMatch(/^LLM(0\d|10)$/);
    for (const code of avid) expect(code).toMatch(/^[SEP]\d{4}$/);
  }
  expect(Object.values(TAXONOMY).flatMap(({ subcategories }) => subcategories)).toHaveLength(CATEGORIES.length);
});

describe('what may be a serious incident', () => {
  const of = (category: string, highRisk: boolean, flags = {}) =>
    seriousBecause(incidentWith({ category, highRisk, breaches: [{ ...breach, category }] }), {
      ...NO_FLAGS,
      ...flags,
    });

  it.each([
    ['ai.bias.unequal_quality', true, {}, true],
    ['ai.bias.unequal_quality', false, {}, false],
    ['ai.privacy.pii_output', true, {}, true],
    ['ai.availability.outage', true, {}, false],
    ['ai.availability.outage', true, { biased: 1 }, true],
    ['ai.availability.outage', false, { biased: 20 }, false],
    ['ai.availability.outage', false, { unsafe: 2 }, false],
    ['ai.availability.outage', false, { unsafe: 3 }, true],
    ['ai.availability.outage', true, { wrong: 50, hallucinated: 50 }, false],
  ])('%s, of a high risk class: %s, flags %j: %s', (category, highRisk, flags, expected) => {
    expect(of(category, highRisk, flags) !== null).toBe(expected);
  });

  it('a harmful breach that has joined counts, too', () => {
    const joined = incidentWith({
      category: 'ai.accuracy.wrong_answer',
      highRisk: true,
      breaches: [breach, { ...breach, objective: 'safe', category: 'ai.harmful_content.toxic' }],
    });
    expect(seriousBecause(joined)).toMatch(/ai\.harmful_content\.toxic/);
  });
});
