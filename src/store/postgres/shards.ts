import type { IdHash } from '../id-hash.ts';
import type { SqlDatabase } from '../sql.ts';
import { BUCKETS, SHARDS } from './schema.ts';

/** What tells the parts of the store apart that may lie on different machines. */
export type ShardKey = number;

/** Which shard something is of, by the hash of what it is found by. Both the hash and the keys never change. */
export class Shards {
  readonly keys: readonly ShardKey[];

  constructor(db: SqlDatabase) {
    const rows = db.prepare('select key from shard_key order by ordinal').all() as { key: ShardKey }[];
    if (rows.length !== SHARDS) throw new RangeError(`the store has ${rows.length} shard keys, not ${SHARDS}`);
    this.keys = rows.map(({ key }) => key);
  }

  keyOf(hash: IdHash): ShardKey {
    return this.keys[hash % SHARDS]!;
  }

  /** Of a number: services are told apart by their codes. */
  keyOfService(service: number): ShardKey {
    return this.keys[service % SHARDS]!;
  }
}

/** Which of the locks of its shard something is under. */
export const bucketOf = (hash: IdHash): number => Math.floor(hash / SHARDS) % BUCKETS;
