import { NO_SPAN, type SpanId } from '../model/ids.ts';
import type { Span } from '../model/span.ts';
import { NANOS_PER_TENTH, type Tenths } from '../model/time.ts';

/** Token counts that are summed over an interaction; null is "not sent". */
export type TokenTotals = Pick<Span, 'inputTokens' | 'outputTokens' | 'cachedInputTokens' | 'reasoningTokens'>;

/** A span of a trace with its place among the others. */
export interface Node {
  readonly span: Span;
  /** Nanoseconds since the trace's base; differences are exact. */
  readonly start: number;
  readonly end: number;
  /** The parent, when it is known and of the same service. */
  parent: Node | null;
  /** Nothing lies above: no parent is named, it is of another service, or the names run in a circle that is cut here. */
  isTop: boolean;
  /** The nearest AI span above, through spans of no AI, in the same service. */
  aiParent: Node | null;
  /** The uppermost AI span above, or the span itself; null for a twin that is not counted. */
  head: Node | null;
  /**
   * The span through which work entered the service: the first one upward that is a server's or a consumer's, or has no
   * parent here. A parent that is named but not known (not yet, or never) is the entry itself, so that siblings below it
   * are together before and after it comes.
   */
  entrySpanId: SpanId;
  /** The AI spans that have this one as `aiParent`. */
  readonly children: Node[];
  /** The span that describes the same call at more length: this one is not counted. */
  twin: Node | null;
  /** There is a span of the same kind inside that is the call itself. */
  isWrapper: boolean;
  /** What is known of the call: the span's own fields, completed from a twin or a wrapper. */
  facts: Span;
  /** Its own tokens or those of all below it, whichever is more. */
  total: TokenTotals;
  /** Which walk upward came here; 0: none yet. */
  walk: number;
}

export interface TraceTree {
  /** Every span once, by start, then id. */
  readonly nodes: readonly Node[];
  readonly byId: ReadonlyMap<SpanId, Node>;
  /** Second copies of a span that was there already. */
  readonly duplicates: number;
  /** Some span has the application's own id of its interaction: most traces hold none. */
  readonly hasOwnIds: boolean;
}

export const isAi = (node: Node): boolean => node.span.kind !== 'none';

/** By start, then id: the order in which members of an interaction are asked for what the lead does not know. */
export const byStart = (a: Node, b: Node): number =>
  a.start - b.start || (a.span.spanId < b.span.spanId ? -1 : a.span.spanId > b.span.spanId ? 1 : 0);

/** Whether `a` ended after `b`; of two that ended together the one that began later, then the lower id. */
export function endedAfter(a: Node, b: Node): boolean {
  if (a.end !== b.end) return a.end > b.end;
  if (a.start !== b.start) return a.start > b.start;
  return a.span.spanId < b.span.spanId;
}

/** Links the spans of one trace; of a span that is there twice the first one counts. */
export function growTree(spans: readonly Span[]): TraceTree {
  const base = baseOf(spans);
  const byId = new Map<SpanId, Node>();
  const nodes: Node[] = [];
  let hasOwnIds = false;
  for (const span of spans) {
    if (byId.has(span.spanId)) continue;
    const node = nodeOf(span, base);
    byId.set(span.spanId, node);
    nodes.push(node);
    if (span.interactionRef !== '') hasOwnIds = true;
  }
  nodes.sort(byStart);
  for (const node of nodes) linkParent(node, byId);
  cutCircles(nodes);
  lookUp(nodes);
  return { nodes, byId, duplicates: spans.length - nodes.length, hasOwnIds };
}

/** The earliest end, so that nanoseconds since then are exact, whatever the order of the spans. */
function baseOf(spans: readonly Span[]): Tenths {
  let base = Number.POSITIVE_INFINITY;
  for (const span of spans) if (span.endTenths < base) base = span.endTenths;
  return base;
}

function nodeOf(span: Span, base: Tenths): Node {
  const end = (span.endTenths - base) * NANOS_PER_TENTH + span.endNanos;
  return {
    span,
    start: end - span.durationNanos,
    end,
    parent: null,
    isTop: false,
    aiParent: null,
    head: null,
    entrySpanId: span.spanId,
    children: [],
    twin: null,
    isWrapper: false,
    facts: span,
    total: span,
    walk: 0,
  };
}

function linkParent(node: Node, byId: ReadonlyMap<SpanId, Node>): void {
  const { parentSpanId, service } = node.span;
  if (parentSpanId === NO_SPAN) {
    node.isTop = true;
    return;
  }
  const parent = byId.get(parentSpanId);
  if (parent === undefined) return;
  if (parent.span.service === service) node.parent = parent;
  else node.isTop = true;
}

/** Parents that run in a circle (only broken senders name them so) are cut at the span with the lowest id. */
function cutCircles(nodes: readonly Node[]): void {
  let walk = 0;
  for (const first of nodes) {
    walk++;
    let at: Node | null = first;
    while (at !== null && at.walk === 0) {
      at.walk = walk;
      at = at.parent;
    }
    if (at !== null && at.walk === walk) cutCircle(at);
  }
}

function cutCircle(member: Node): void {
  let lowest = member;
  for (let at = member.parent!; at !== member; at = at.parent!) if (at.span.spanId < lowest.span.spanId) lowest = at;
  lowest.parent = null;
  lowest.isTop = true;
}

const LOOKED_UP = -1;

/** Finds what lies above each span, from above downward: a chain of any length is walked once. */
function lookUp(nodes: readonly Node[]): void {
  const path: Node[] = [];
  for (const node of nodes) {
    for (let at: Node | null = node; at !== null && at.walk !== LOOKED_UP; at = at.parent) {
      at.walk = LOOKED_UP;
      path.push(at);
    }
    for (let at = path.pop(); at !== undefined; at = path.pop()) lookAbove(at);
  }
}

function lookAbove(node: Node): void {
  const { span, parent, isTop } = node;
  if (parent !== null) node.aiParent = isAi(parent) ? parent : parent.aiParent;
  const enters = isTop || span.spanKind === 'server' || span.spanKind === 'consumer' || span.parentIsRemote;
  if (!enters) node.entrySpanId = parent === null ? span.parentSpanId : parent.entrySpanId;
}

/** Whether `above` is `node` or an AI span above it. */
export function isAtOrAbove(above: Node, node: Node): boolean {
  for (let at: Node | null = node; at !== null; at = at.aiParent) if (at === above) return true;
  return false;
}
