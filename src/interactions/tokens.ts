import type { Node, TokenTotals } from './tree.ts';

type Field = keyof TokenTotals;

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
  const more = (field: Field): number | null => greater(span[field], below[field]);
  return {
    inputTokens: more('inputTokens'),
    outputTokens: more('outputTokens'),
    cachedInputTokens: more('cachedInputTokens'),
    reasoningTokens: more('reasoningTokens'),
  };
}

const greater = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

/** Field by field, nulls skipped; null when no span has the field. */
export function sumTokens(nodes: readonly Node[]): TokenTotals {
  const sum = (field: Field): number | null => {
    let total: number | null = null;
    for (const node of nodes) {
      const tokens = node.total[field];
      if (tokens !== null) total = (total ?? 0) + tokens;
    }
    return total;
  };
  return {
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    cachedInputTokens: sum('cachedInputTokens'),
    reasoningTokens: sum('reasoningTokens'),
  };
}
