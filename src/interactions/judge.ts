import type { Code } from '../model/dictionary.ts';
import type { SpanId } from '../model/ids.ts';
import type { Call, Interaction } from '../model/interaction.ts';
import type { Span } from '../model/span.ts';
import { describeGroup, isInteraction } from './describe.ts';
import { type Exchange, type Group, groupByEntry } from './group.ts';
import { OwnIds } from './own-id.ts';
import { judgeSingle } from './single.ts';
import { totalTokens } from './tokens.ts';
import { markToolWrappers } from './tool-wrappers.ts';
import { growTree, isAi, type Node } from './tree.ts';
import { matchTwins } from './twins.ts';
import { markWrappers } from './wrappers.ts';

/** What the spans of a trace amount to. */
export interface TraceJudgement {
  /** By start. */
  readonly interactions: readonly Interaction[];
  /** Interaction by interaction; within one by start. */
  readonly calls: readonly Call[];
  /** From each AI span that belongs to an interaction, ignored twins included, to the interaction's lead. */
  readonly leadOf: ReadonlyMap<SpanId, SpanId>;
  /** Second copies of a span among those given: the first one counts. */
  readonly duplicates: number;
  /** Spans not counted because another one (`of`) describes the same call. */
  readonly ignoredTwins: readonly { readonly spanId: SpanId; readonly of: SpanId }[];
}

const byEntry = (): Exchange => 'entry';

/**
 * Finds the interactions and calls in all that is known of one trace. A pure
 * function of the set of spans: their order does not matter, unless two differ under one id (then the first counts).
 *
 * @param spans       spans of one trace, of AI and not, of any number of services
 * @param exchangeOf  what makes an exchange in a service, by the service's code
 */
export function judgeTrace(spans: readonly Span[], exchangeOf: (service: Code) => Exchange = byEntry): TraceJudgement {
  if (spans.length !== 1) return judgeTree(spans, exchangeOf);
  const span = spans[0]!;
  return judgeSingle(span, exchangeOf(span.service));
}

/** The general way; `judgeTrace` takes a shorter one where it leads to the same. */
export function judgeTree(spans: readonly Span[], exchangeOf: (service: Code) => Exchange): TraceJudgement {
  const tree = growTree(spans);
  matchTwins(tree);
  const upward = orderUpward(tree.nodes);
  markWrappers(upward);
  markToolWrappers(upward);
  totalTokens(upward);
  const interactions: Interaction[] = [];
  const calls: Call[] = [];
  const leadOf = new Map<SpanId, SpanId>();
  const ownIds = new OwnIds(tree);
  for (const group of groupByEntry(tree, exchangeOf)) {
    if (!isInteraction(group)) continue;
    const found = describeGroup(group, ownIds);
    interactions.push(found.interaction);
    for (const call of found.calls) calls.push(call);
    noteLead(leadOf, group, found.interaction.spanId);
  }
  return { interactions, calls, leadOf, duplicates: tree.duplicates, ignoredTwins: twinsOf(tree.nodes) };
}

/** AI spans that count, each behind all that lies below it; fills in `children` and `head`. */
function orderUpward(nodes: readonly Node[]): Node[] {
  const order: Node[] = [];
  for (const node of nodes) {
    if (!isAi(node) || node.twin !== null) continue;
    if (node.aiParent !== null) node.aiParent.children.push(node);
    else {
      node.head = node;
      order.push(node);
    }
  }
  for (let i = 0; i < order.length; i++) {
    const { children, head } = order[i]!;
    for (const child of children) {
      child.head = head;
      order.push(child);
    }
  }
  return order.reverse();
}

function noteLead(leadOf: Map<SpanId, SpanId>, group: Group, lead: SpanId): void {
  for (const { span } of group.members) leadOf.set(span.spanId, lead);
  for (const { span } of group.twins) leadOf.set(span.spanId, lead);
}

function twinsOf(nodes: readonly Node[]): { spanId: SpanId; of: SpanId }[] {
  const twins = [];
  for (const { span, twin } of nodes) if (twin !== null) twins.push({ spanId: span.spanId, of: twin.span.spanId });
  return twins;
}
