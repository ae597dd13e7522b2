import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costPerInteraction, spending } from '../../src/measures/cost.ts';
import { escalation } from '../../src/measures/escalation.ts';
import { firstToken, firstTokenHistogram } from '../../src/measures/first-token.ts';
import { guardrail } from '../../src/measures/guardrail.ts';
import { quantiles } from '../../src/measures/quantiles.ts';
import { rankedScores } from '../../src/measures/ranked.ts';
import { reask } from '../../src/measures/reask.ts';
import { safety } from '../../src/measures/safety.ts';
import { effective, represented } from '../../src/measures/sampling.ts';
import { tokenSums } from '../../src/measures/tokens.ts';
import type { Interaction, ModelUse } from '../../src/model/interaction.ts';
import type { Rating } from '../../src/model/rating.ts';
import { GUARDRAIL } from '../../src/model/span.ts';
import { TallyBook } from '../../src/tally/book.ts';
import { cost } from '../../src/tally/counters.ts';
import { countOf } from '../../src/tally/exponential.ts';
import { foldInteraction, foldRatingByEvent } from '../../src/tally/fold.ts';
import type { Tally } from '../../src/tally/group.ts';
import { PLAIN_PLAN, type ServicePlan } from '../../src/tally/plan.ts';
import { interactions } from '../arbitraries.ts';

const plan: ServicePlan = {
  ...PLAIN_PLAN,
  service: 7,
  firstTokenThresholdsMs: [300],
  costs: {
    sum: cost('USD'),
    nanosOf: (uses) => (uses.length === 0 || uses.some((use) => use.costNanos === null) ? null : uses[0]!.costNanos),
    limits: [{ code: 40, nanos: 5_000_000 }],
  },
  countsGuardrails: true,
  isFiltered: (one) => (one.finishReason === 0 ? null : one.finishReason === 2),
  evaluations: new Map([[50, { low: 0, high: 1, good: 'high', marks: [{ code: 51, op: '>=', value: 0.9 }] }]]),
  rankings: new Map([[60, [{ code: 61, metric: 'ndcg', k: 3 }]]]),
};
const [one] = fc.sample(interactions, { numRuns: 1, seed: 1 });
const PLAIN: Interaction = {
  ...one!,
  endTenths: 17_950_000_000,
  isError: false,
  timeToFirstTokenMs: null,
  uses: [],
  guardrail: GUARDRAIL.unknown,
  finishReason: 0,
  inputTokens: null,
  outputTokens: null,
  cachedInputTokens: null,
  reasoningTokens: null,
  weight: 1,
};
const use = (costNanos: number | null): ModelUse => ({
  provider: 0,
  requestModel: 0,
  responseModel: 0,
  inputTokens: 10,
  outputTokens: 2,
  cachedInputTokens: null,
  cacheWriteTokens: null,
  reasoningTokens: null,
  costNanos,
});

function tallyOf(list: readonly Partial<Interaction>[], said: readonly Rating[] = []): Tally {
  const book = new TallyBook();
  for (const more of list) foldInteraction(book, plan, () => 6, { ...PLAIN, ...more }, 1);
  for (const rating of said) foldRatingByEvent(book, plan, PLAIN, rating, null, 1);
  return book.rows === 0 ? new Map() : book.tallyOf(0);
}

describe('time to first token', () => {
  const measure = firstToken(300);
  it('counts answers that say when it came; the others are what is not covered, and failures are neither', () => {
    const tally = tallyOf([
      { timeToFirstTokenMs: 300 },
      { timeToFirstTokenMs: 300.001 },
      { timeToFirstTokenMs: null },
      { timeToFirstTokenMs: 900, isError: true },
    ]);
    expect(measure.eventsOf(tally)).toEqual({ n: 2, bad: 1, eligible: 3, hidden: 0 });
    expect(countOf(firstTokenHistogram(tally))).toBe(2);
  });

  it('the histogram holds exactly the known times of answers, and the counter agrees with them', () => {
    fc.assert(
      fc.property(fc.array(interactions, { maxLength: 20 }), (list) => {
        const tally = tallyOf(list.map((each) => ({ ...each, endTenths: PLAIN.endTenths })));
        const known = list.filter((each) => !each.isError && each.timeToFirstTokenMs !== null);
        expect(countOf(firstTokenHistogram(tally))).toBe(known.length);
        const { n, bad } = measure.eventsOf(tally);
        expect(n).toBe(known.length);
        expect(bad).toBe(known.filter((each) => each.timeToFirstTokenMs! > 300).length);
      }),
    );
  });

  it('of sampled answers those weigh more that stand for more', () => {
    const tally = tallyOf([{ timeToFirstTokenMs: 100, weight: 4 }, { timeToFirstTokenMs: 900 }]);
    expect(represented(measure.eventsOf(tally))).toEqual({ n: 5, bad: 1 });
    expect(effective(measure.eventsOf(tally)).n).toBeCloseTo(25 / 17, 9);
  });
});

describe('quantiles', () => {
  const histogramOf = (n: number) =>
    firstTokenHistogram(tallyOf(Array.from({ length: n }, (_, i) => ({ timeToFirstTokenMs: 100 + i }))));
  it('no 99th percentile of fewer than a hundred', () => {
    expect(quantiles(histogramOf(99)).p99).toBeNull();
    expect(quantiles(histogramOf(100)).p99).not.toBeNull();
  });
  it('of nothing there are none, of one the interval is open', () => {
    expect(quantiles(histogramOf(0))).toEqual({ n: 0, p50: null, p95: null, p99: null });
    expect(quantiles(histogramOf(1)).p50).toMatchObject({ low: null, high: null });
  });
  it('each lies inside of its interval', () => {
    const { p50, p95 } = quantiles(histogramOf(1000));
    for (const found of [p50!, p95!]) {
      expect(found.low!).toBeLessThanOrEqual(found.value);
      expect(found.high!).toBeGreaterThanOrEqual(found.value);
    }
    expect(p50!.value).toBeGreaterThan(590);
    expect(p50!.value).toBeLessThan(610);
  });
});

describe('cost', () => {
  const measure = costPerInteraction(40);
  it('a dearer one is bad; one of which the cost is not known is no cheap one', () => {
    const tally = tallyOf([
      { uses: [use(5_000_000)] },
      { uses: [use(5_000_001)] },
      { uses: [use(null)] },
      { uses: [] },
    ]);
    expect(measure.eventsOf(tally)).toEqual({ n: 2, bad: 1, eligible: 3, hidden: 0 });
    expect(spending(tally, 'USD')).toEqual({ currency: 'USD', value: 0.010000001, n: 2, coverage: 2 / 3 });
    expect(spending(tally, 'EUR')).toMatchObject({ value: 0 });
  });
  it('nothing priced is no cost of 0', () => {
    expect(spending(tallyOf([{ uses: [use(null)] }]), 'USD')).toBeNull();
    expect(spending(new Map(), 'USD')).toBeNull();
  });
  it('sums are exact, however large and small their addends', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat(1000), fc.integer({ min: 1, max: 10 ** 15 })), { maxLength: 30 }),
        (costs) => {
          const tally = tallyOf(costs.map((nanos) => ({ uses: [use(nanos)] })));
          const exact = costs.reduce((sum, nanos) => sum + BigInt(nanos), 0n);
          expect(spending(tally, 'USD')?.value ?? 0).toBe(Number(exact) / 1e9);
        },
      ),
    );
  });
  it('sampled ones cost what they stand for', () => {
    expect(spending(tallyOf([{ uses: [use(1_000_000_000)], weight: 2.5 }]), 'USD')).toMatchObject({ value: 2.5, n: 1 });
  });
});

it('tokens: parts that add up, of those that say how many', () => {
  const said = { inputTokens: 100, outputTokens: 20, cachedInputTokens: 30, reasoningTokens: 5 };
  expect(tokenSums(tallyOf([said, { ...said, weight: 4 }, {}]))).toEqual({
    n: 2,
    input: 350,
    cachedInput: 150,
    cacheWrite: 0,
    output: 75,
    reasoning: 25,
  });
  expect(tokenSums(tallyOf([{}]))).toBeNull();
});

it('guardrails: what says nothing of how it ended says nothing of them', () => {
  const tally = tallyOf([
    {},
    { finishReason: 1 },
    { finishReason: 2 },
    { guardrail: GUARDRAIL.passed },
    { finishReason: 1, guardrail: GUARDRAIL.blocked },
  ]);
  expect(guardrail.eventsOf(tally)).toEqual({ n: 4, bad: 2, eligible: 5, hidden: 0 });
});

it.each([
  ['escalation', escalation],
  ['reask', reask],
] as const)('%s: only what was said counts', (kind, measure) => {
  const tally = tallyOf(
    [{}, {}, {}],
    [
      { type: 'feedback', kind, value: true },
      { type: 'feedback', kind, value: false },
    ],
  );
  expect(measure.eventsOf(tally)).toEqual({ n: 2, bad: 1, eligible: 3, hidden: 0 });
  expect(measure.eventsOf(tallyOf([{}])).n).toBe(0);
});

it('safety: flags, evaluators that are about it, labels; who only disliked it says nothing', () => {
  const measure = safety([{ evaluation: 50, mark: 51 }], [70]);
  const tally = tallyOf(
    [{}],
    [
      { type: 'feedback', kind: 'flag', value: 'unsafe' },
      { type: 'feedback', kind: 'flag', value: 'wrong' },
      { type: 'feedback', kind: 'thumbs', value: 'up' },
      { type: 'feedback', kind: 'thumbs', value: 'down' },
      { type: 'evaluation', evaluation: 50, score: 0.95 },
      { type: 'evaluation', evaluation: 50, score: 0.5 },
      { type: 'label', label: 70, value: false },
      { type: 'label', label: 70, value: true },
    ],
  );
  expect(measure.eventsOf(tally)).toMatchObject({ n: 7, bad: 3 });
  expect(measure.eventsOf(tallyOf([{}])).n).toBe(0);
});

it('ranking: without an ideal there is no value, and it is counted apart', () => {
  const judged = (relevance: number[]): Rating => ({ type: 'ranking', evaluation: 60, relevance, judged: null });
  const measure = rankedScores(61);
  const tally = tallyOf([{}], [judged([3, 2, 1]), judged([0, 0]), judged([0, 1])]);
  const second = 1 / Math.log2(3);
  expect(measure.events.eventsOf(tally)).toMatchObject({ n: 2, eligible: 3 });
  expect(measure.events.eventsOf(tally).bad).toBeCloseTo(1 - second, 5);
  const estimate = measure.estimator.estimate(tally, { anyTime: false, minutes: 60 });
  expect(estimate.value).toBeCloseTo((1 + second) / 2, 5);
  expect(estimate).toMatchObject({ n: 2, coverage: 2 / 3, status: 'ok' });
  const nothing = measure.estimator.estimate(tallyOf([{}], [judged([0])]), { anyTime: false, minutes: 60 });
  expect(nothing).toMatchObject({ value: null, n: 0, status: 'undefined' });
});
