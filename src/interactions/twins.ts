import { ABSENT } from '../model/dictionary.ts';
import type { SpanId } from '../model/ids.ts';
import { isEntrySpan } from './describe.ts';
import { isAi, isAtOrAbove, type Node, type TraceTree } from './tree.ts';

/** How far a twin may reach beyond the longer span: clocks of instrumentations are read a moment apart. */
const SLACK_NANOS = 2_000_000;
/** A span is held against so many that began behind it: more are hardly under way at once, and all of a large trace take too long. */
const COMPARED_MAX = 1_000;

/**
 * Two instrumentations may see one physical call without one being inside the other. The shorter
 * of such twins is ignored: it lends its response model, and its children move below the longer one. One match a span, earliest first.
 */
export function matchTwins({ nodes, byId }: TraceTree): void {
  const candidates = nodes.filter((node) => node.span.kind === 'model' || node.span.kind === 'embedding');
  const scope = candidates[0]?.span.scope;
  if (candidates.every((node) => node.span.scope === scope)) return;
  const ranges = rangesOf(nodes);
  const matched = new Set<Node>();
  for (const [i, first] of candidates.entries()) {
    const end = Math.min(candidates.length, i + 1 + COMPARED_MAX);
    for (let j = i + 1; j < end && !matched.has(first); j++) {
      const second = candidates[j]!;
      if (second.start > first.end + SLACK_NANOS) break;
      if (matched.has(second) || !areTwins(first, second, ranges, byId)) continue;
      matched.add(first).add(second);
      pair(first, second);
    }
  }
  for (const node of nodes)
    while (isAi(node) && node.aiParent?.twin) moveBelow(node, node.aiParent, node.aiParent.twin);
}

function areTwins(
  first: Node,
  second: Node,
  ranges: ReadonlyMap<Node, Range>,
  byId: ReadonlyMap<SpanId, Node>,
): boolean {
  const a = first.span;
  const b = second.span;
  return (
    a.kind === b.kind &&
    a.scope !== b.scope &&
    a.service === b.service &&
    agree(a.inputTokens, b.inputTokens) &&
    agree(a.outputTokens, b.outputTokens) &&
    isInside(first, second) &&
    !areOfTwoRequests(first, second, byId) &&
    areApart(ranges.get(first)!, ranges.get(second)!)
  );
}

/** Each came in with a request, or a message, of its own. */
function areOfTwoRequests(first: Node, second: Node, byId: ReadonlyMap<SpanId, Node>): boolean {
  if (first.entrySpanId === second.entrySpanId) return false;
  return [first, second].every(({ entrySpanId }) => {
    const entry = byId.get(entrySpanId);
    return entry !== undefined && isEntrySpan(entry.span);
  });
}

/** When a walk through the tree enters and leaves a span: what it does in between lies below. */
interface Range {
  readonly enter: number;
  leave: number;
}

/** Neither lies below the other. */
const areApart = (a: Range, b: Range): boolean => a.leave < b.enter || b.leave < a.enter;

function rangesOf(nodes: readonly Node[]): ReadonlyMap<Node, Range> {
  const below = Map.groupBy(nodes.filter(isAi), (node) => node.aiParent);
  const ranges = new Map<Node, Range>();
  const stack = [...(below.get(null) ?? [])];
  for (let time = 0; stack.length > 0; time++) {
    const node = stack.at(-1)!;
    const range = ranges.get(node);
    if (range === undefined) {
      ranges.set(node, { enter: time, leave: time });
      for (const child of below.get(node) ?? []) stack.push(child);
    } else {
      range.leave = time;
      stack.pop();
    }
  }
  return ranges;
}

const agree = (a: number | null, b: number | null): boolean => a === null || b === null || a === b;

/** The longer of two, then the shorter; of equals the one that began earlier is the longer. */
const byLength = (first: Node, second: Node): readonly [Node, Node] =>
  first.span.durationNanos >= second.span.durationNanos ? [first, second] : [second, first];

function isInside(first: Node, second: Node): boolean {
  const [longer, shorter] = byLength(first, second);
  return shorter.start >= longer.start - SLACK_NANOS && shorter.end <= longer.end + SLACK_NANOS;
}

function pair(first: Node, second: Node): void {
  const [longer, shorter] = byLength(first, second);
  shorter.twin = longer;
  if (longer.facts.responseModel === ABSENT && shorter.facts.responseModel !== ABSENT)
    longer.facts = { ...longer.facts, responseModel: shorter.facts.responseModel };
}

/** What lay below an ignored twin lies below the longer one, unless that would make a circle. */
function moveBelow(child: Node, twin: Node, longer: Node): void {
  child.aiParent = isAtOrAbove(child, longer) ? twin.aiParent : longer;
}
