import type { Code } from './dictionary.ts';
import type { SpanId, TraceId } from './ids.ts';
import type { Tenths } from './time.ts';

/**
 * What a span is to AI. The call kinds are model to guardrail; `chain` is an orchestrator (may be an interaction, never
 * a call), `step` is glue (neither, but counts for ancestry), `none` is no AI at all. The position is stored: append only.
 */
export const KINDS = [
  'none',
  'model',
  'embedding',
  'tool',
  'retrieval',
  'rerank',
  'agent',
  'guardrail',
  'chain',
  'step',
] as const;
export type Kind = (typeof KINDS)[number];

/** OpenTelemetry's SpanKind, in its numbering. */
export const SPAN_KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

/** What a guardrail decided: nothing that is known, to let it pass, to block it. Of several the highest counts. */
export const GUARDRAIL = { unknown: 0, passed: 1, blocked: 2 } as const;
export type GuardrailOutcome = (typeof GUARDRAIL)[keyof typeof GUARDRAIL];

/**
 * One span as every dialect reads it. Spans of no AI dialect (`kind: 'none'`) carry ids, parent, span kind, service,
 * times, status, the interaction's own id, conversation and user only: they decide the grouping.
 *
 * Times: the end is `endTenths` + `endNanos` (0..99_999_999), the start lies `durationNanos` before it; differences of
 * spans of one trace are exact in doubles. Strings of bounded variety are codes of the deployment's dictionary, 0 = absent.
 */
export interface Span {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  /** `''` for a root. */
  readonly parentSpanId: SpanId;
  /** OTLP flags 0x300: the parent lives in another process. */
  readonly parentIsRemote: boolean;
  /** Code of the resource: see `serviceKey`. */
  readonly service: Code;
  readonly scope: Code;
  readonly spanKind: SpanKind;
  readonly kind: Kind;
  readonly endTenths: Tenths;
  readonly endNanos: number;
  /** >= 0; an end before the start counts as 0. */
  readonly durationNanos: number;
  /** The status says so, it names an error, or its finish reason is one; for spans of no AI dialect also an HTTP status >= 500. */
  readonly isError: boolean;
  /** Raw `error.type`, `_OTHER` when unnamed, absent when not an error. */
  readonly errorType: Code;
  /** 0 when absent. */
  readonly httpStatus: number;
  /** Its library sends no failed call: that the span came says that it did not fail. */
  readonly hidesFailures: boolean;
  readonly provider: Code;
  readonly requestModel: Code;
  readonly responseModel: Code;
  /** The well-known `gen_ai.operation.name`, else absent. */
  readonly operation: Code;
  readonly finishReason: Code;
  readonly agent: Code;
  /** Name of the tool, retriever, agent, guardrail called; of a server's or consumer's own span that of its route. */
  readonly name: Code;
  readonly promptName: Code;
  readonly promptVersion: Code;
  readonly serviceVersion: Code;
  /** Integers >= 0; null is "not sent", which is not 0. Input includes cached, output includes reasoning. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cachedInputTokens: number | null;
  readonly cacheWriteTokens: number | null;
  readonly reasoningTokens: number | null;
  /** From this span's start, milliseconds. */
  readonly timeToFirstTokenMs: number | null;
  /** What the sender says it cost, in billionths of a US dollar, > 0; null is "not sent". */
  readonly costNanos: number | null;
  readonly guardrail: GuardrailOutcome;
  /** Adjusted count of W3C probability sampling; 1 when not sampled. */
  readonly weight: number;
  /** Eight bytes of a hash of the response id, as latin-1; `''` when absent. */
  readonly responseRef: string;
  /** The same of the application's own id of the interaction. */
  readonly interactionRef: string;
  /** `''` when absent. */
  readonly conversationId: string;
  readonly userId: string;
  /** Declared slice attributes found on this span: dimension code, value code. */
  readonly attributes: readonly (readonly [Code, Code])[];
}

/** A span with nothing in it: what tests and readers start from. */
export const EMPTY_SPAN: Span = {
  traceId: '',
  spanId: '',
  parentSpanId: '',
  parentIsRemote: false,
  service: 0,
  scope: 0,
  spanKind: 'unspecified',
  kind: 'none',
  endTenths: 0,
  endNanos: 0,
  durationNanos: 0,
  isError: false,
  errorType: 0,
  httpStatus: 0,
  hidesFailures: false,
  provider: 0,
  requestModel: 0,
  responseModel: 0,
  operation: 0,
  finishReason: 0,
  agent: 0,
  name: 0,
  promptName: 0,
  promptVersion: 0,
  serviceVersion: 0,
  inputTokens: null,
  outputTokens: null,
  cachedInputTokens: null,
  cacheWriteTokens: null,
  reasoningTokens: null,
  timeToFirstTokenMs: null,
  costNanos: null,
  guardrail: GUARDRAIL.unknown,
  weight: 1,
  responseRef: '',
  interactionRef: '',
  conversationId: '',
  userId: '',
  attributes: [],
};

/** A service as telemetry names it. */
export interface ServiceIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly environment: string;
}

export { parseServiceKey, serviceKey } from './names.ts';
