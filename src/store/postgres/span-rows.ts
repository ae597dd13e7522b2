import { ByteReader, ByteWriter } from '../../model/bytes.ts';
import type { SpanId, TraceId } from '../../model/ids.ts';
import type { Span } from '../../model/span.ts';
import { readSpanBody, writeSpanBody } from '../../model/span-record.ts';
import { minuteOfTenths, type Tenths } from '../../model/time.ts';
import { hashId, type IdHash, OF_TRACE } from '../id-hash.ts';
import { type Judged, NOT_JUDGED, readJudged, writeJudged } from '../judged.ts';
import type { SqlDatabase, SqlRow, SqlStatement } from '../sql.ts';
import type { PartId, StoredSpan } from '../sqlite/parts.ts';
import type { SpanStore } from '../trace-store.ts';
import { ids, numbers } from './arrays.ts';
import type { Locks } from './locks.ts';
import type { Partitions } from './partitions.ts';
import { SLOT_TENTHS } from './schema.ts';
import type { Shards } from './shards.ts';

/** Where is looked first, because it is nearly always there: as much before now, and after it. */
const RECENT_TENTHS = 864_000;
const AHEAD_TENTHS = 36_000;
const ALL = Number.MAX_SAFE_INTEGER;

/** The key of a stored span. */
export interface SpanKey {
  readonly hash: IdHash;
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly endTenths: Tenths;
}

/**
 * The stored spans, one a row: AI spans with what they were judged to be, links without. What a row holds behind its key is
 * the span's body (span-record.ts) and, of an AI span, what it was judged to be (judged.ts). The part of a span, by which its
 * ratings find it again, is the tenth of a second in which it ended.
 */
export class SpanRows implements SpanStore {
  readonly #shards: Shards;
  readonly #locks: Locks;
  readonly #partitions: Partitions;
  readonly #ofTrace: SqlStatement;
  readonly #between: SqlStatement;
  readonly #byHash: SqlStatement;
  readonly #counts: SqlStatement;
  readonly #copies: SqlStatement;
  readonly #pointed: SqlStatement;
  /** The clock of whoever asks. */
  now: Tenths = 0;
  /** Traces read whole. */
  readonly #whole = new Map<TraceId, readonly StoredSpan[]>();

  constructor(db: SqlDatabase, shards: Shards, locks: Locks, partitions: Partitions) {
    this.#shards = shards;
    this.#locks = locks;
    this.#partitions = partitions;
    const ai = '"end", trace, span, commit_minute, data';
    this.#ofTrace = db.prepare(`select ${ai} from span where shard = ? and "end" = ? and trace = ? order by span`);
    this.#between = db.prepare(
      `select ${ai} from unnest(?::int2[]) keys (shard) join span using (shard) where "end" >= ? and "end" < ?
       order by "end", trace, span`,
    );
    // Slot by slot, so that of each only the index of its own partition is asked.
    const inSlots = (columns: string, table: string): string =>
      `select ${columns} from unnest(?::int8[]) slots (slot) join ${table} on "end" / ${SLOT_TENTHS} = slot
       and "end" >= slot * ${SLOT_TENTHS} and "end" < (slot + 1) * ${SLOT_TENTHS} and hash = any(?::int4[])`;
    this.#byHash = db.prepare(
      `${inSlots(ai, 'span')} union all ${inSlots('"end", trace, span, null::int4, data', 'link')} limit ?`,
    );
    this.#counts = db.prepare(
      `select hash, count(*) as n from (${inSlots('hash', 'span')} union all ${inSlots('hash', 'link')}) rows group by hash`,
    );
    const copies = (columns: string, table: string): string =>
      `select ${columns} from unnest(?::int2[], ?::int8[], ?::bytea[], ?::bytea[]) came (shard, "end", trace, span)
       join ${table} using (shard, "end", trace, span)`;
    this.#copies = db.prepare(
      `${copies(ai, 'span')} union all ${copies('"end", trace, span, null::int4, data', 'link')}`,
    );
    this.#pointed = db.prepare(
      `select trace, "end" from unnest(?::int8[]) slots (slot) join pointer on "end" / ${SLOT_TENTHS} = slot
       and "end" >= slot * ${SLOT_TENTHS} and "end" < (slot + 1) * ${SLOT_TENTHS} and hash = ?
       order by slot desc`,
    );
  }

  ofTrace(part: PartId, trace: TraceId): StoredSpan[] {
    const hash = hashId(trace, OF_TRACE);
    this.#locks.require(hash);
    const known = this.#whole.get(trace);
    return known?.filter((one) => one.part === part && one.span.kind !== 'none') ?? this.at(part, trace, hash);
  }

  /** Reads traces that will be asked for: they must not change until `forget`. */
  holdWhole(traces: ReadonlySet<TraceId>): void {
    if (traces.size === 0) return;
    let missing = [...traces];
    for (const slots of [this.#recent, this.#slots('span')]) {
      if (missing.length === 0) return;
      const wanted = numbers(missing.map((trace) => hashId(trace, OF_TRACE) | 0));
      const rows = this.#byHash.all(numbers(slots), wanted, numbers(slots), wanted, ALL).map(readSpanRow);
      const byTrace = Map.groupBy(rows, ({ span }) => span.traceId);
      for (const trace of missing) this.#whole.set(trace, byTrace.get(trace) ?? []);
      missing = missing.filter((trace) => !byTrace.has(trace));
    }
  }

  forget(): void {
    this.#whole.clear();
  }

  /** As `ofTrace`, of a trace that may change while it is read. */
  at(part: PartId, trace: TraceId, hash = hashId(trace, OF_TRACE)): StoredSpan[] {
    return this.#ofTrace.all(this.#shards.keyOf(hash), part, Buffer.from(trace, 'latin1')).map(readSpanRow);
  }

  *between(from: Tenths, to: Tenths): Generator<StoredSpan> {
    for (const row of this.#between.iterate(numbers(this.#shards.keys), from, to)) yield readSpanRow(row);
  }

  /**
   * Spans and links by the hash of their trace, in all slots of these ends and around them; of some traces there may be more
   * than they hold themselves. At most so many; one more than that: there are too many.
   */
  byHash(hashes: readonly IdHash[], from: Tenths, to: Tenths, max: number): StoredSpan[] {
    const slots = numbers(slotsBetween(from, to));
    const wanted = numbers(hashes.map((hash) => hash | 0));
    return this.#byHash.all(slots, wanted, slots, wanted, max + 1).map(readSpanRow);
  }

  /** How many there are of each. */
  countByHash(hashes: readonly IdHash[], from: Tenths, to: Tenths): Map<IdHash, number> {
    const slots = numbers(slotsBetween(from, to));
    const wanted = numbers(hashes.map((hash) => hash | 0));
    const rows = this.#counts.all(slots, wanted, slots, wanted) as { hash: number; n: number }[];
    return new Map(rows.map(({ hash, n }) => [hash >>> 0, n]));
  }

  /** Those with exactly these keys. */
  copies(keys: readonly SpanKey[]): StoredSpan[] {
    const parameters = [
      numbers(keys.map(({ hash }) => this.#shards.keyOf(hash))),
      numbers(keys.map(({ endTenths }) => endTenths)),
      ids(keys.map(({ traceId }) => traceId)),
      ids(keys.map(({ spanId }) => spanId)),
    ];
    return this.#copies.all(...parameters, ...parameters).map(readSpanRow);
  }

  /** Those of the last day of a trace, or, when it has none there, all of it. */
  stored(traceId: TraceId): StoredSpan[] {
    if (!this.#whole.has(traceId)) this.holdWhole(new Set([traceId]));
    return [...this.#whole.get(traceId)!];
  }

  get #recent(): number[] {
    return slotsBetween(this.now - RECENT_TENTHS, this.now + AHEAD_TENTHS);
  }

  /** Where something with a name may be, the newest first. */
  pointed(hash: IdHash): { traceId: TraceId; end: Tenths }[] {
    return this.#pointed.all(numbers(this.#slots('pointer')), hash | 0).map((row) => ({
      traceId: latin1(row['trace']),
      end: row['end'] as Tenths,
    }));
  }

  /** All slots in which there may be anything, the newest first. */
  #slots(table: 'span' | 'pointer'): number[] {
    const extent = this.#partitions.extent(table);
    return extent === null ? [] : slotsBetween(extent.from, extent.to).reverse();
  }
}

const slotsBetween = (from: Tenths, to: Tenths): number[] => {
  const first = Math.floor(from / SLOT_TENTHS);
  return Array.from({ length: Math.floor(to / SLOT_TENTHS) - first + 1 }, (_, i) => first + i);
};

/** What lies behind the key of an AI span; of a link the body alone. */
export function spanData(span: Span, judged: Judged): Uint8Array {
  const out = new ByteWriter(256);
  writeSpanBody(out, span);
  if (span.kind !== 'none') writeJudged(out, span, judged);
  return out.written;
}

export function readSpanRow(row: SqlRow): StoredSpan {
  const data = row['data'] as Uint8Array;
  const from = new ByteReader(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  const endTenths = row['end'] as Tenths;
  const span = readSpanBody(from, { traceId: latin1(row['trace']), spanId: latin1(row['span']), endTenths });
  if (span.kind === 'none') return { part: endTenths, span, judged: NOT_JUDGED, commitDelay: 0 };
  const commitDelay = (row['commit_minute'] as number) - minuteOfTenths(endTenths);
  return { part: endTenths, span, judged: readJudged(from, span), commitDelay };
}

const latin1 = (bytes: unknown): string => {
  const view = bytes as Uint8Array;
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('latin1');
};
