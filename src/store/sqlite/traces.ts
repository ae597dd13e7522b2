import type { Code } from '../../model/dictionary.ts';
import type { SpanId, TraceId } from '../../model/ids.ts';
import type { Interaction } from '../../model/interaction.ts';
import type { Span } from '../../model/span.ts';
import {
  type Millis,
  type Minute,
  minuteOf,
  minuteOfTenths,
  TENTHS_PER_MINUTE,
  TENTHS_PER_SECOND,
  type Tenths,
} from '../../model/time.ts';
import { hashId, namesOf, OF_CONVERSATION, OF_INTERACTION, OF_RESPONSE, OF_TRACE } from '../id-hash.ts';
import type { WriteItem } from '../items.ts';
import { holdsInteractions, isExplained, REGROUP_TENTHS, type Regrouping, regroup } from '../regroup.ts';
import type { SqlDatabase } from '../sql.ts';
import type { Placed, TraceStore } from '../trace-store.ts';
import { type FreshSpan, withoutKnown } from './fresh-spans.ts';
import type { Hash } from './hash-table.ts';
import { Incoming } from './incoming.ts';
import type { DroppedSeconds, Keeping } from './keeping.ts';
import { type PackedPart, PartWriter } from './part-writer.ts';
import { lastTenthOf, type PartId, PartTable, type Second, type StoredSpan, secondOf } from './parts.ts';
import { Pointers } from './pointers.ts';
import type { PackedChange, TraceChange } from './trace-change.ts';

/** More parts of links than this are dropped, oldest first. */
const LINKS_MAX = 500_000;
/** So many parts, and what is left of their second, are dropped in one go: some milliseconds. */
const PARTS_AT_ONCE = 10_000;

/** Traces with more spans than this are regrouped no more: later spans of theirs are judged among themselves. */
const REGROUP_MAX_SPANS = 5_000;
/** Nor are those in more parts than this. */
const REGROUP_MAX_PARTS = 2_000;

const REGROUP_MINUTES: Minute = REGROUP_TENTHS / TENTHS_PER_MINUTE;

/** What became of the spans of a group. */
export interface Taken {
  /** How many spans of each item were new, and how many known already. */
  readonly stored: readonly number[];
  readonly duplicates: readonly number[];
  readonly kept: readonly TraceChange[];
}

/** The stored spans by trace: found by pointers, judged whole, written part by part. */
export class Traces implements TraceStore {
  readonly parts: PartTable;
  readonly #db: SqlDatabase;
  readonly #incoming = new Incoming();
  readonly #out = new PartWriter();
  #pointers: Pointers;
  #nextPart: PartId = 1;
  #linkParts = 0;
  #linkPartsDropped = 0;
  /** Links that ended earlier may be gone. */
  #linksSince: Tenths = 0;
  #longTraces = 0;
  /** The first part that came in each of the last minutes: links that came late are kept as long as others. */
  #firstOf: { readonly minute: Minute; readonly part: PartId }[] = [];

  constructor(db: SqlDatabase) {
    this.#db = db;
    this.parts = new PartTable(db);
    this.#pointers = new Pointers(db);
  }

  get status(): { linkParts: number; linkPartsDropped: number; longTraces: number; pointersForgotten: number } {
    return {
      linkParts: this.#linkParts,
      linkPartsDropped: this.#linkPartsDropped,
      longTraces: this.#longTraces,
      pointersForgotten: this.#pointers.forgotten,
    };
  }

  /** Makes memory what the store says; what was not settled is pointed at again. Inside the caller's transaction. */
  load(now: Millis): void {
    this.parts.forget();
    this.#pointers = new Pointers(this.#db);
    this.#pointers.load(Math.floor(now / 100));
    // Numbers of dropped parts are not given again: what lies at or before `lastSettled` is not pointed at anew.
    this.#nextPart = Math.max(this.parts.lastId, this.#pointers.lastSettled) + 1;
    this.#firstOf = [];
    this.#linkParts = this.parts.count('links');
    this.#linksGone(secondOf(Math.floor(now / 100) - REGROUP_TENTHS));
    // Those that there was no room for are gone, too.
    this.#linksGone(this.parts.oldestSecond('links') ?? 0);
    const settled = this.#pointers.lastSettled;
    const renamed = new Set<TraceId>();
    for (const spans of this.parts.after(settled)) {
      this.#pointAt(spans);
      const { traceId } = spans[0]!.span;
      if (!renamed.has(traceId) && this.#nameOlder(traceId, settled)) renamed.add(traceId);
      if (this.#pointers.isFull) this.#pointers.settle();
    }
  }

  #pointAt(spans: readonly StoredSpan[]): void {
    const { part, span: first } = spans[0]!;
    this.#pointers.addTrace(hashId(first.traceId, OF_TRACE), part, lastTenthOf(secondOf(first.endTenths)));
    for (const { span, judged } of spans) {
      if (span.responseRef !== '') this.#pointers.addName(hashId(span.responseRef, OF_RESPONSE), part, span.endTenths);
      for (const hash of namesOf(judged.interaction)) this.#pointers.addName(hash, part, span.endTenths);
    }
  }

  /**
   * Interactions in older parts of a trace may have got new names from later ones: they are pointed at by these again.
   * @returns whether there are older parts
   */
  #nameOlder(traceId: TraceId, settled: PartId): boolean {
    const older = this.#pointers.findHeld(hashId(traceId, OF_TRACE)).filter((part) => part <= settled);
    for (const part of older)
      for (const { span, judged } of this.parts.ofTrace(part, traceId))
        for (const hash of namesOf(judged.interaction)) this.#pointers.addName(hash, part, span.endTenths);
    return older.length > 0;
  }

  /**
   * Judges each trace that has new spans, and stores them; what is stored already, or came twice, is a duplicate: the first
   * one counts. @param onChange  told of each change before it is written; answers whether it is to be kept
   */
  take(
    items: readonly WriteItem[],
    exchangeOf: (service: Code) => 'entry' | 'head',
    now: Millis,
    onChange: (change: PackedChange) => boolean,
  ): Taken {
    const incoming = this.#incoming;
    incoming.clear();
    for (const [i, item] of items.entries()) if (item.type === 'spans') incoming.add(i, item.records);
    const stored = new Array<number>(items.length).fill(0);
    const duplicates = new Array<number>(items.length).fill(0);
    const kept: PackedChange[] = [];
    const out = this.#out;
    out.clear();
    for (let trace = 0; trace < incoming.traces; trace++) {
      const hash = incoming.hashOf(trace);
      const came = incoming.spansOf(trace);
      const { stored: copies, regrouped } = this.#known(hash, came);
      const fresh = withoutKnown(came, copies, duplicates);
      if (fresh.length === 0) continue;
      for (const { item } of fresh) stored[item]!++;
      if (regrouped !== copies) this.#longTraces++;
      const known = isWhole(regrouped, exchangeOf, this.#linksSince) ? regrouped : NOTHING;
      const change = this.#judge(hash, known, fresh, exchangeOf, minuteOf(now), out);
      if (onChange(change)) kept.push(change);
    }
    // What came may be megabytes: it does not lie until the next group.
    incoming.clear();
    const minute = minuteOf(now);
    if (this.#firstOf.at(-1)?.minute !== minute) this.#firstOf.push({ minute, part: this.#nextPart });
    const idOf = this.#write(out);
    if (this.#pointers.isFull) this.#pointers.settle();
    return { stored, duplicates, kept: kept.map((change) => ({ ...change, freshParts: change.packed.map(idOf) })) };
  }

  #judge(
    hash: Hash,
    known: readonly StoredSpan[],
    fresh: readonly FreshSpan[],
    exchangeOf: (service: Code) => 'entry' | 'head',
    minute: Minute,
    out: PartWriter,
  ): PackedChange {
    const freshSpans = fresh.map((one) => one.span);
    const result = regroup(known, freshSpans, exchangeOf);
    const packed = fresh.map(({ span, bytes, body, end }, i) => {
      const part = out.add(hash, span, result.fresh[i]!, minute - minuteOfTenths(span.endTenths), bytes, body, end);
      if (span.responseRef !== '') out.name(hashId(span.responseRef, OF_RESPONSE));
      for (const name of namesOf(result.fresh[i]!.interaction)) out.name(name);
      return part;
    });
    if (result.changed.length > 0) this.#rewrite(known, result);
    return { traceId: freshSpans[0]!.traceId, known, freshSpans, packed, result };
  }

  /** Writes the parts anew in which a stored span is judged otherwise now. */
  #rewrite(known: readonly StoredSpan[], { changed }: Regrouping): void {
    const after = new Map(changed.map((one) => [one.span.spanId, one.after]));
    for (const { span, part } of known)
      for (const name of namesOf(after.get(span.spanId)?.interaction ?? null))
        this.#pointers.addName(name, part, span.endTenths);
    const touched = new Set(known.filter(({ span }) => after.has(span.spanId)).map(({ part }) => part));
    for (const part of touched)
      this.parts.update(
        known
          .filter((one) => one.part === part)
          .map((one) => ({ ...one, judged: after.get(one.span.spanId) ?? one.judged })),
      );
  }

  /** @returns the number of each packed part */
  #write(out: PartWriter): (packed: PackedPart) => PartId {
    const first = this.#nextPart;
    const { shelves, placeOf } = out.order();
    const packedAt = new Uint32Array(placeOf.length);
    for (let packed = 0; packed < placeOf.length; packed++) packedAt[placeOf[packed]!] = packed;
    this.parts.insert(first, shelves, (place) => out.dataOf(packedAt[place]!));
    this.#nextPart += placeOf.length;
    for (const { isLinks, parts } of shelves) if (isLinks) this.#linkParts += parts;
    const { traces, names } = out;
    for (let i = 0; i < traces.length; i++)
      this.#pointers.addTrace(traces.hashAt(i), first + placeOf[traces.partAt(i)]!, traces.endAt(i));
    for (let i = 0; i < names.length; i++)
      this.#pointers.addName(names.hashAt(i), first + placeOf[names.partAt(i)]!, names.endAt(i));
    return (packed) => first + placeOf[packed]!;
  }

  /** All stored rows of a trace, however old, as far as they belong together. */
  stored(traceId: TraceId): StoredSpan[] {
    const newest = this.#pointers.findTrace(hashId(traceId, OF_TRACE), 'newest');
    const stored = this.#load(traceId, newest);
    // Parts of another trace with the same hash may have been taken for it.
    return stored.length > 0 || newest.length === 0 ? stored : this.#load(traceId, this.places(traceId));
  }

  /** The parts in which a trace may be, however old. */
  places(traceId: TraceId): PartId[] {
    return this.#pointers.findTrace(hashId(traceId, OF_TRACE), 'all');
  }

  spanOfResponse(response: string): Span | null {
    for (const extent of ['newest', 'all'] as const)
      for (const part of this.#pointers.findName(hashId(response, OF_RESPONSE), extent))
        for (const { span } of this.parts.read(part)) if (span.responseRef === response) return span;
    return null;
  }

  interactionsOfConversation(conversation: string): Placed[] {
    return this.#interactionsOf(hashId(conversation, OF_CONVERSATION), (one) => one.conversationId === conversation);
  }

  /** Those with that own id: one, unless the application gives an id twice. */
  interactionsOfOwnId(interactionRef: string): Placed[] {
    return this.#interactionsOf(hashId(interactionRef, OF_INTERACTION), (one) => one.interactionRef === interactionRef);
  }

  #interactionsOf(name: Hash, isWanted: (interaction: Interaction) => boolean): Placed[] {
    const found: Placed[] = [];
    for (const part of this.#pointers.findName(name, 'all'))
      for (const { judged } of this.parts.read(part))
        if (judged.interaction !== null && isWanted(judged.interaction))
          found.push({ part, interaction: judged.interaction });
    return found;
  }

  /** Writes the pointers that came since the last time. */
  settle(): void {
    this.#pointers.settle();
  }

  /** Keeps the pointers in few runs. @returns whether something was done: then there may be more */
  merge(): boolean {
    return this.#pointers.merge();
  }

  /** Drops some of the links that regroup nothing any more, or for which there is no room. @returns as `merge` */
  dropLinks(now: Millis): boolean {
    const since = secondOf(Math.floor(now / 100) - REGROUP_TENTHS);
    this.#linksGone(since);
    const expired = this.parts.dropOldest(since, 'links', PARTS_AT_ONCE, null, this.#firstSince(minuteOf(now)));
    this.#linkParts -= expired;
    if (expired > 0) return true;
    if (this.#linkParts <= LINKS_MAX) return false;
    const crowded = this.parts.dropOldest(Number.MAX_SAFE_INTEGER, 'links', PARTS_AT_ONCE);
    this.#linkParts -= crowded;
    this.#linkPartsDropped += crowded;
    this.#linksGone(this.parts.oldestSecond('links') ?? 0);
    return crowded > 0;
  }

  /** The first part that came in the last two hours, as far as this process saw them come. */
  #firstSince(minute: Minute): PartId {
    while (this.#firstOf.length > 0 && this.#firstOf[0]!.minute <= minute - REGROUP_MINUTES) this.#firstOf.shift();
    return this.#firstOf[0]?.part ?? Number.MAX_SAFE_INTEGER;
  }

  #linksGone(before: Second): void {
    this.#linksSince = Math.max(this.#linksSince, before * TENTHS_PER_SECOND);
  }

  /** Of the AI spans that are stored; null: there are none. */
  get oldestMinute(): Minute | null {
    const second = this.parts.oldestSecond('spans');
    return second === null ? null : Math.floor(second / 60);
  }

  /** Drops some of the AI spans that ended before a minute, and what points at none that is left. */
  dropBefore(minute: Minute, keeping: Keeping | null = null): void {
    this.parts.dropOldest(minute * 60, 'spans', PARTS_AT_ONCE, keeping);
    this.#dropPointers(minute);
  }

  /** Drops what was kept longer than the rest and has been kept for its time. @returns of which seconds; null: nothing */
  dropKept(now: Millis): DroppedSeconds | null {
    const dropped = this.parts.dropKept(Math.floor(now / 1000));
    if (dropped !== null) this.#dropPointers(minuteOf(now));
    return dropped;
  }

  #dropPointers(minute: Minute): void {
    const kept = this.parts.oldestKeptSecond;
    const oldest = Math.min(this.oldestMinute ?? minute, kept === null ? minute : Math.floor(kept / 60));
    this.#pointers.dropBefore(oldest * TENTHS_PER_MINUTE);
  }

  /** What is stored of a trace, as far as copies may be among it, and what of that is regrouped: all or nothing. */
  #known(hash: Hash, came: readonly FreshSpan[]): Known {
    let earliest = came[0]!.span.endTenths;
    for (const { span } of came) if (span.endTenths < earliest) earliest = span.endTenths;
    const { traceId } = came[0]!.span;
    const places = this.#pointers.findRecent(hash, earliest, REGROUP_MAX_PARTS);
    if (places.length === 0) return NEW_TRACE;
    if (places.length <= REGROUP_MAX_PARTS) {
      const stored = this.#load(traceId, places, REGROUP_MAX_SPANS);
      if (stored.length <= REGROUP_MAX_SPANS) return { stored, regrouped: stored };
    }
    return { stored: this.#copies(hash, traceId, came), regrouped: NOTHING };
  }

  /** Those of these spans that are stored, in the seconds in which they ended; part by part, however many others there are. */
  #copies(hash: Hash, traceId: TraceId, came: readonly FreshSpan[]): StoredSpan[] {
    const ids = new Set(came.map(({ span }) => span.spanId));
    const seconds = new Set(came.map(({ span }) => secondOf(span.endTenths)));
    const places = new Set<PartId>();
    for (const second of seconds)
      for (const { first, last } of this.parts.rangesOf(second))
        for (const part of this.#pointers.findBetween(hash, second * TENTHS_PER_SECOND, first, last)) places.add(part);
    const found: StoredSpan[] = [];
    for (const part of places)
      for (const stored of this.parts.ofTrace(part, traceId)) if (ids.has(stored.span.spanId)) found.push(stored);
    return found;
  }

  /** One of each span id: the first that was stored. No more parts are read when there are more than `max`. */
  #load(traceId: TraceId, places: readonly PartId[], max = Number.POSITIVE_INFINITY): StoredSpan[] {
    const known = new Map<SpanId, StoredSpan>();
    for (const part of places) {
      if (known.size > max) break;
      for (const stored of this.parts.ofTrace(part, traceId))
        if (!known.has(stored.span.spanId)) known.set(stored.span.spanId, stored);
    }
    return [...known.values()];
  }
}

interface Known {
  readonly stored: readonly StoredSpan[];
  readonly regrouped: readonly StoredSpan[];
}

const NOTHING: readonly StoredSpan[] = [];
const NEW_TRACE: Known = { stored: NOTHING, regrouped: NOTHING };

/** Memory may have lost what ended long ago; and of links those above a span are dropped after it. */
function isWhole(
  known: readonly StoredSpan[],
  exchangeOf: (service: Code) => 'entry' | 'head',
  linksSince: Tenths,
): boolean {
  // Nearly all traces come whole.
  if (known.length === 0) return true;
  return known.every(({ span }) => span.endTenths >= linksSince)
    ? holdsInteractions(known)
    : isExplained(known, exchangeOf);
}
