import { type Millis, TENTHS_PER_SECOND } from '../../model/time.ts';
import { hashId, namesOf, OF_RESPONSE, OF_TRACE } from '../id-hash.ts';
import { REGROUP_TENTHS } from '../regroup.ts';
import type { SqlDatabase, SqlRow } from '../sql.ts';
import type { StoredSpan } from '../sqlite/parts.ts';
import type { PgConnection } from './connection.ts';
import { type Partitioned, PartitionMissing, Partitions } from './partitions.ts';
import { PARTITION_HOURS, PARTITION_MINUTES, PARTITION_TENTHS, SLOT_TENTHS } from './schema.ts';
import { Shards } from './shards.ts';
import { spanData } from './span-rows.ts';
import { TypedCopy } from './typed-copy.ts';

/** Links that ended before regroup nothing any more. */
const linksFrom = (now: Millis): number => Math.floor(now / 100) - 2 * REGROUP_TENTHS;

/** Partitions, made when the first row comes that needs them: within the transaction, as nobody else writes there. */
export class Rooms {
  readonly #partitions: Partitions;

  constructor(target: PgConnection) {
    this.#partitions = new Partitions(target);
    this.#partitions.load();
  }

  make(table: Partitioned, at: number): void {
    try {
      this.#partitions.require(table, at);
    } catch (error) {
      if (!(error instanceof PartitionMissing)) throw error;
      this.#partitions.make(table, error.number);
    }
  }
}

/** Rows of spans, links and pointers on their way. */
export class SpanCopies {
  readonly #shards: Shards;
  readonly #rooms: Rooms;
  readonly #span: TypedCopy;
  readonly #link: TypedCopy;
  readonly #pointer: TypedCopy;
  readonly #linksSince: number;

  constructor(target: PgConnection, now: Millis) {
    this.#shards = new Shards(target);
    this.#rooms = new Rooms(target);
    this.#span = new TypedCopy(target, 'span', () => true);
    this.#link = new TypedCopy(target, 'link', () => true);
    this.#pointer = new TypedCopy(target, 'pointer', () => true);
    this.#linksSince = linksFrom(now);
  }

  /** @returns whether it is moved: not if it is an old link */
  add(stored: StoredSpan): boolean {
    const { span, judged } = stored;
    const isLink = span.kind === 'none';
    if (isLink && span.endTenths < this.#linksSince) return false;
    this.#rooms.make(isLink ? 'link' : 'span', span.endTenths);
    (isLink ? this.#link : this.#span).add({
      ...this.keyOf(stored),
      hash: hashId(span.traceId, OF_TRACE) | 0,
      commit_minute: Math.floor(span.endTenths / 600) + stored.commitDelay,
      data: spanData(span, judged),
    });
    for (const pointer of this.pointersOf(stored)) {
      this.#rooms.make('pointer', span.endTenths);
      this.#pointer.add(pointer);
    }
    return true;
  }

  keyOf({ span }: StoredSpan): SqlRow {
    return {
      shard: this.#shards.keyOf(hashId(span.traceId, OF_TRACE)),
      end: span.endTenths,
      trace: Buffer.from(span.traceId, 'latin1'),
      span: Buffer.from(span.spanId, 'latin1'),
    };
  }

  pointersOf({ span, judged }: StoredSpan): SqlRow[] {
    if (span.kind === 'none') return [];
    const names = [...namesOf(judged.interaction)];
    if (span.responseRef !== '') names.push(hashId(span.responseRef, OF_RESPONSE));
    const trace = Buffer.from(span.traceId, 'latin1');
    return names.map((hash) => ({ shard: this.#shards.keyOf(hash), hash: hash | 0, trace, end: span.endTenths }));
  }

  flush(): void {
    for (const copy of [this.#span, this.#link, this.#pointer]) copy.flush();
  }
}

/** Partitions for all that a store holds: what is copied in one transaction finds them there. */
export function makePartitions(source: SqlDatabase, target: PgConnection, now: Millis): void {
  const partitions = new Partitions(target);
  partitions.load();
  const distinct = (of: string, from: string): number[] =>
    (source.prepare(`select distinct ${of} as n from ${from}`).all() as { n: number }[]).map(({ n }) => n);
  for (const day of distinct(`second / ${PARTITION_TENTHS / TENTHS_PER_SECOND}`, 'part_range'))
    for (const table of ['span', 'pointer'] as const) partitions.make(table, day);
  const since = Math.floor(linksFrom(now) / TENTHS_PER_SECOND);
  for (const slot of distinct(`second / ${SLOT_TENTHS / TENTHS_PER_SECOND}`, `part_range where second >= ${since}`))
    partitions.make('link', slot);
  for (const days of distinct(`minute / ${PARTITION_MINUTES}`, 'tally')) partitions.make('tally', days);
  for (const days of distinct(`hour / ${PARTITION_HOURS}`, 'tally_hour')) partitions.make('tally_hour', days);
}
