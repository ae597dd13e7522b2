import type { Span } from '../model/span.ts';
import type { Node } from './tree.ts';

/** What a span of a call does not say is taken from another one that describes the same call: its wrapper, or its twin. */
export function complete(node: Node, other: Node): void {
  const own = node.facts;
  const { facts } = other;
  node.facts = {
    ...own,
    provider: own.provider || facts.provider,
    requestModel: own.requestModel || facts.requestModel,
    responseModel: own.responseModel || facts.responseModel,
    operation: own.operation || facts.operation,
    finishReason: own.finishReason || facts.finishReason,
    inputTokens: own.inputTokens ?? facts.inputTokens,
    outputTokens: own.outputTokens ?? facts.outputTokens,
    cachedInputTokens: own.cachedInputTokens ?? facts.cachedInputTokens,
    cacheWriteTokens: own.cacheWriteTokens ?? facts.cacheWriteTokens,
    reasoningTokens: own.reasoningTokens ?? facts.reasoningTokens,
    costNanos: own.costNanos ?? facts.costNanos,
    timeToFirstTokenMs: own.timeToFirstTokenMs ?? firstTokenSeenFrom(node, other, facts),
  };
}

/** The other one's time to first token, counted from this one's start. */
const firstTokenSeenFrom = (node: Node, other: Node, { timeToFirstTokenMs }: Span): number | null =>
  timeToFirstTokenMs === null ? null : Math.max(0, timeToFirstTokenMs - (node.start - other.start) / 1e6);
