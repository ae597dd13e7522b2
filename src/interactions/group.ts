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

/** Heads with the same entry, and everything AI below them (telemetry-dialects §4.5-7). */
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
    if (node.twin === null) groupOf.get(headOf(node))?.members.push(node);
    else groupOf.get(headOf(node.twin))?.twins.push(node);
  }
  return [...groups.values()];
}

function headOf(node: Node): Node {
  let at = node;
  while (at.aiParent !== null) at = at.aiParent;
  return at;
}

function openGroup(head: Node, tree: TraceTree, exchange: Exchange, groups: Map<string, Group>): Group {
  const entryId = entryOf(head);
  const entrySpanId = exchange === 'head' ? head.span.spanId : entryId;
  const key = `${head.span.service} ${entrySpanId}`;
  let group = groups.get(key);
  if (group === undefined) {
    const entry = tree.byId.get(entryId) ?? null;
    group = { entrySpanId, entry, entryDecides: exchange === 'entry', heads: [], members: [], twins: [] };
    groups.set(key, group);
  }
  return group;
}

/**
 * The span through which work entered the service: the first one upward that is a server's or a consumer's, or has no
 * parent here. A parent that is named but not known (not yet, or never) is the entry itself, so that siblings below it
 * are together before and after it comes.
 */
export function entryOf(head: Node): SpanId {
  for (let at = head; ; at = at.parent) {
    const { span } = at;
    const enters = span.spanKind === 'server' || span.spanKind === 'consumer' || span.parentIsRemote || at.isTop;
    if (enters) return span.spanId;
    if (at.parent === null) return span.parentSpanId;
  }
}
