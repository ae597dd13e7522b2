import { ABSENT } from '../model/dictionary.ts';
import { NO_SPAN, type SpanId } from '../model/ids.ts';
import type { Interaction } from '../model/interaction.ts';
import type { Span } from '../model/span.ts';
import { isEntrySpan } from './describe.ts';

const FAILED_STATUS = 500;

/** Spans without which a trace has neither a failed request nor a route of such: most have none. */
export const concernsEntries = (span: Span): boolean => span.hidesFailures || (span.isError && isEntrySpan(span));

/** A request or message that failed, by its own span: a client's mistake (4xx) is not one. */
const hasFailed = (span: Span): boolean =>
  span.isError &&
  isEntrySpan(span) &&
  span.name !== ABSENT &&
  !(span.httpStatus > 0 && span.httpStatus < FAILED_STATUS);

/**
 * Requests of a trace that failed and led to no interaction that is known: what is left of one whose AI spans are never
 * sent. Of requests inside another one of the same service the outermost counts.
 *
 * @param spans         all that is known of one trace
 * @param interactions  those that were found in it
 */
export function failedEntries(
  spans: readonly Span[],
  interactions: readonly Pick<Interaction, 'service' | 'entrySpanId'>[],
): Span[] {
  const failed = spans.filter(hasFailed);
  if (failed.length === 0) return failed;
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const answered = new Set<SpanId>();
  for (const { service, entrySpanId } of interactions)
    for (const above of upward(byId, entrySpanId, service, answered)) answered.add(above.spanId);
  const isInside = insideAnother(byId);
  return failed.filter((span) => !answered.has(span.spanId) && !isInside(span));
}

/** Says whether a span lies below a request of its service. What was walked through is remembered: below it there may be many. */
function insideAnother(byId: ReadonlyMap<SpanId, Span>): (span: Span) => boolean {
  const hasRequest = new Map<SpanId, boolean>();
  return ({ parentSpanId, service }) => {
    const walked: SpanId[] = [];
    let found = false;
    for (const above of upward(byId, parentSpanId, service)) {
      const known = isEntrySpan(above) ? true : hasRequest.get(above.spanId);
      found = known === true;
      if (known !== undefined) break;
      walked.push(above.spanId);
    }
    for (const id of walked) hasRequest.set(id, found);
    return found;
  };
}

/**
 * A span and what lies above it in its service; parents that run in a circle are walked once.
 * @param walked  spans that need not be walked again, nor what lies above them; grows by those that are
 */
function* upward(
  byId: ReadonlyMap<SpanId, Span>,
  from: SpanId,
  service: number,
  walked = new Set<SpanId>(),
): Generator<Span> {
  for (let at = from; at !== NO_SPAN && !walked.has(at); ) {
    const span = byId.get(at);
    if (span === undefined || span.service !== service) return;
    walked.add(at);
    yield span;
    at = span.parentSpanId;
  }
}

/** A route of a service. */
export type Route = Pick<Span, 'service' | 'name'>;

/**
 * Routes of the requests below which there is a span whose library sends no failed call. More spans only add routes, so that
 * what came first does not matter.
 */
export function blindRoutes(spans: readonly Span[]): Route[] {
  const blind = spans.filter((span) => span.hidesFailures);
  if (blind.length === 0) return [];
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const walked = new Set<SpanId>();
  return blind.flatMap((span) => {
    const entry = entryAbove(byId, span, walked);
    return entry === null || entry.name === ABSENT ? [] : [entry];
  });
}

/** Null also when it was found before, from a span on the way. */
function entryAbove(byId: ReadonlyMap<SpanId, Span>, span: Span, walked: Set<SpanId>): Span | null {
  for (const above of upward(byId, span.spanId, span.service, walked)) {
    if (isEntrySpan(above)) return above;
    if (above.parentIsRemote) return null;
  }
  return null;
}
