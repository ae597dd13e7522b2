import type { DatabaseSync } from 'node:sqlite';
import { ByteReader, ByteWriter } from '../../model/bytes.ts';
import type { Code } from '../../model/dictionary.ts';
import type { SpanId, TraceId } from '../../model/ids.ts';
import type { Interaction } from '../../model/interaction.ts';
import type { Span } from '../../model/span.ts';
import { RECORD_HEADER_BYTES, readSpanBody, writeSpanBody } from '../../model/span-record.ts';
import {
  type Millis,
  type Minute,
  minuteOf,
  minuteOfTenths,
  TENTHS_PER_MINUTE,
  type Tenths,
} from '../../model/time.ts';
import type { WriteItem } from '../items.ts';
import { type Judged, writeJudged } from '../judged.ts';
import { type Regrouping, regroup } from '../regroup.ts';
import { hashId, Pointers } from './pointers.ts';
import { type SpanRow, SpanTable, type StoredSpan } from './spans.ts';

/** Domains of pointers. */
const OF_TRACE = 0;
const OF_RESPONSE = 1;
const OF_CONVERSATION = 2;

/** How long links are kept: as long as a trace may still be regrouped. */
export const LINKS_KEPT_TENTHS = 2 * 36_000;
/** More links than this are dropped, oldest first, a tenth of them at a time. */
const LINKS_MAX = 1_000_000;

/** Traces with more rows than this are regrouped no more: later spans of theirs are judged among themselves. */
const REGROUP_MAX_ROWS = 5_000;
/** A trace spread over more tenths of a second than this is looked up only where its new spans would lie. */
const REGROUP_MAX_PLACES = 2_000;

interface FreshSpan {
  readonly span: Span;
  /** Its packed form, as it came. */
  readonly body: Uint8Array;
  /** Number of the item that it came with. */
  readonly item: number;
}

/** New spans of a trace, beside what is stored of it. */
interface TraceWork {
  fresh: FreshSpan[];
  known: StoredSpan[];
}

/** What new spans changed of a trace. */
export interface TraceChange {
  readonly traceId: TraceId;
  /** What was stored of it before. */
  readonly known: readonly StoredSpan[];
  readonly freshSpans: readonly Span[];
  readonly result: Regrouping;
}

/** New spans by trace, and how many of each item were new and how many known already. */
export interface Gathered {
  readonly works: ReadonlyMap<TraceId, TraceWork>;
  readonly stored: readonly number[];
  readonly duplicates: readonly number[];
}

/** The rows of traces: found by pointers, judged whole, written in the order of their keys. */
export class Traces {
  readonly spans: SpanTable;
  readonly #links: SpanTable;
  readonly #db: DatabaseSync;
  #pointers: Pointers;
  #linkCount = 0;
  #linksDropped = 0;
  #longTraces = 0;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.spans = new SpanTable(db, 'span');
    this.#links = new SpanTable(db, 'link');
    this.#pointers = new Pointers(db);
  }

  get status(): { links: number; linksDropped: number; longTraces: number; pointersForgotten: number } {
    return {
      links: this.#linkCount,
      linksDropped: this.#linksDropped,
      longTraces: this.#longTraces,
      pointersForgotten: this.#pointers.forgotten,
    };
  }

  /** Reads the pointers of the last hours back from the store. */
  load(now: Millis): void {
    this.#pointers = new Pointers(this.#db);
    this.#pointers.load(Math.floor(now / 100));
    this.#linkCount = (this.#db.prepare('select count(*) as n from link').get() as { n: number }).n;
  }

  /** Points again at the rows of a minute: after a crash, which lost what was not settled. */
  pointAgain(kind: 'spans' | 'links', minute: Minute): void {
    const table = kind === 'spans' ? this.spans : this.#links;
    for (const { span, judged } of table.between(minute * TENTHS_PER_MINUTE, (minute + 1) * TENTHS_PER_MINUTE)) {
      this.#pointTo(span);
      if (judged.interaction !== null) this.#pointToConversation(judged.interaction);
    }
  }

  /** Sorts new spans by trace; what is stored already, or came twice, is a duplicate: the first one counts. */
  gather(items: readonly WriteItem[], careful: boolean): Gathered {
    const works = unpack(items);
    const stored = new Array<number>(items.length).fill(0);
    const duplicates = new Array<number>(items.length).fill(0);
    for (const [traceId, work] of works) {
      let places = this.#pointers.findRecent(hashId(traceId, OF_TRACE));
      const isTooWide = places.length > REGROUP_MAX_PLACES;
      if (isTooWide) places = [];
      // What pointers no longer know is found under the key that the same span would have.
      if (careful || isTooWide)
        for (const { span } of work.fresh) if (!places.includes(span.endTenths)) places.push(span.endTenths);
      if (places.length > 0) work.known = this.#load(traceId, places);
      work.fresh = withoutKnown(work, duplicates);
      for (const { item } of work.fresh) stored[item]!++;
    }
    return { works, stored, duplicates };
  }

  /**
   * Judges each trace and writes its rows. @throws DuplicateRows when a row is there that the pointers did not know of
   * @returns what changed: to be counted and pointed at by the caller, once all rows are written
   */
  write(works: Gathered['works'], exchangeOf: (service: Code) => 'entry' | 'head', now: Millis): TraceChange[] {
    const out = new RowWriter();
    const changes: TraceChange[] = [];
    for (const [traceId, work] of works) {
      if (work.fresh.length === 0) continue;
      const freshSpans = work.fresh.map((one) => one.span);
      const known = work.known.length > REGROUP_MAX_ROWS ? [] : work.known;
      if (known !== work.known) this.#longTraces++;
      const result = regroup(known, freshSpans, exchangeOf);
      for (const [i, { span, body }] of work.fresh.entries())
        out.insert(span, body, result.fresh[i]!, minuteOf(now) - minuteOfTenths(span.endTenths));
      for (const { span, after, commitDelay } of result.changed) out.update(span, after, commitDelay);
      changes.push({ traceId, known, freshSpans, result });
    }
    this.spans.insert(out.inserts(true));
    this.#links.insert(out.inserts(false));
    for (const row of out.updates()) this.spans.update(row);
    return changes;
  }

  /** Points at the rows that a change wrote. */
  point({ freshSpans, result }: TraceChange): void {
    for (const span of freshSpans) {
      this.#pointTo(span);
      if (span.kind === 'none') this.#linkCount++;
    }
    for (const interaction of result.interactions) this.#pointToConversation(interaction);
  }

  /** Where the rows of a trace may be, however old. */
  places(traceId: TraceId): Tenths[] {
    return this.#pointers.findAny(hashId(traceId, OF_TRACE));
  }

  /** All stored rows of a trace, however old. */
  stored(traceId: TraceId): StoredSpan[] {
    return this.#load(traceId, this.places(traceId));
  }

  spanOfResponse(response: string): Span | null {
    for (const end of this.#pointers.findAny(hashId(response, OF_RESPONSE)))
      for (const { span } of this.spans.between(end, end + 1)) if (span.responseRef === response) return span;
    return null;
  }

  *interactionsOfConversation(conversation: string): Generator<Interaction> {
    for (const end of this.#pointers.findAny(hashId(conversation, OF_CONVERSATION)))
      for (const { judged } of this.spans.between(end, end + 1))
        if (judged.interaction?.conversationId === conversation) yield judged.interaction;
  }

  /** Writes the pointers that came since the last time, and drops links that regroup nothing any more. */
  settle(now: Millis): void {
    this.#pointers.settle();
    this.#dropLinks(Math.floor(now / 100) - LINKS_KEPT_TENTHS);
  }

  #dropLinks(cutoff: Tenths): void {
    this.#linkCount -= Number(this.#db.prepare('delete from link where end < ?').run(cutoff).changes);
    if (this.#linkCount <= LINKS_MAX) return;
    const excess = this.#linkCount - LINKS_MAX + LINKS_MAX / 10;
    const { changes } = this.#db
      .prepare('delete from link where end <= (select end from link order by end limit 1 offset ?)')
      .run(excess);
    this.#linkCount -= Number(changes);
    this.#linksDropped += Number(changes);
  }

  /** One row of each span id: the first that was stored. */
  #load(traceId: TraceId, places: readonly Tenths[]): StoredSpan[] {
    const known = new Map<string, StoredSpan>();
    for (const end of places)
      for (const table of [this.spans, this.#links])
        for (const row of table.ofTrace(end, traceId)) if (!known.has(row.span.spanId)) known.set(row.span.spanId, row);
    return [...known.values()];
  }

  #pointTo(span: Span): void {
    this.#pointers.add(hashId(span.traceId, OF_TRACE), span.endTenths);
    if (span.responseRef !== '') this.#pointers.add(hashId(span.responseRef, OF_RESPONSE), span.endTenths);
  }

  #pointToConversation({ conversationId, endTenths }: Interaction): void {
    if (conversationId !== '') this.#pointers.add(hashId(conversationId, OF_CONVERSATION), endTenths);
  }
}

/** Interactions that a change adds to its trace: late spans that only say more of those known add none. */
export function newInteractions({ known, result }: TraceChange): readonly Interaction[] {
  if (known.length === 0) return result.interactions;
  const before = new Set<SpanId>();
  for (const { judged } of known) if (judged.interaction !== null) before.add(judged.interaction.spanId);
  const added = Math.max(0, result.interactions.length - before.size);
  return result.interactions.filter(({ spanId }) => !before.has(spanId)).slice(0, added);
}

function unpack(items: readonly WriteItem[]): Map<TraceId, TraceWork> {
  const works = new Map<TraceId, TraceWork>();
  for (const [index, item] of items.entries()) {
    if (item.type !== 'spans') continue;
    const bytes = Buffer.from(item.records);
    for (let at = 0; at < bytes.length; ) {
      const body = at + RECORD_HEADER_BYTES;
      const end = body + bytes.readUInt32LE(at);
      const traceId = bytes.toString('latin1', at + 4, at + 20);
      const spanId = bytes.toString('latin1', at + 20, at + 28);
      const key = { traceId, spanId, endTenths: bytes.readDoubleLE(at + 28) };
      const span = readSpanBody(new ByteReader(bytes, body, end), key);
      let work = works.get(traceId);
      if (work === undefined) {
        work = { fresh: [], known: [] };
        works.set(traceId, work);
      }
      work.fresh.push({ span, body: bytes.subarray(body, end), item: index });
      at = end;
    }
  }
  return works;
}

function withoutKnown(work: TraceWork, duplicates: number[]): FreshSpan[] {
  if (work.known.length === 0 && work.fresh.length === 1) return work.fresh;
  const seen = new Set(work.known.map((stored) => stored.span.spanId));
  return work.fresh.filter(({ span, item }) => {
    if (seen.has(span.spanId)) {
      duplicates[item]!++;
      return false;
    }
    seen.add(span.spanId);
    return true;
  });
}

interface Packed {
  readonly span: Span;
  readonly start: number;
  readonly end: number;
}

/** Packs rows one behind the other; they are taken out when all are packed, because the buffer moves as it grows. */
class RowWriter {
  readonly #out = new ByteWriter(1 << 16);
  readonly #inserts: Packed[] = [];
  readonly #updates: Packed[] = [];

  insert(span: Span, body: Uint8Array, judged: Judged, commitDelay: number): void {
    const start = this.#out.at;
    this.#out.bytes(body);
    this.#inserts.push(this.#finish(span, judged, commitDelay, start));
  }

  update(span: Span, judged: Judged, commitDelay: number): void {
    const start = this.#out.at;
    writeSpanBody(this.#out, span);
    this.#updates.push(this.#finish(span, judged, commitDelay, start));
  }

  /** In the order of their keys, so that the B-tree is appended to. */
  inserts(ofAi: boolean): SpanRow[] {
    return this.#inserts
      .filter(({ span }) => (span.kind !== 'none') === ofAi)
      .sort(inKeyOrder)
      .map((packed) => this.#rowOf(packed));
  }

  updates(): SpanRow[] {
    return this.#updates.map((packed) => this.#rowOf(packed));
  }

  #finish(span: Span, judged: Judged, commitDelay: number, start: number): Packed {
    if (span.kind !== 'none') {
      writeJudged(this.#out, span, judged);
      this.#out.signedVarint(commitDelay);
    }
    return { span, start, end: this.#out.at };
  }

  #rowOf({ span, start, end }: Packed): SpanRow {
    return {
      end: span.endTenths,
      trace: Buffer.from(span.traceId, 'latin1'),
      span: Buffer.from(span.spanId, 'latin1'),
      data: this.#out.buffer.subarray(start, end),
    };
  }
}

function inKeyOrder({ span: a }: Packed, { span: b }: Packed): number {
  if (a.endTenths !== b.endTenths) return a.endTenths - b.endTenths;
  return a.traceId < b.traceId ? -1 : a.traceId > b.traceId ? 1 : 0;
}
