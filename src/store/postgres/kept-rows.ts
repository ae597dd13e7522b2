import type { TraceId } from '../../model/ids.ts';
import { type Millis, TENTHS_PER_MINUTE, type Tenths } from '../../model/time.ts';
import type { SqlDatabase } from '../sql.ts';
import type { StoredSpan } from '../sqlite/parts.ts';
import { dropRatingsWithout, giveUpRaw } from '../sqlite/retention.ts';
import type { Settings } from '../sqlite/settings.ts';
import { ids, numbers } from './arrays.ts';
import type { Partitions } from './partitions.ts';
import { PARTITION_TENTHS } from './schema.ts';
import type { Shards } from './shards.ts';
import type { SpanRows } from './span-rows.ts';

/** So much time is looked through at once, in one transaction: ten seconds. */
const PIECE_TENTHS = 100;
/** Any number that nobody else uses as a lock: one writer at a time tells rows apart. */
const LOCK = 7_346_983;

/** How far rows were told apart: up to that end, and how many there were in the partition of it. */
interface Progress {
  readonly at: Tenths;
  readonly seen: number;
}

/**
 * Partitions of rows that are kept longer than the others. When the time of the others is over, a partition is read once, those that
 * have longer are copied into a table of their own, and that one takes its place. Whoever reads or writes spans knows nothing of it.
 */
export class KeptRows {
  readonly #db: SqlDatabase;
  readonly #settings: Settings;
  readonly #partitions: Partitions;
  readonly #shards: Shards;
  readonly #spans: SpanRows;

  constructor(db: SqlDatabase, settings: Settings, partitions: Partitions, shards: Shards, spans: SpanRows) {
    this.#db = db;
    this.#settings = settings;
    this.#partitions = partitions;
    this.#shards = shards;
    this.#spans = spans;
  }

  /**
   * Does a piece of the work on the oldest partition that still holds rows of which the time is over.
   * @param age          how long those are kept that go
   * @param isKept       whether spans of one trace are to stay
   * @param transaction  runs its work as one
   * @returns whether there may be more. When others are at it, or just using the partition, it is left for the next time.
   */
  thin(
    age: Millis,
    isKept: (spans: readonly StoredSpan[]) => boolean,
    now: Millis,
    transaction: (work: () => void) => void,
  ): boolean {
    const name = `kept after ${age}`;
    const progress = this.#progressOf(name);
    const number = this.#partitions.next('span', progress.at);
    if (number === null) return false;
    const from = number * PARTITION_TENTHS;
    const to = from + PARTITION_TENTHS;
    if (to > (now - age) / 100) return false;
    this.#partitions.makeKept('span', number);
    const next = this.#firstEnd(Math.max(progress.at, from), to);
    const seen = progress.at > from ? progress.seen : 0;
    if (next === null) return this.#replace(name, progress, number, seen);
    let isDone = false;
    transaction(() => {
      if (!this.#isMine(name, progress)) return;
      const until = Math.min(next + PIECE_TENTHS, to);
      const byTrace = new Map<TraceId, StoredSpan[]>();
      let count = 0;
      for (const one of this.#spans.between(next, until)) {
        const others = byTrace.get(one.span.traceId);
        if (others === undefined) byTrace.set(one.span.traceId, [one]);
        else others.push(one);
        count++;
      }
      const kept = [...byTrace].flatMap(([trace, spans]) => (isKept(spans) ? [trace] : []));
      if (kept.length > 0)
        this.#db
          .prepare(
            `insert into span_kept_${number} select * from span
             where shard = any(?::int2[]) and "end" >= ? and "end" < ? and trace = any(?::bytea[]) on conflict do nothing`,
          )
          .run(numbers(this.#shards.keys), next, until, ids(kept));
      this.#write(name, { at: until, seen: seen + count });
      isDone = true;
    });
    return isDone;
  }

  /** All of it was looked through: unless something has come since, the rows that are kept take the place of all. */
  #replace(name: string, progress: Progress, number: number, seen: number): boolean {
    const [from, to] = [number * PARTITION_TENTHS, (number + 1) * PARTITION_TENTHS];
    let isAgain = false;
    const isReplaced = this.#partitions.replaceByKept('span', number, () => {
      if (!this.#isMine(name, progress)) return false;
      const { n } = this.#db.prepare(`select count(*) as n from span_${number}`).get() as { n: number };
      isAgain = n !== seen;
      this.#write(name, isAgain ? { at: from, seen: 0 } : { at: to, seen: 0 });
      if (isAgain) return false;
      giveUpRaw(this.#db, this.#settings, to / TENTHS_PER_MINUTE);
      dropRatingsWithout(this.#db, `span_kept_${number}`, from, to);
      return true;
    });
    return isReplaced || isAgain;
  }

  /** Whether nobody else is at it, or was since: until the end of the transaction. */
  #isMine(name: string, { at, seen }: Progress): boolean {
    const { mine } = this.#db.prepare('select pg_try_advisory_xact_lock(?)::int4 as mine').get(LOCK) as {
      mine: number;
    };
    const now = this.#progressOf(name);
    return mine === 1 && now.at === at && now.seen === seen;
  }

  #firstEnd(from: Tenths, to: Tenths): Tenths | null {
    const { first } = this.#db
      .prepare(
        `select min(found."end") as first from unnest(?::int2[]) keys (shard) cross join lateral (
           select "end" from span where span.shard = keys.shard and "end" >= ? and "end" < ? order by "end" limit 1
         ) found`,
      )
      .get(numbers(this.#shards.keys), from, to) as { first: Tenths | null };
    return first;
  }

  #progressOf(name: string): Progress {
    const text = this.#settings.get(name);
    return text === null ? { at: 0, seen: 0 } : (JSON.parse(text) as Progress);
  }

  #write(name: string, progress: Progress): void {
    this.#settings.set(name, JSON.stringify(progress));
  }
}
