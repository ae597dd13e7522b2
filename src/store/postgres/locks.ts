import type { IdHash } from '../id-hash.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';
import { numbers } from './arrays.ts';
import { BUCKETS, SHARDS } from './schema.ts';
import { bucketOf, type Shards } from './shards.ts';

/**
 * From so many on all are taken at once. Two groups of five hundred out of 32,768 meet nearly always: nothing is lost by
 * waiting for each other as wholes, and one lock of a table costs less than a mark on each of its rows.
 */
const ALL_FROM = 512;

/** Something was touched that nobody had named beforehand: the group is done again, with all locks. */
export class NotHeld extends Error {
  constructor() {
    super('a trace was touched whose lock is not held');
  }
}

/**
 * Who changes what belongs to a trace, or to a name that ratings give, holds its lock until the transaction ends. All locks of
 * a transaction are taken at once and in one order, so that no two of them wait for each other.
 */
export class Locks {
  readonly #db: SqlDatabase;
  readonly #shards: Shards;
  readonly #rows: SqlStatement;
  /** null: no transaction that needs any. */
  #held: ReadonlySet<number> | 'all' | null = null;

  constructor(db: SqlDatabase, shards: Shards) {
    this.#db = db;
    this.#shards = shards;
    this.#rows = db.prepare(
      `select count(*) as n from (
         select 1 from unnest(?::int2[], ?::int2[]) wanted (shard, bucket) join trace_lock held using (shard, bucket)
         order by shard, bucket for update of held
       ) held`,
    );
  }

  take(hashes: Iterable<IdHash>, all: boolean): void {
    const wanted = new Set<number>();
    for (const hash of hashes) wanted.add(lockOf(hash));
    if (all || wanted.size >= ALL_FROM) {
      this.#db.exec('lock table trace_lock in exclusive mode');
      this.#held = 'all';
      return;
    }
    const shards: number[] = [];
    const buckets: number[] = [];
    for (const lock of wanted) {
      shards.push(this.#shards.keyOf(lock));
      buckets.push(bucketOf(lock));
    }
    if (wanted.size > 0) this.#rows.get(numbers(shards), numbers(buckets));
    this.#held = wanted;
  }

  /** The transaction has ended. */
  ended(): void {
    this.#held = null;
  }

  /** @throws NotHeld when a transaction with locks has not got this one */
  require(hash: IdHash): void {
    if (this.#held !== null && this.#held !== 'all' && !this.#held.has(lockOf(hash))) throw new NotHeld();
  }
}

/** The part of a hash that says shard and bucket. */
const lockOf = (hash: IdHash): number => hash % (SHARDS * BUCKETS);
