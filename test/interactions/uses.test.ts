import { expect, it } from 'vitest';
import { judgeTrace } from '../../src/interactions/judge.ts';
import type { ModelUse } from '../../src/model/interaction.ts';
import { EMPTY_SPAN, GUARDRAIL, type Span } from '../../src/model/span.ts';

let spans = 0;
const span = (more: Partial<Span>): Span => ({
  ...EMPTY_SPAN,
  traceId: 't'.repeat(16),
  spanId: String(++spans).padStart(8, '0'),
  kind: 'model',
  spanKind: 'internal',
  endTenths: 17_950_000_000,
  durationNanos: 1e9,
  ...more,
});
const agent = (more: Partial<Span> = {}): Span => span({ kind: 'agent', durationNanos: 5e9, ...more });
const below = (parent: Span, more: Partial<Span>): Span => span({ parentSpanId: parent.spanId, ...more });
const usesOf = (list: readonly Span[]): readonly ModelUse[] => judgeTrace(list).interactions[0]!.uses;

it('calls of one model that say the same are added up, others stand alone', () => {
  const root = agent({ inputTokens: 999, outputTokens: 99 });
  const said = { responseModel: 5, inputTokens: 100, outputTokens: 10 };
  const calls = [
    below(root, said),
    below(root, said),
    below(root, { ...said, cachedInputTokens: 50 }),
    below(root, { ...said, responseModel: 6 }),
    below(root, { ...said, inputTokens: 70_000 }),
    below(root, { ...said, inputTokens: 80_000 }),
  ];
  const uses = usesOf([root, ...calls]);
  expect(
    uses.map(({ responseModel, inputTokens, cachedInputTokens }) => [responseModel, inputTokens, cachedInputTokens]),
  ).toEqual([
    [5, 100, 50],
    [5, 200, null],
    [5, 70_000, null],
    [5, 80_000, null],
    [6, 100, null],
  ]);
  expect(usesOf([root, ...calls.toReversed()])).toEqual(uses);
});

it('a failed call that says nothing used nothing; one that says what it used is paid for', () => {
  const root = agent();
  const failed = { isError: true, responseModel: 5 };
  const ok = below(root, { responseModel: 5, inputTokens: 10, outputTokens: 1 });
  expect(usesOf([root, below(root, failed), ok])).toHaveLength(1);
  expect(usesOf([root, below(root, { ...failed, inputTokens: 7, outputTokens: 1 }), ok])).toMatchObject([
    { inputTokens: 17 },
  ]);
});

it('where only the agent says what was used, it is what its one model used; of two it is not known whose', () => {
  const root = agent({ inputTokens: 50, outputTokens: 5 });
  expect(usesOf([root, below(root, { responseModel: 5 })])).toMatchObject([{ responseModel: 5, inputTokens: 50 }]);
  const two = usesOf([root, below(root, { responseModel: 5 }), below(root, { responseModel: 6 })]);
  expect(two.map(({ inputTokens }) => inputTokens)).toEqual([null, null]);
});

it('what called no model used nothing', () => {
  expect(usesOf([span({ kind: 'tool' })])).toEqual([]);
});

it('a guardrail that blocked counts, whatever the others said', () => {
  const root = agent();
  const passed = below(root, { kind: 'guardrail', guardrail: GUARDRAIL.passed });
  const blocked = below(root, { kind: 'guardrail', guardrail: GUARDRAIL.blocked });
  const outcome = (list: readonly Span[]): number => judgeTrace(list).interactions[0]!.guardrail;
  expect(outcome([root])).toBe(GUARDRAIL.unknown);
  expect(outcome([root, passed])).toBe(GUARDRAIL.passed);
  expect(outcome([root, blocked, passed])).toBe(GUARDRAIL.blocked);
});
