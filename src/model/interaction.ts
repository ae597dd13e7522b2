import type { Code } from './dictionary.ts';
import type { SpanId, TraceId } from './ids.ts';
import type { GuardrailOutcome, Kind, Span } from './span.ts';
import type { Tenths } from './time.ts';

/**
 * What one call of a model used, as far as it was sent, or several small ones of the same model together. Tokens are those of
 * `Span`; `costNanos` is what the sender says that it cost.
 */
export type ModelUse = Pick<
  Span,
  | 'provider'
  | 'requestModel'
  | 'responseModel'
  | 'inputTokens'
  | 'outputTokens'
  | 'cachedInputTokens'
  | 'cacheWriteTokens'
  | 'reasoningTokens'
  | 'costNanos'
>;

/**
 * One user-facing exchange with a service, as the rule of `src/interactions` finds it among the spans of a trace.
 * Its name is (`traceId`, `spanId` of its lead); its place in event time is its end.
 */
export interface Interaction {
  readonly traceId: TraceId;
  /** The lead. */
  readonly spanId: SpanId;
  readonly service: Code;
  readonly entrySpanId: SpanId;
  /** In order of start, then id. */
  readonly headSpanIds: readonly SpanId[];
  /** The head that ended last: the interaction is stored beside it. */
  readonly anchorSpanId: SpanId;
  readonly endTenths: Tenths;
  readonly endNanos: number;
  readonly durationNanos: number;
  readonly isError: boolean;
  readonly errorType: Code;
  readonly httpStatus: number;
  /** Nothing that came of it would have come if it had failed, nor did its request's own span with a route: see `Span.hidesFailures`. */
  readonly hidesFailure: boolean;
  readonly operation: Code;
  readonly provider: Code;
  readonly requestModel: Code;
  readonly responseModel: Code;
  readonly finishReason: Code;
  readonly agent: Code;
  readonly promptName: Code;
  readonly promptVersion: Code;
  readonly serviceVersion: Code;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cachedInputTokens: number | null;
  readonly reasoningTokens: number | null;
  /** From the interaction's start. */
  readonly timeToFirstTokenMs: number | null;
  /** What its calls of models used: what its cost is made of. None: it called no model. */
  readonly uses: readonly ModelUse[];
  /** What guardrails inside of it decided. */
  readonly guardrail: GuardrailOutcome;
  readonly weight: number;
  /** Eight bytes of a hash of the application's own id of it, as latin-1; `''` when no span has one. */
  readonly interactionRef: string;
  readonly conversationId: string;
  readonly userId: string;
  readonly attributes: readonly (readonly [Code, Code])[];
}

/** A model, tool, retrieval ... operation inside an interaction. Its place in event time is its own end. */
export interface Call {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  /** The lead of its interaction. */
  readonly interactionSpanId: SpanId;
  readonly service: Code;
  readonly kind: Kind;
  readonly name: Code;
  readonly provider: Code;
  /** The response model, else the requested one. */
  readonly model: Code;
  readonly endTenths: Tenths;
  readonly endNanos: number;
  readonly durationNanos: number;
  readonly isError: boolean;
  readonly errorType: Code;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** What was used; null of what is no call of a model. */
  readonly use: ModelUse | null;
  readonly weight: number;
}
