import fc from 'fast-check';
import { KINDS, SPAN_KINDS, type Span } from '../src/model/span.ts';

/** Shared generators. */
const latin1Id = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 255 }), { minLength: length, maxLength: length })
    .map((bytes) => String.fromCharCode(...bytes));
export const traceIds = latin1Id(16);
export const spanIds = latin1Id(8);

const code = fc.integer({ min: 0, max: 100_000 });
const tokens = fc.option(fc.oneof(fc.nat(5000), fc.maxSafeInteger().map(Math.abs)), { nil: null });

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
  weight: fc.constantFrom(1, 2, 4, 16.5),
  responseRef: fc.oneof(fc.constant(''), spanIds),
  conversationId: fc.oneof(fc.constant(''), fc.string({ minLength: 1, unit: 'grapheme' })),
  userId: fc.oneof(fc.constant(''), fc.string({ minLength: 1 })),
  attributes: fc.array(fc.tuple(code, code), { maxLength: 3 }),
});
