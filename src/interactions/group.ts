import type { Code } from '../model/dictionary.ts';
import type { SpanId } from '../model/ids.ts';
import { isAi, type Node, type TraceTree } from './tree.ts';

/**
 * What makes an exchange: all that one entry span leads to (a request), or each head on its own (a session that holds
 * many exchanges under one span: a WebSocket, a batch job).
 */
export type Exchange = 'entry' | 'head';

/** The AI spans of one exchange, heads and all below them; by start, then id. */
export interface Group {
  readonly entrySpanId: SpanId;
  /** The entry span, when it is known; in exchange `head` the span that the entry would have been. */
  readonly entry: Node | null;
  /** Whether a failed entry fails the exchange: it does not where it holds many. */
  readonly entryDecides: boolean;
  readonly heads: Node[];
  readonly members: Node[];
  readonly twins: Node[];
}

/** Heads with the same entry, and everything AI below them. */
export function groupByEntry(tree: TraceTree, exchangeOf: (service: Code) => Exchange): Group[] {
  const groups = new Map<string, Group>();
  const groupOf = new Map<Node, Group>();
  for (const node of tree.nodes) {
    if (!isAi(node) || node.aiParent !== null || node.twin !== null) continue;
    const group = openGroup(node, tree, exchangeOf(node.span.service), groups);
    group.heads.push(node);
    groupOf.set(node, group);
  }
  for (const node of tree.nodes) {
    if (!isAi(node)) continue;
    if (node.twin === null) groupOf.get(node.head!)?.members.push(node);
    else groupOf.get(node.twin.head!)?.twins.push(node);
  }
  return [...groups.values()];
}

function openGroup(head: Node, tree: TraceTree, exchange: Exchange, groups: Map<string, Group>): Group {
  const entrySpanId = exchange === 'head' ? head.span.spanId : head.entrySpanId;
  const key = `${head.span.service} ${entrySpanId}`;
  let group = groups.get(key);
  if (group === undefined) {
    const entry = tree.byId.get(head.entrySpanId) ?? null;
    group = { entrySpanId, entry, entryDecides: exchange === 'entry', heads: [], members: [], twins: [] };
    groups.set(key, group);
  }
  return group;
}
