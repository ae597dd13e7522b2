import { ByteReader, ByteWriter } from '../../model/bytes.ts';
import type { SpanId, TraceId } from '../../model/ids.ts';
import type { Span } from '../../model/span.ts';
import { readSpanBody, writeSpanBody } from '../../model/span-record.ts';
import { TENTHS_PER_SECOND, type Tenths } from '../../model/time.ts';
import { type Judged, NOT_JUDGED, readJudged, writeJudged } from '../judged.ts';
import type { SqlDatabase, SqlRow, SqlStatement } from '../sql.ts';
import { type DroppedSeconds, type Keeping, KeptParts } from './keeping.ts';

/** Number of a stored part, in the order of arrival. */
export type PartId = number;
/** Seconds since 1970. */
export type Second = number;

/** One stored span with what it was judged to be; a link is never judged. */
export interface StoredSpan {
  readonly part: PartId;
  readonly span: Span;
  readonly judged: Judged;
  /** Minute of its commit minus the minute of its end. */
  readonly commitDelay: number;
}

/** Parts of one second, links apart, that are to be stored. */
export interface NewParts {
  readonly second: Second;
  readonly isLinks: boolean;
  readonly parts: number;
}

/** What a part holds. */
export type Contents = 'spans' | 'links';
const MARK: Readonly<Record<Contents, number>> = { spans: 0, links: 1 };

/** Parts an insert statement. */
const PARTS_A_STATEMENT = 32;

export const secondOf = (end: Tenths): Second => Math.floor(end / TENTHS_PER_SECOND);

/** No span of a part of that second ended later. */
export const lastTenthOf = (second: Second): Tenths => (second + 1) * TENTHS_PER_SECOND - 1;

/**
 * The stored spans. A row is a part of a trace: those of its AI spans, or of its links, that were committed together and
 * ended within one second. Rows are numbered as they come, so that a commit appends to the B-tree whatever times it
 * brings; ranges of numbers by second say where a time lies. The form of a row:
 *
 *   16 bytes  trace id
 *   4 bytes   the second of the ends, big-endian
 *   then span by span: span id (8 bytes), tenths of the end within the second (1 byte), the span's body (span-record.ts),
 *   and of an AI span what it was judged to be (judged.ts) and the commit delay
 */
export class PartTable {
  readonly #db: SqlDatabase;
  readonly #insertMany: SqlStatement;
  readonly #insertOne: SqlStatement;
  readonly #update: SqlStatement;
  readonly #read: SqlStatement;
  readonly #setRange: SqlStatement;
  readonly #between: SqlStatement;
  readonly #newest: SqlStatement;
  readonly #newestKept: SqlStatement;
  readonly #kept: KeptParts;
  readonly #rewritten = new ByteWriter(4096);
  /** The range that was written last: one that goes on where it ends makes it longer. */
  #last: { isLinks: boolean; second: Second; first: PartId; last: PartId } | null = null;

  constructor(db: SqlDatabase) {
    this.#db = db;
    const rows = Array.from({ length: PARTS_A_STATEMENT }, (_, i) => `(?1 + ${i}, ?${i + 2})`);
    this.#insertMany = db.prepare(`insert into part values ${rows.join(', ')}`);
    this.#insertOne = db.prepare('insert into part values (?, ?)');
    this.#update = db.prepare('update part set data = ? where id = ?');
    this.#read = db.prepare('select data from part where id = ?');
    this.#setRange = db.prepare('insert or replace into part_range values (?, ?, ?, ?)');
    const within = (order: string, links = '= ?'): string =>
      `select p.id as id, r.second as second, p.data as data
       from part_range r cross join part p on p.id between r.first and r.last
       where r.links ${links} and r.second >= ? and r.second < ? order by r.second ${order}, r.first ${order}`;
    this.#between = db.prepare(within('asc'));
    this.#newest = db.prepare(within('desc'));
    this.#newestKept = db.prepare(within('desc', '>= 2'));
    this.#kept = new KeptParts(db);
  }

  /**
   * @param shelves  in the order in which their parts are numbered from `first` on
   * @param dataOf   of a part by its place in that order
   */
  insert(first: PartId, shelves: readonly NewParts[], dataOf: (place: number) => Uint8Array): void {
    let count = 0;
    for (const { parts } of shelves) count += parts;
    const values = new Array<Uint8Array>(PARTS_A_STATEMENT);
    let at = 0;
    for (; at + PARTS_A_STATEMENT <= count; at += PARTS_A_STATEMENT) {
      for (let i = 0; i < PARTS_A_STATEMENT; i++) values[i] = dataOf(at + i);
      this.#insertMany.run(first + at, ...values);
    }
    for (; at < count; at++) this.#insertOne.run(first + at, dataOf(at));
    let from = first;
    for (const { second, isLinks, parts } of shelves) {
      this.#noteRange(isLinks, second, from, from + parts - 1);
      from += parts;
    }
  }

  #noteRange(isLinks: boolean, second: Second, first: PartId, last: PartId): void {
    const before = this.#last;
    const goesOn = before?.second === second && before.isLinks === isLinks && before.last === first - 1;
    const range = { isLinks, second, first: goesOn ? before.first : first, last };
    this.#setRange.run(isLinks ? 1 : 0, second, range.first, last);
    this.#last = range;
  }

  /** Writes a part anew: all of its spans, in their order. */
  update(spans: readonly StoredSpan[]): void {
    const { part, span } = spans[0]!;
    const out = this.#rewritten;
    out.at = 0;
    startPart(out, span.traceId, span.endTenths);
    for (const one of spans) {
      startSpan(out, one.span.spanId, one.span.endTenths);
      writeSpanBody(out, one.span);
      finishSpan(out, one.span, one.judged, one.commitDelay);
    }
    this.#update.run(out.written, part);
  }

  read(part: PartId): StoredSpan[] {
    const row = this.#read.get(part) as { data: Uint8Array } | undefined;
    return row === undefined ? [] : readPart(part, row.data);
  }

  /** The spans of a part if it is one of the trace. */
  ofTrace(part: PartId, trace: TraceId): StoredSpan[] {
    const spans = this.read(part);
    return spans[0]?.span.traceId === trace ? spans : [];
  }

  /** Parts of AI spans by second; `to` exclusive. */
  countBetween(from: Second, to: Second): number {
    const row = this.#db
      .prepare(
        'select coalesce(sum(last - first + 1), 0) as n from part_range where links = 0 and second >= ? and second < ?',
      )
      .get(from, to) as { n: number };
    return row.n;
  }

  /** Part by part what was stored behind one. */
  *after(part: PartId): Generator<StoredSpan[]> {
    const rows = this.#db.prepare('select id, data from part where id > ? order by id').iterate(part);
    for (const row of rows) yield readPart(row['id'] as PartId, row['data'] as Uint8Array);
  }

  /** Number of the newest part; 0: there is none. */
  get lastId(): PartId {
    return (this.#db.prepare('select coalesce(max(id), 0) as id from part').get() as { id: PartId }).id;
  }

  count(links: Contents): number {
    const { n } = this.#db
      .prepare('select coalesce(sum(last - first + 1), 0) as n from part_range where links = ?')
      .get(MARK[links]) as { n: number };
    return n;
  }

  /** Where the parts of a second lie. */
  rangesOf(second: Second): { first: PartId; last: PartId }[] {
    return this.#db
      .prepare('select first, last from part_range where links in (0, 1) and second = ?')
      .all(second) as never;
  }

  /** Nothing of what was written last is known any more: a transaction has failed. */
  forget(): void {
    this.#last = null;
  }

  oldestSecond(contents: Contents): Second | null {
    const row = this.#db.prepare('select min(second) as second from part_range where links = ?').get(MARK[contents]);
    return (row as { second: Second | null }).second;
  }

  /** By ranges. @returns how many parts that were */
  #dropBefore(second: Second, contents: Contents, keeping: Keeping | null, cameBefore: PartId): number {
    const ranges = this.#db
      .prepare(
        'select second, first, last from part_range where links = ? and second < ? and last < ? order by second, first',
      )
      .all(MARK[contents], second, cameBefore) as { second: Second; first: PartId; last: PartId }[];
    if (ranges.length === 0) return 0;
    const drop = this.#db.prepare('delete from part where id between ? and ?');
    let dropped = 0;
    for (const { second: at, first, last } of ranges)
      if (keeping === null) dropped += Number(drop.run(first, last).changes);
      else {
        dropped += last - first + 1;
        this.#keepOf(at, first, last, keeping);
      }
    this.#db
      .prepare('delete from part_range where links = ? and second < ? and last < ?')
      .run(MARK[contents], second, cameBefore);
    this.#last = null;
    return dropped;
  }

  /** Drops a range, but for those of its parts that are kept. */
  #keepOf(second: Second, first: PartId, last: PartId, { daysOf }: Keeping): void {
    const rows = this.#db.prepare('select id, data from part where id between ? and ? order by id').all(first, last);
    const kept: { part: PartId; days: number }[] = [];
    const drop = this.#db.prepare('delete from part where id = ?');
    for (const row of rows) {
      const part = row['id'] as PartId;
      const days = daysOf(readPart(part, row['data'] as Uint8Array));
      if (days > 0) kept.push({ part, days });
      else drop.run(part);
    }
    this.#kept.keep(second, kept);
  }

  /** Drops what was kept longer than the rest, for as long as it was to be kept. @returns of which seconds; null: nothing */
  dropKept(nowSeconds: Second): DroppedSeconds | null {
    return this.#kept.dropOld(nowSeconds);
  }

  /** Of AI spans that are kept longer than the rest; null: there are none. */
  get oldestKeptSecond(): Second | null {
    return this.#kept.oldestSecond();
  }

  /**
   * Drops whole seconds before one, oldest first, until at least so many parts are gone. @returns how many that were
   * @param keeping     whose parts are kept for longer; null: nobody's are
   * @param cameBefore  this part and what came after it stay
   */
  dropOldest(
    before: Second,
    contents: Contents,
    count: number,
    keeping: Keeping | null = null,
    cameBefore: PartId = Number.MAX_SAFE_INTEGER,
  ): number {
    const seconds = this.#db
      .prepare(
        'select second, sum(last - first + 1) as parts from part_range where links = ? and second < ? and last < ? group by second order by second',
      )
      .iterate(MARK[contents], before, cameBefore) as Iterable<{ second: Second; parts: number }>;
    let parts = 0;
    let until = 0;
    for (const row of seconds) {
      parts += row.parts;
      until = row.second + 1;
      if (parts >= count) break;
    }
    return this.#dropBefore(until, contents, keeping, cameBefore);
  }

  /** AI spans by second, from inclusive, to exclusive. */
  *between(from: Tenths, to: Tenths): Generator<StoredSpan> {
    for (const row of this.#between.iterate(MARK.spans, secondOf(from), Math.ceil(to / TENTHS_PER_SECOND)))
      for (const stored of readPart(row['id'] as PartId, row['data'] as Uint8Array))
        if (stored.span.endTenths >= from && stored.span.endTenths < to) yield stored;
  }

  /** AI spans part by part, the newest second first; both seconds inclusive. Those that are kept longer lie behind all others. */
  *newestFirst(from: Second, to: Second): Generator<{ second: Second; spans: StoredSpan[] }> {
    for (const row of this.#newest.iterate(MARK.spans, from, to + 1)) yield readSecond(row);
    if (!this.#kept.reaches(from)) return;
    for (const row of this.#newestKept.iterate(from, to + 1)) yield readSecond(row);
  }
}

const readSecond = (row: SqlRow): { second: Second; spans: StoredSpan[] } => ({
  second: row['second'] as Second,
  spans: readPart(row['id'] as PartId, row['data'] as Uint8Array),
});

/** @param part  its number, as it is told of each span */
export function readPart(part: PartId, data: Uint8Array): StoredSpan[] {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const from = new ByteReader(buffer);
  const traceId = from.latin1(16);
  const second = from.uint32();
  const spans: StoredSpan[] = [];
  while (!from.done) {
    const spanId = from.latin1(8);
    const span = readSpanBody(from, { traceId, spanId, endTenths: second * TENTHS_PER_SECOND + from.byte() });
    if (span.kind === 'none') spans.push({ part, span, judged: NOT_JUDGED, commitDelay: 0 });
    else spans.push({ part, span, judged: readJudged(from, span), commitDelay: from.signedVarint() });
  }
  return spans;
}

export function startPart(out: ByteWriter, trace: TraceId, end: Tenths): void {
  out.latin1(trace);
  out.uint32(secondOf(end));
}

/** What lies in front of a span's body. */
export function startSpan(out: ByteWriter, span: SpanId, end: Tenths): void {
  out.latin1(span);
  out.byte(end % TENTHS_PER_SECOND);
}

/** What lies behind it. */
export function finishSpan(out: ByteWriter, span: Span, judged: Judged, commitDelay: number): void {
  if (span.kind === 'none') return;
  writeJudged(out, span, judged);
  out.signedVarint(commitDelay);
}
