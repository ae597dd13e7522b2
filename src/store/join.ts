import type { SpanId, TraceId } from '../model/ids.ts';
import type { Interaction } from '../model/interaction.ts';
import type { Span } from '../model/span.ts';
import type { RatingTarget } from './rating.ts';

/** What is known of one trace. */
export interface TraceView {
  readonly traceId: TraceId;
  readonly interactions: readonly Interaction[];
  /** From each member span to the lead of its interaction. */
  readonly leadOf: ReadonlyMap<SpanId, SpanId>;
  readonly spans: readonly Span[];
}

type ServiceNameOf = (interaction: Interaction) => string;

/**
 * The interaction of a trace that a rating is about; `null` when it is none of these. First hit wins: the span named is a
 * member; it lies above exactly one; the response named is a member's; the application's own id is that of one; the trace
 * is named. Where several are meant it is the outermost one, which is the one that started first. `service` narrows the choice.
 */
export const interactionOf = (target: RatingTarget, view: TraceView, nameOf: ServiceNameOf): Interaction | null =>
  namedWithin(target, view, nameOf) ?? namedByTrace(target, view, nameOf);

/** The one that a name other than the trace's leads to. */
export function namedWithin(target: RatingTarget, view: TraceView, nameOf: ServiceNameOf): Interaction | null {
  const eligible = eligibleIn(target, view, nameOf);
  const { trace, span, response, interaction } = target;
  return (
    (trace === view.traceId && span !== '' ? ofSpan(span, eligible, view) : null) ??
    (response === '' ? null : ofResponse(response, eligible, view)) ??
    (interaction === '' ? null : outermost(eligible.filter((one) => one.interactionRef === interaction)))
  );
}

export const namedByTrace = (target: RatingTarget, view: TraceView, nameOf: ServiceNameOf): Interaction | null =>
  target.trace === view.traceId ? outermost(eligibleIn(target, view, nameOf)) : null;

const eligibleIn = (
  { service }: RatingTarget,
  { interactions }: TraceView,
  nameOf: ServiceNameOf,
): readonly Interaction[] => (service === '' ? interactions : interactions.filter((one) => nameOf(one) === service));

function ofSpan(span: SpanId, eligible: readonly Interaction[], { leadOf, spans }: TraceView): Interaction | null {
  const lead = leadOf.get(span);
  const member = eligible.find((one) => one.spanId === lead);
  if (member !== undefined) return member;
  const parentOf = new Map(spans.map(({ spanId, parentSpanId }) => [spanId, parentSpanId]));
  const below = eligible.filter((one) => one.entrySpanId === span || isAbove(span, one.spanId, parentOf));
  return below.length === 1 ? below[0]! : null;
}

function isAbove(above: SpanId, span: SpanId, parentOf: ReadonlyMap<SpanId, SpanId>): boolean {
  let at = parentOf.get(span);
  for (let steps = parentOf.size; at !== undefined && steps > 0; steps--) {
    if (at === above) return true;
    at = parentOf.get(at);
  }
  return false;
}

/** A response of a span that is nobody's member still names the trace. */
function ofResponse(response: string, eligible: readonly Interaction[], view: TraceView): Interaction | null {
  const span = view.spans.find(({ responseRef }) => responseRef === response);
  return span === undefined ? null : (ofSpan(span.spanId, eligible, view) ?? outermost(eligible));
}

/** The one that started first; of two that started together the one with the lower id. */
export function outermost(interactions: readonly Interaction[]): Interaction | null {
  let first: Interaction | null = null;
  for (const one of interactions) if (first === null || startsBefore(one, first)) first = one;
  return first;
}

const NANOS_PER_TENTH = 1e8;

function startsBefore(a: Interaction, b: Interaction): boolean {
  const difference =
    (a.endTenths - b.endTenths) * NANOS_PER_TENTH + a.endNanos - b.endNanos - a.durationNanos + b.durationNanos;
  return difference < 0 || (difference === 0 && a.spanId < b.spanId);
}
