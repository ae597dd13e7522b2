import type { Exchange } from '../interactions/group.ts';
import { judgeTrace } from '../interactions/judge.ts';
import { ByteWriter } from '../model/bytes.ts';
import type { Code } from '../model/dictionary.ts';
import type { SpanId } from '../model/ids.ts';
import type { Call, Interaction } from '../model/interaction.ts';
import type { Span } from '../model/span.ts';
import { type Judged, NOT_JUDGED, writeJudged } from './judged.ts';
import type { StoredSpan } from './sqlite/parts.ts';

/** How long after their end spans may still be regrouped with later ones of their trace. */
export const REGROUP_TENTHS = 2 * 36_000;

/** What new spans of a trace change: a pure function of the spans known before and the new ones. */
export interface Regrouping {
  /** For each new span, in their order: what it was judged to be. */
  readonly fresh: readonly Judged[];
  /** Stored rows that are judged otherwise now. */
  readonly changed: readonly {
    readonly span: Span;
    readonly before: Judged;
    readonly after: Judged;
    readonly commitDelay: number;
  }[];
  /** Interactions of the trace as they are now, and the lead of each member span. */
  readonly interactions: readonly Interaction[];
  readonly leadOf: ReadonlyMap<SpanId, SpanId>;
}

/** @param known  all stored spans of the trace, links too, none twice; @param fresh  new ones, none of them known */
export function regroup(
  known: readonly StoredSpan[],
  fresh: readonly Span[],
  exchangeOf: (service: Code) => Exchange,
): Regrouping {
  const spans = known.length === 0 ? fresh : [...known.map((stored) => stored.span), ...fresh];
  const judgement = judgeTrace(spans, exchangeOf);
  const { interactions, calls, leadOf } = judgement;
  const at =
    spans.length <= FEW ? judgement : { interactions: bySpan(interactions, anchorOf), calls: bySpan(calls, spanOf) };
  const changed = [];
  for (const stored of known) {
    if (stored.span.kind === 'none') continue;
    const after = judgedOf(stored.span, leadOf, at);
    if (!sameJudged(stored.span, stored.judged, after))
      changed.push({ span: stored.span, before: stored.judged, after, commitDelay: stored.commitDelay });
  }
  const judged: Judged[] = [];
  for (const span of fresh) judged.push(judgedOf(span, leadOf, at));
  return { fresh: judged, changed, interactions, leadOf };
}

/** So many are looked through faster than a map is made. */
const FEW = 8;

/** What lies beside spans: a list of few, or by the spans. */
type Beside<T> = readonly T[] | ReadonlyMap<SpanId, T>;

const anchorOf = (interaction: Interaction): SpanId => interaction.anchorSpanId;
const spanOf = (call: Call): SpanId => call.spanId;

function judgedOf(
  { kind, spanId }: Span,
  leadOf: ReadonlyMap<SpanId, SpanId>,
  { interactions, calls }: { readonly interactions: Beside<Interaction>; readonly calls: Beside<Call> },
): Judged {
  if (kind === 'none') return NOT_JUDGED;
  return {
    lead: leadOf.get(spanId) ?? null,
    interaction: find(interactions, spanId, anchorOf),
    call: find(calls, spanId, spanOf),
  };
}

function find<T>(among: Beside<T>, spanId: SpanId, idOf: (one: T) => SpanId): T | null {
  if (among instanceof Map) return among.get(spanId) ?? null;
  for (const one of among as readonly T[]) if (idOf(one) === spanId) return one;
  return null;
}

const bySpan = <T>(list: readonly T[], idOf: (one: T) => SpanId): ReadonlyMap<SpanId, T> =>
  new Map(list.map((one) => [idOf(one), one]));

/**
 * Whether what is stored of a trace explains what it was judged to be. Some of it may be out of reach (its links dropped, its
 * other end long past): judged again without that, it would come apart. A service may have had the other exchange by then.
 */
export function isExplained(known: readonly StoredSpan[], exchangeOf: (service: Code) => Exchange): boolean {
  if (known.length === 0 || regroup(known, [], exchangeOf).changed.length === 0) return true;
  const servicesOf = (exchange: Exchange): Code[] =>
    regroup(known, [], () => exchange).changed.map(({ span }) => span.service);
  const byHead = new Set(servicesOf('head'));
  return !servicesOf('entry').some((service) => byHead.has(service));
}

/** Whether all interactions that stored spans are of are among them, and all heads of these: the least that has to be there. */
export function holdsInteractions(known: readonly StoredSpan[]): boolean {
  const { interactions, leadOf } = storedInteractions(known);
  const leads = new Set(interactions.map(({ spanId }) => spanId));
  const ids = new Set(known.map(({ span }) => span.spanId));
  return (
    leadOf.values().every((lead) => leads.has(lead)) &&
    interactions.every(({ headSpanIds }) => headSpanIds.every((id) => ids.has(id)))
  );
}

/** The interactions of a trace as its stored rows have them. */
export function storedInteractions(known: readonly StoredSpan[]): {
  interactions: Interaction[];
  leadOf: Map<SpanId, SpanId>;
} {
  const interactions = [];
  const leadOf = new Map<SpanId, SpanId>();
  for (const { span, judged } of known) {
    if (judged.interaction !== null) interactions.push(judged.interaction);
    if (judged.lead !== null) leadOf.set(span.spanId, judged.lead);
  }
  return { interactions, leadOf };
}

const scratch = [new ByteWriter(256), new ByteWriter(256)] as const;

function sameJudged(span: Span, a: Judged, b: Judged): boolean {
  const [left, right] = scratch;
  left.at = 0;
  right.at = 0;
  writeJudged(left, span, a);
  writeJudged(right, span, b);
  return left.written.equals(right.written);
}
