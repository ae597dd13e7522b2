import type { Minute } from '../../model/time.ts';
import { type Clock, type RowKey, TallyBook } from '../../tally/book.ts';
import { addToEncoded, decodeTally } from '../../tally/codec.ts';
import type { Tally } from '../../tally/group.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';
import { addFolded, type Length, nonZero } from '../sqlite/tallies.ts';
import { bytesList, numbers } from './arrays.ts';
import type { Lane } from './lanes.ts';
import type { Partitioned, Partitions } from './partitions.ts';
import type { Shards } from './shards.ts';

/** Of the newest tallies of the lane: what is beyond is read back. */
const CACHE_MAX_BYTES = 64 << 20;
/** What an entry weighs beside its bytes. */
const ENTRY_BYTES = 200;

interface Level {
  readonly minutes: number;
  readonly partitioned: Partitioned | null;
  readonly ofTime: SqlStatement;
  /** Of the next shorter times; null: there are none. */
  readonly parts: SqlStatement | null;
  readonly read: SqlStatement;
  readonly write: SqlStatement;
  readonly remove: SqlStatement;
}

/** One tally of the lane, as it will be. */
interface Fresh {
  readonly key: RowKey;
  readonly at: number;
  readonly difference: Tally;
}

/**
 * The stored tallies by minute, hour and day. A tally is the sum of what each lane has counted of it; a writer adds to its own
 * lane only, and remembers what it wrote there last.
 */
export class LaneTallies {
  readonly #shards: Shards;
  readonly #partitions: Partitions;
  readonly #levels: readonly Level[];
  readonly #cache = new Map<string, Uint8Array>();
  #cacheBytes = 0;
  /** Written by the transaction that has not ended yet. */
  readonly #staged = new Map<string, Uint8Array>();

  constructor(db: SqlDatabase, shards: Shards, partitions: Partitions) {
    this.#shards = shards;
    this.#partitions = partitions;
    const level = (
      table: 'tally' | 'tally_hour' | 'tally_day',
      time: string,
      minutes: number,
      part: readonly [string, string] | null,
    ): Level => {
      const key = `shard, clock, ${time}, service, dimension, value, lane`;
      const given = `unnest(?::int2[], ?::int2[], ?::int4[], ?::int4[], ?::int4[], ?::int4[]) as given
        (shard, clock, ${time}, service, dimension, value)`;
      const ofShards = 'from unnest(?::int2[]) keys (shard) join';
      return {
        minutes,
        partitioned: table === 'tally_day' ? null : table,
        ofTime: db.prepare(
          `select service, dimension, value, data ${ofShards} ${table} using (shard) where clock = ? and ${time} = ?`,
        ),
        parts:
          part === null
            ? null
            : db.prepare(
                `select service, dimension, value, data ${ofShards} ${part[0]} using (shard)
                 where clock = ? and ${part[1]} >= ? and ${part[1]} < ?`,
              ),
        read: db.prepare(
          `select clock, ${time} as at, service, dimension, value, data from ${given}
           join ${table} using (shard, clock, ${time}, service, dimension, value) where lane = ? and ${time} between ? and ?`,
        ),
        write: db.prepare(
          `insert into ${table} (shard, clock, ${time}, service, dimension, value, data, lane)
           select *, ?::int2 from unnest(?::int2[], ?::int2[], ?::int4[], ?::int4[], ?::int4[], ?::int4[], ?::bytea[])
           on conflict (${key}) do update set data = excluded.data`,
        ),
        remove: db.prepare(
          `delete from ${table} using ${given} where ${table}.shard = given.shard and ${table}.clock = given.clock
           and ${table}.${time} = given.${time} and ${table}.service = given.service
           and ${table}.dimension = given.dimension and ${table}.value = given.value and ${table}.lane = ?`,
        ),
      };
    };
    this.#levels = [
      level('tally', 'minute', 1, null),
      level('tally_hour', 'hour', 60, ['tally', 'minute']),
      level('tally_day', 'day', 1440, ['tally_hour', 'hour']),
    ];
  }

  /** Adds differences by minute to the lane, and to its hours and days; inside the caller's transaction. @throws PartitionMissing */
  addAll(lane: Lane, book: TallyBook): void {
    const sums = this.#levels.slice(1).map((level) => ({ level, book: new TallyBook() }));
    const minutes: Fresh[] = [];
    for (let row = 0; row < book.rows; row++) {
      const difference = book.tallyOf(row);
      if (difference.size === 0) continue;
      const key = book.keyOf(row);
      minutes.push({ key, at: key.minute, difference });
      for (const sum of sums) {
        const at = Math.floor(key.minute / sum.level.minutes);
        const into = sum.book.row(key.clock, at, key.service, key.dimension, key.value);
        for (const [name, count] of difference) sum.book.add(into, name, count);
      }
    }
    if (minutes.length === 0) return;
    this.#add(this.#levels[0]!, lane, minutes);
    for (const { level, book: sum } of sums) {
      const fresh: Fresh[] = [];
      for (let row = 0; row < sum.rows; row++) {
        const key = sum.keyOf(row);
        const difference = sum.tallyOf(row);
        if (difference.size > 0) fresh.push({ key, at: key.minute, difference });
      }
      this.#add(level, lane, fresh);
    }
  }

  #add(level: Level, lane: Lane, fresh: readonly Fresh[]): void {
    if (level.partitioned !== null)
      for (const at of new Set(fresh.map((one) => one.at))) this.#partitions.require(level.partitioned, at);
    this.#readBack(level, lane, fresh);
    const kept: { fresh: Fresh; data: Uint8Array }[] = [];
    const gone: Fresh[] = [];
    for (const one of fresh) {
      const name = nameOf(level, one);
      const data = addToEncoded(this.#staged.get(name) ?? this.#cache.get(name)!, one.difference);
      this.#staged.set(name, data);
      if (data.length === 0) gone.push(one);
      else kept.push({ fresh: one, data });
    }
    if (kept.length > 0)
      level.write.run(lane, ...this.#columns(kept.map((one) => one.fresh)), bytesList(kept.map((one) => one.data)));
    if (gone.length > 0) level.remove.run(...this.#columns(gone), lane);
  }

  /** Afterwards memory has what the lane holds of each. */
  #readBack(level: Level, lane: Lane, fresh: readonly Fresh[]): void {
    const unknown = fresh.filter((one) => {
      const name = nameOf(level, one);
      return !this.#staged.has(name) && !this.#cache.has(name);
    });
    if (unknown.length === 0) return;
    for (const one of unknown) this.#staged.set(nameOf(level, one), NO_BYTES);
    const times = unknown.map((one) => one.at);
    const [first, last] = [Math.min(...times), Math.max(...times)];
    for (const row of level.read.all(...this.#columns(unknown), lane, first, last)) {
      const { clock, at, service, dimension, value, data } = row;
      this.#staged.set(nameOf(level, { key: { clock, service, dimension, value }, at }), data);
    }
  }

  #columns(fresh: readonly Fresh[]): string[] {
    return [
      numbers(fresh.map(({ key }) => this.#shards.keyOfService(key.service))),
      numbers(fresh.map(({ key }) => key.clock)),
      numbers(fresh.map(({ at }) => at)),
      numbers(fresh.map(({ key }) => key.service)),
      numbers(fresh.map(({ key }) => key.dimension)),
      numbers(fresh.map(({ key }) => key.value)),
    ];
  }

  /** What was added is durable. */
  committed(): void {
    for (const [name, data] of this.#staged) {
      this.#cacheBytes += data.length + ENTRY_BYTES - this.#drop(name);
      this.#cache.set(name, data);
    }
    this.#staged.clear();
    for (const name of this.#cache.keys()) {
      if (this.#cacheBytes <= CACHE_MAX_BYTES) break;
      this.#cacheBytes -= this.#drop(name);
    }
  }

  #drop(name: string): number {
    const data = this.#cache.get(name);
    this.#cache.delete(name);
    return data === undefined ? 0 : data.length + ENTRY_BYTES;
  }

  /** The lane is another one, or somebody else's rows may have been dropped. */
  forget(): void {
    this.#staged.clear();
    this.#cache.clear();
    this.#cacheBytes = 0;
  }

  /** What has to be added to the stored tallies of a minute, over all lanes, to make them what `folded` says. */
  differences(clock: Clock, minute: Minute, folded: TallyBook): { key: RowKey; difference: Tally }[] {
    const book = new TallyBook();
    this.#addRows(book, clock, minute, this.#levels[0]!.ofTime.iterate(this.#keys, clock, minute), -1);
    addFolded(book, clock, minute, folded);
    return nonZero(book);
  }

  /** What has to be added to an hour, or a day, to make it the sum of its minutes, or hours; and how many tallies that sum has. */
  rollUpDifferences(
    length: Exclude<Length, 'minute'>,
    clock: Clock,
    at: number,
  ): { compared: number; differences: { key: RowKey; difference: Tally }[] } {
    const number = length === 'hour' ? 1 : 2;
    const level = this.#levels[number]!;
    const parts = level.minutes / this.#levels[number - 1]!.minutes;
    const book = new TallyBook();
    const minute = at * level.minutes;
    this.#addRows(book, clock, minute, level.parts!.iterate(this.#keys, clock, at * parts, (at + 1) * parts), 1);
    const compared = book.rows;
    this.#addRows(book, clock, minute, level.ofTime.iterate(this.#keys, clock, at), -1);
    return { compared, differences: nonZero(book) };
  }

  get #keys(): string {
    return numbers(this.#shards.keys);
  }

  #addRows(book: TallyBook, clock: Clock, minute: Minute, rows: Iterable<Record<string, unknown>>, sign: 1 | -1): void {
    for (const row of rows) {
      const into = book.row(
        clock,
        minute,
        row['service'] as number,
        row['dimension'] as number,
        row['value'] as number,
      );
      for (const [name, count] of decodeTally(row['data'] as Uint8Array)) book.add(into, name, sign * count);
    }
  }
}

const NO_BYTES = new Uint8Array();

const nameOf = (
  { minutes }: Level,
  { key: { clock, service, dimension, value }, at }: { key: Omit<RowKey, 'minute'>; at: number },
): string => `${minutes} ${clock} ${at} ${service} ${dimension} ${value}`;
