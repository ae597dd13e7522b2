import fc from 'fast-check';
import type { Interaction, ModelUse } from '../src/model/interaction.ts';
import type { Rating } from '../src/model/rating.ts';
import { GUARDRAIL, KINDS, SPAN_KINDS, type Span } from '../src/model/span.ts';

/** Shared generators. */
const latin1Id = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 255 }), { minLength: length, maxLength: length })
    .map((bytes) => String.fromCharCode(...bytes));
export const traceIds = latin1Id(16);
export const spanIds = latin1Id(8);

const code = fc.integer({ min: 0, max: 100_000 });
const tokens = fc.option(fc.oneof(fc.nat(5000), fc.maxSafeInteger().map(Math.abs)), { nil: null });

const costNanos = fc.option(fc.oneof(fc.integer({ min: 1, max: 10 ** 6 }), fc.integer({ min: 1, max: 10 ** 15 })), {
  nil: null,
});
const guardrail = fc.constantFrom(GUARDRAIL.unknown, GUARDRAIL.passed, GUARDRAIL.blocked);

export const uses: fc.Arbitrary<ModelUse> = fc.record({
  provider: fc.nat(3),
  requestModel: fc.nat(3),
  responseModel: fc.nat(3),
  inputTokens: tokens,
  outputTokens: tokens,
  cachedInputTokens: tokens,
  cacheWriteTokens: tokens,
  reasoningTokens: tokens,
  costNanos,
});

export const spans: fc.Arbitrary<Span> = fc.record({
  traceId: traceIds,
  spanId: spanIds,
  parentSpanId: fc.oneof(fc.constant(''), spanIds),
  parentIsRemote: fc.boolean(),
  service: code,
  scope: code,
  spanKind: fc.constantFrom(...SPAN_KINDS),
  kind: fc.constantFrom(...KINDS),
  endTenths: fc.integer({ min: 0, max: 2 ** 36 }),
  endNanos: fc.integer({ min: 0, max: 99_999_999 }),
  durationNanos: fc.nat(2 ** 31 - 1).map((n) => n * 1000),
  isError: fc.boolean(),
  errorType: code,
  httpStatus: fc.constantFrom(0, 200, 429, 503),
  hidesFailures: fc.boolean(),
  provider: code,
  requestModel: code,
  responseModel: code,
  operation: code,
  finishReason: code,
  agent: code,
  name: code,
  promptName: code,
  promptVersion: code,
  serviceVersion: code,
  inputTokens: tokens,
  outputTokens: tokens,
  cachedInputTokens: tokens,
  cacheWriteTokens: tokens,
  reasoningTokens: tokens,
  timeToFirstTokenMs: fc.option(
    fc.double({ min: 0, max: 1e7, noNaN: true, noDefaultInfinity: true }).map((ms) => ms + 0),
    { nil: null },
  ),
  costNanos,
  guardrail,
  weight: fc.constantFrom(1, 2, 4, 16.5),
  responseRef: fc.oneof(fc.constant(''), spanIds),
  interactionRef: fc.oneof(fc.constant(''), spanIds),
  conversationId: fc.oneof(fc.constant(''), fc.string({ minLength: 1, unit: 'grapheme' })),
  userId: fc.oneof(fc.constant(''), fc.string({ minLength: 1 })),
  attributes: fc.array(fc.tuple(code, code), { maxLength: 3 }),
});

/** Few minutes, few values: so that interactions meet in the same tallies. */
export const interactions: fc.Arbitrary<Interaction> = fc.record({
  traceId: traceIds,
  spanId: spanIds,
  service: fc.constant(7),
  entrySpanId: spanIds,
  headSpanIds: fc.array(spanIds, { minLength: 1, maxLength: 3 }),
  anchorSpanId: spanIds,
  endTenths: fc.integer({ min: 17_950_000_000, max: 17_950_001_800 }),
  endNanos: fc.integer({ min: 0, max: 99_999_999 }),
  durationNanos: fc.oneof(
    fc.constant(0),
    fc.nat(2 ** 31 - 1).map((n) => n * 10),
  ),
  isError: fc.boolean(),
  errorType: code,
  httpStatus: fc.constantFrom(0, 429, 500),
  hidesFailure: fc.boolean(),
  operation: code,
  provider: code,
  requestModel: code,
  responseModel: fc.integer({ min: 0, max: 3 }).map((n) => (n === 0 ? 0 : n + 1)),
  finishReason: code,
  agent: code,
  promptName: code,
  promptVersion: code,
  serviceVersion: code,
  inputTokens: tokens,
  outputTokens: tokens,
  cachedInputTokens: tokens,
  reasoningTokens: tokens,
  timeToFirstTokenMs: fc.constantFrom(null, 0, 12.5, 400),
  uses: fc.array(uses, { maxLength: 3 }),
  guardrail,
  weight: fc.constantFrom(1, 1, 4, 2.5),
  interactionRef: fc.constantFrom('', 'own-id-1'),
  conversationId: fc.constantFrom('', 'conversation-1'),
  userId: fc.constantFrom('', 'user-1'),
  attributes: fc.array(fc.tuple(code, code), { maxLength: 2 }),
});

export const ratings: fc.Arbitrary<Rating> = fc.oneof(
  fc.constantFrom('up' as const, 'down' as const).map((value): Rating => ({ type: 'feedback', kind: 'thumbs', value })),
  fc.integer({ min: 1, max: 5 }).map((value): Rating => ({ type: 'feedback', kind: 'stars', value })),
  fc.boolean().map((value): Rating => ({ type: 'feedback', kind: 'escalation', value })),
  fc
    .option(fc.double({ min: -0.5, max: 1.5, noNaN: true }), { nil: null })
    .map((score): Rating => ({ type: 'evaluation', evaluation: 900, score })),
  fc.record({
    type: fc.constant('ranking' as const),
    evaluation: fc.constant(960),
    relevance: fc.array(fc.nat(3), { minLength: 1, maxLength: 5 }),
    judged: fc.constant(null),
  }),
  fc.boolean().map((value): Rating => ({ type: 'label', label: 950, value })),
);
