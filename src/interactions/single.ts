import { ABSENT } from '../model/dictionary.ts';
import { NO_SPAN, type SpanId } from '../model/ids.ts';
import type { Call, Interaction } from '../model/interaction.ts';
import type { Span } from '../model/span.ts';
import { attributesOfOne, describeCall, ERROR_UNNAMED, isCallKind, ownOperation } from './describe.ts';
import type { Exchange } from './group.ts';
import type { TraceJudgement } from './judge.ts';
import { usesOfOne } from './uses.ts';

const NO_LEADS: ReadonlyMap<SpanId, SpanId> = new Map();
const NOTHING: TraceJudgement = { interactions: [], calls: [], leadOf: NO_LEADS, duplicates: 0, ignoredTwins: [] };
const NO_CALLS: readonly Call[] = [];
const NO_TWINS: TraceJudgement['ignoredTwins'] = [];

/** What `judgeTrace` says of a trace of which one span is known: by far the commonest trace. */
export function judgeSingle(span: Span, exchange: Exchange): TraceJudgement {
  const { kind, spanId } = span;
  if (kind === 'none' || (!isCallKind(kind) && !span.isError)) return NOTHING;
  const isCall = isCallKind(kind) && kind !== 'agent';
  return {
    interactions: [describe(span, exchange)],
    calls: isCall ? [describeCall(span, span, spanId)] : NO_CALLS,
    leadOf: new Map([[spanId, spanId]]),
    duplicates: 0,
    ignoredTwins: NO_TWINS,
  };
}

function describe(span: Span, exchange: Exchange): Interaction {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    service: span.service,
    entrySpanId: exchange === 'head' ? span.spanId : entryOfOne(span),
    headSpanIds: [span.spanId],
    anchorSpanId: span.spanId,
    endTenths: span.endTenths,
    endNanos: span.endNanos,
    durationNanos: span.durationNanos,
    isError: span.isError,
    errorType: span.isError ? span.errorType || ERROR_UNNAMED : ABSENT,
    httpStatus: span.isError ? span.httpStatus : 0,
    hidesFailure: span.hidesFailures,
    operation: ownOperation(span),
    provider: span.provider,
    requestModel: span.requestModel,
    responseModel: span.responseModel,
    finishReason: span.finishReason,
    agent: span.agent,
    promptName: span.promptName,
    promptVersion: span.promptVersion,
    serviceVersion: span.serviceVersion,
    inputTokens: span.inputTokens,
    outputTokens: span.outputTokens,
    cachedInputTokens: span.cachedInputTokens,
    reasoningTokens: span.reasoningTokens,
    timeToFirstTokenMs: span.timeToFirstTokenMs,
    uses: usesOfOne(span),
    guardrail: span.guardrail,
    weight: span.weight,
    interactionRef: span.interactionRef,
    conversationId: span.conversationId,
    userId: span.userId,
    attributes: attributesOfOne(span),
  };
}

function entryOfOne(span: Span): SpanId {
  const enters = span.spanKind === 'server' || span.spanKind === 'consumer' || span.parentIsRemote;
  return enters || span.parentSpanId === NO_SPAN ? span.spanId : span.parentSpanId;
}
