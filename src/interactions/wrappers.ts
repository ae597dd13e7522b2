import type { Span } from '../model/span.ts';
import type { Node } from './tree.ts';

/** The calls of one kind that are seen from a span through steps and spans of that kind only. */
interface Seen {
  count: number;
  sole: Node | null;
}

const NOTHING: Readonly<Seen> = { count: 0, sole: null };

/**
 * Marks spans of models, embeddings and rerankers that only wrap another one of their kind, and completes a
 * sole inner call by what its wrappers know, the nearest first.
 *
 * @param upward  AI spans, each behind all that lies below it
 */
export function markWrappers(upward: readonly Node[]): void {
  if (!upward.some(mayWrap)) return;
  const models = new Map<Node, Seen>();
  const embeddings = new Map<Node, Seen>();
  const rerankers = new Map<Node, Seen>();
  for (const node of upward) {
    look(node, 'model', models);
    look(node, 'embedding', embeddings);
    look(node, 'rerank', rerankers);
  }
}

const mayWrap = ({ span: { kind }, children }: Node): boolean =>
  children.length > 0 && (kind === 'model' || kind === 'embedding' || kind === 'rerank');

function look(node: Node, kind: 'model' | 'embedding' | 'rerank', seen: Map<Node, Seen>): void {
  if (node.span.kind !== kind && node.span.kind !== 'step') return;
  const below: Seen = { count: 0, sole: null };
  for (const child of node.children) {
    const { count, sole } = seen.get(child) ?? NOTHING;
    below.count += count;
    below.sole = below.count === 1 ? (sole ?? below.sole) : null;
  }
  if (node.span.kind === kind) {
    if (below.count === 0) {
      seen.set(node, { count: 1, sole: node });
      return;
    }
    node.isWrapper = true;
    if (below.sole !== null) complete(below.sole, node);
  }
  if (below.count > 0) seen.set(node, below);
}

function complete(inner: Node, wrapper: Node): void {
  const own = inner.facts;
  const outer = wrapper.facts;
  inner.facts = {
    ...own,
    provider: own.provider || outer.provider,
    requestModel: own.requestModel || outer.requestModel,
    responseModel: own.responseModel || outer.responseModel,
    operation: own.operation || outer.operation,
    finishReason: own.finishReason || outer.finishReason,
    inputTokens: own.inputTokens ?? outer.inputTokens,
    outputTokens: own.outputTokens ?? outer.outputTokens,
    cachedInputTokens: own.cachedInputTokens ?? outer.cachedInputTokens,
    cacheWriteTokens: own.cacheWriteTokens ?? outer.cacheWriteTokens,
    reasoningTokens: own.reasoningTokens ?? outer.reasoningTokens,
    costNanos: own.costNanos ?? outer.costNanos,
    timeToFirstTokenMs: own.timeToFirstTokenMs ?? firstTokenSeenFrom(inner, wrapper, outer),
  };
}

/** The wrapper's time to first token, counted from the inner span's start. */
const firstTokenSeenFrom = (inner: Node, wrapper: Node, outer: Span): number | null =>
  outer.timeToFirstTokenMs === null
    ? null
    : Math.max(0, outer.timeToFirstTokenMs - (inner.start - wrapper.start) / 1e6);
