import type { Code } from '../model/dictionary.ts';
import { NO_SPAN, type SpanId } from '../model/ids.ts';
import type { Group } from './group.ts';
import { isAi, type Node, type TraceTree } from './tree.ts';

/**
 * The application's own id of an exchange, which may stand on any span of it, also on one of no AI: the lead's, else that of
 * the first span that has one, else of the nearest one above. What a span above names, it names for all exchanges below.
 */
export class OwnIds {
  readonly #tree: TraceTree;
  /** By service and entry. */
  #besides: ReadonlyMap<string, string> | null = null;
  /** Of spans without one that were walked through, what lies above them: a trace may hold many exchanges, one below the other. */
  readonly #above = new Map<Node, string>();

  constructor(tree: TraceTree) {
    this.#tree = tree;
  }

  /** `''` when there is none. */
  of(group: Group, lead: Node): string {
    if (!this.#tree.hasOwnIds) return '';
    return (
      lead.span.interactionRef ||
      firstOf(group.members) ||
      firstOf(group.twins) ||
      this.#besidesOf(group, lead) ||
      this.#aboveOf(lead)
    );
  }

  /** On spans of no AI that the same request led to; where a request holds many exchanges they belong to none of them. */
  #besidesOf({ entrySpanId, entryDecides }: Group, { span }: Node): string {
    if (!entryDecides) return '';
    this.#besides ??= firstOfEntries(this.#tree.nodes);
    return this.#besides.get(keyOf(span.service, entrySpanId)) ?? '';
  }

  /** On what lies above, nearest first, also in other services. */
  #aboveOf(node: Node): string {
    const walked = new Set([node]);
    let found = '';
    for (let at = this.#parentOf(node); at !== undefined && !walked.has(at); at = this.#parentOf(at)) {
      found = at.span.interactionRef || (this.#above.get(at) ?? '');
      if (found !== '' || this.#above.has(at)) break;
      walked.add(at);
    }
    for (const one of walked) this.#above.set(one, found);
    return found;
  }

  #parentOf({ span }: Node): Node | undefined {
    return span.parentSpanId === NO_SPAN ? undefined : this.#tree.byId.get(span.parentSpanId);
  }
}

function firstOf(nodes: readonly Node[]): string {
  for (const { span } of nodes) if (span.interactionRef !== '') return span.interactionRef;
  return '';
}

/** Of the spans of no AI below each entry the first that has one. */
function firstOfEntries(nodes: readonly Node[]): Map<string, string> {
  const first = new Map<string, string>();
  for (const node of nodes) {
    const { service, interactionRef } = node.span;
    if (interactionRef === '' || isAi(node)) continue;
    const key = keyOf(service, node.entrySpanId);
    if (!first.has(key)) first.set(key, interactionRef);
  }
  return first;
}

const keyOf = (service: Code, entry: SpanId): string => `${service} ${entry}`;
