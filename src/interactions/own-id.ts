import { NO_SPAN } from '../model/ids.ts';
import type { Group } from './group.ts';
import { isAi, type Node, type TraceTree } from './tree.ts';

/**
 * The application's own id of an exchange, which may stand on any span of it, also on one of no AI: the lead's, else that of
 * the first span that has one, else of the nearest one above. What a span above names, it names for all exchanges below.
 */
export function ownIdOf(group: Group, lead: Node, tree: TraceTree): string {
  if (!tree.hasOwnIds) return '';
  for (const nodes of [[lead], group.members, group.twins, besides(group, lead, tree), above(lead, tree)])
    for (const { span } of nodes) if (span.interactionRef !== '') return span.interactionRef;
  return '';
}

/** Spans of no AI that the same request led to; where a request holds many exchanges they belong to none of them. */
const besides = ({ entrySpanId, entryDecides }: Group, lead: Node, { nodes }: TraceTree): Node[] =>
  entryDecides
    ? nodes.filter((node) => !isAi(node) && node.entrySpanId === entrySpanId && node.span.service === lead.span.service)
    : [];

/** What lies above, nearest first, also in other services. */
function* above(node: Node, { byId }: TraceTree): Generator<Node> {
  const seen = new Set<Node>();
  for (let at: Node | undefined = node; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    if (at !== node) yield at;
    at = at.span.parentSpanId === NO_SPAN ? undefined : byId.get(at.span.parentSpanId);
  }
}
