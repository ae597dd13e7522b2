import type { Code } from '../../model/dictionary.ts';
import type { TraceId } from '../../model/ids.ts';
import type { Interaction } from '../../model/interaction.ts';
import type { Span } from '../../model/span.ts';
import { type Millis, minuteOf, type Tenths } from '../../model/time.ts';
import { hashId, type IdHash, namesOf, OF_CONVERSATION, OF_INTERACTION, OF_RESPONSE, OF_TRACE } from '../id-hash.ts';
import type { WriteItem } from '../items.ts';
import { isExplained, REGROUP_TENTHS, regroup } from '../regroup.ts';
import { type FreshSpan, withoutKnown } from '../sqlite/fresh-spans.ts';
import { Incoming } from '../sqlite/incoming.ts';
import type { StoredSpan } from '../sqlite/parts.ts';
import type { TraceChange } from '../sqlite/trace-change.ts';
import type { Placed, TraceStore } from '../trace-store.ts';
import type { Locks } from './locks.ts';
import type { SpanRows } from './span-rows.ts';
import type { SpanWriter } from './span-writer.ts';

/** Traces with more spans than this are regrouped no more: later spans of theirs are judged among themselves. */
const REGROUP_MAX_SPANS = 5_000;
/** One that is so long is taken to be for so much of event time more: to see it again all of its spans are read. */
const LONG_TENTHS = 6_000;
const LONG_MAX = 1_000;
/** So many known spans are read at once, before it is looked which traces are long. */
const KNOWN_MAX_ROWS = 100_000;

/** The new spans of one trace, as they came. */
export interface IncomingTrace {
  readonly hash: IdHash;
  readonly traceId: TraceId;
  readonly came: readonly FreshSpan[];
  readonly first: Tenths;
  readonly last: Tenths;
}

/** What is stored of a trace: of a long one nothing but the copies of what came. */
interface Known {
  readonly spans: readonly StoredSpan[];
  readonly isLong: boolean;
}
const NOTHING: readonly StoredSpan[] = [];
const NEW_TRACE: Known = { spans: NOTHING, isLong: false };

/** What became of the spans of a group. */
export interface Taken {
  /** How many spans of each item were new, and how many known already. */
  readonly stored: readonly number[];
  readonly duplicates: readonly number[];
  readonly kept: readonly TraceChange[];
}

/** The spans of a group by trace. */
export function tracesIn(items: readonly WriteItem[]): IncomingTrace[] {
  const incoming = new Incoming();
  for (const [i, item] of items.entries()) if (item.type === 'spans') incoming.add(i, item.records);
  return Array.from({ length: incoming.traces }, (_, trace) => {
    const hash = incoming.hashOf(trace);
    const came = incoming.spansOf(trace);
    let [first, last] = [came[0]!.span.endTenths, came[0]!.span.endTenths];
    for (const { span } of came) {
      first = Math.min(first, span.endTenths);
      last = Math.max(last, span.endTenths);
    }
    return { hash, traceId: came[0]!.span.traceId, came, first, last };
  });
}

/** Traces: found in the store, judged whole under their locks, written row by row. Nothing is remembered between transactions. */
export class PgTraces implements TraceStore {
  readonly parts: SpanRows;
  /** Batches of traces that had become too long to be judged as a whole. */
  longTraces = 0;
  /** Until when, by their ends, spans of a trace are those of a long one. A cache. */
  readonly #longUntil = new Map<TraceId, Tenths>();
  readonly #locks: Locks;

  constructor(parts: SpanRows, locks: Locks) {
    this.parts = parts;
    this.#locks = locks;
  }

  /** What is stored of these traces, in few questions. */
  known(traces: readonly IncomingTrace[]): Map<TraceId, Known> {
    const found = new Map<TraceId, Known>();
    for (const near of nearInTime(traces)) this.#knownOf(near, found);
    return found;
  }

  #knownOf(traces: readonly IncomingTrace[], into: Map<TraceId, Known>): void {
    const from = Math.min(...traces.map(({ first }) => first)) - REGROUP_TENTHS;
    const to = Math.max(...traces.map(({ last }) => last)) + REGROUP_TENTHS;
    const hashes = traces.filter((trace) => !this.#isKnownLong(trace)).map(({ hash }) => hash);
    let rows = this.parts.byHash(hashes, from, to, KNOWN_MAX_ROWS);
    const long = new Set<IdHash>();
    if (rows.length > KNOWN_MAX_ROWS) {
      for (const [hash, n] of this.parts.countByHash(hashes, from, to)) if (n > REGROUP_MAX_SPANS) long.add(hash);
      rows = this.parts.byHash(
        hashes.filter((hash) => !long.has(hash)),
        from,
        to,
        Number.MAX_SAFE_INTEGER - 1,
      );
    }
    const byTrace = Map.groupBy(rows, ({ span }) => span.traceId);
    for (const trace of traces) {
      const spans = byTrace.get(trace.traceId) ?? NOTHING;
      const isSeen = long.has(trace.hash) || spans.length > REGROUP_MAX_SPANS;
      if (isSeen) this.#noteLong(trace);
      if (isSeen || this.#isKnownLong(trace)) into.set(trace.traceId, { spans: this.#copies(trace), isLong: true });
      else if (spans.length > 0) into.set(trace.traceId, { spans, isLong: false });
    }
  }

  #noteLong({ traceId, last }: IncomingTrace): void {
    if (this.#longUntil.size >= LONG_MAX) this.#longUntil.clear();
    this.#longUntil.set(traceId, last + LONG_TENTHS);
  }

  #isKnownLong({ traceId, first, last }: IncomingTrace): boolean {
    const until = this.#longUntil.get(traceId);
    return until !== undefined && last <= until && first >= until - 2 * LONG_TENTHS;
  }

  /** Those of the spans that came which are stored already. */
  #copies({ hash, traceId, came }: IncomingTrace): readonly StoredSpan[] {
    return this.parts.copies(
      came.map(({ span }) => ({ hash, traceId, spanId: span.spanId, endTenths: span.endTenths })),
    );
  }

  /**
   * Judges each trace that has new spans, and hands them to be written; what is stored already, or came twice, is a duplicate:
   * the first one counts. @param onChange  told of each change; answers whether it is to be kept
   */
  take(
    traces: readonly IncomingTrace[],
    known: ReadonlyMap<TraceId, Known>,
    items: number,
    exchangeOf: (service: Code) => 'entry' | 'head',
    now: Millis,
    out: SpanWriter,
    onChange: (change: TraceChange) => boolean,
  ): Taken {
    const stored = new Array<number>(items).fill(0);
    const duplicates = new Array<number>(items).fill(0);
    const kept: TraceChange[] = [];
    const minute = minuteOf(now);
    for (const { hash, traceId, came } of traces) {
      const before = known.get(traceId) ?? NEW_TRACE;
      const fresh = withoutKnown(came, before.spans, duplicates);
      if (fresh.length === 0) continue;
      for (const { item } of fresh) stored[item]!++;
      if (before.isLong) this.longTraces++;
      const judged = before.isLong || !isExplained(before.spans, exchangeOf) ? NOTHING : before.spans;
      const freshSpans = fresh.map((one) => one.span);
      const result = regroup(judged, freshSpans, exchangeOf);
      for (const [i, one] of fresh.entries()) out.add(hash, one, result.fresh[i]!, minute);
      for (const one of result.changed) out.judgeAnew(hash, one.span, one.before, one.after);
      const freshParts = freshSpans.map(({ endTenths }) => endTenths);
      const change: TraceChange = { traceId, known: judged, freshSpans, freshParts, result };
      // A name that an interaction has got from what was known is one that nobody has locked.
      if (judged.length > 0)
        for (const one of result.interactions) for (const name of namesOf(one)) this.#locks.require(name);
      if (onChange(change)) kept.push(change);
    }
    return { stored, duplicates, kept };
  }

  stored(traceId: TraceId): StoredSpan[] {
    this.#locks.require(hashId(traceId, OF_TRACE));
    return this.parts.stored(traceId);
  }

  /** Where a trace lies. */
  places(traceId: TraceId): Tenths[] {
    return [...new Set(this.parts.stored(traceId).map(({ part }) => part))];
  }

  spanOfResponse(response: string): Span | null {
    for (const { traceId, end } of this.parts.pointed(hashId(response, OF_RESPONSE)))
      for (const { span } of this.parts.at(end, traceId)) if (span.responseRef === response) return span;
    return null;
  }

  interactionsOfConversation(conversation: string): Placed[] {
    return this.#interactionsOf(hashId(conversation, OF_CONVERSATION), (one) => one.conversationId === conversation);
  }

  interactionsOfOwnId(interactionRef: string): Placed[] {
    return this.#interactionsOf(hashId(interactionRef, OF_INTERACTION), (one) => one.interactionRef === interactionRef);
  }

  #interactionsOf(name: IdHash, isWanted: (interaction: Interaction) => boolean): Placed[] {
    const found = new Map<string, Placed>();
    for (const { traceId, end } of this.parts.pointed(name))
      for (const { part, judged } of this.parts.at(end, traceId))
        if (judged.interaction !== null && isWanted(judged.interaction))
          found.set(traceId + judged.interaction.anchorSpanId, { part, interaction: judged.interaction });
    return [...found.values()];
  }
}

/** Traces in bundles that lie together in time: of the time between two bundles nothing need be read. */
function nearInTime(traces: readonly IncomingTrace[]): IncomingTrace[][] {
  const bundles: IncomingTrace[][] = [];
  let until = Number.NEGATIVE_INFINITY;
  for (const trace of [...traces].sort((a, b) => a.first - b.first)) {
    if (trace.first - 2 * REGROUP_TENTHS > until) bundles.push([]);
    bundles.at(-1)!.push(trace);
    until = Math.max(until, trace.last);
  }
  return bundles;
}
