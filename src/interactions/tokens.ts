import type { Node, TokenTotals } from './tree.ts';

/**
 * Each span's tokens, its own or those of all below it, whichever is more: frameworks repeat on a parent what its
 * children said, or only a part of it, or nothing.
 *
 * @param upward  AI spans, each behind all that lies below it
 */
export function totalTokens(upward: readonly Node[]): void {
  for (const node of upward) if (node.children.length > 0) node.total = totalOf(node);
}

function totalOf({ span, children }: Node): TokenTotals {
  const below = sumTokens(children);
  return {
    inputTokens: greater(span.inputTokens, below.inputTokens),
    outputTokens: greater(span.outputTokens, below.outputTokens),
    cachedInputTokens: greater(span.cachedInputTokens, below.cachedInputTokens),
    reasoningTokens: greater(span.reasoningTokens, below.reasoningTokens),
  };
}

const greater = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

/** Field by field, nulls skipped; null when no span has the field. */
export function sumTokens(nodes: readonly Node[]): TokenTotals {
  let inputTokens: number | null = null;
  let outputTokens: number | null = null;
  let cachedInputTokens: number | null = null;
  let reasoningTokens: number | null = null;
  for (const { total } of nodes) {
    inputTokens = sum(inputTokens, total.inputTokens);
    outputTokens = sum(outputTokens, total.outputTokens);
    cachedInputTokens = sum(cachedInputTokens, total.cachedInputTokens);
    reasoningTokens = sum(reasoningTokens, total.reasoningTokens);
  }
  return { inputTokens, outputTokens, cachedInputTokens, reasoningTokens };
}

/** What is known of either; null when neither is. */
export const sum = (a: number | null, b: number | null): number | null => (b === null ? a : (a ?? 0) + b);
