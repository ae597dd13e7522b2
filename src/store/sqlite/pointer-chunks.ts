import type { SqlDatabase, SqlStatement } from '../sql.ts';
import type { Hash } from './hash-table.ts';

/** Entries of a chunk, 8 bytes each: it lies within a page, so that little is read for a look. */
const CHUNK_ENTRIES = 240;

/** A sorted list of pointers: pairs (offset, hash), 8 bytes each, in little-endian memory one number ordered by hash. */
export type Words = Uint32Array;

/** Where a chunk stands in its run. */
export interface ChunkPlace {
  readonly first: Hash;
  readonly chunk: number;
}

/** Before every chunk of a run. */
export const RUN_BEGIN: ChunkPlace = { first: -1, chunk: -1 };

/** The pieces that runs of pointers are stored in. */
export class PointerChunks {
  readonly #all: SqlStatement;
  readonly #behind: SqlStatement;
  readonly #last: SqlStatement;
  readonly #at: SqlStatement;
  readonly #insert: SqlStatement;
  readonly #delete: SqlStatement;
  readonly #orphans: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#all = db.prepare('select data from pointer_chunk where run = ? order by first, chunk');
    this.#behind = db.prepare(
      'select first, chunk, data from pointer_chunk where run = ? and (first, chunk) > (?, ?) and first < ? order by first, chunk',
    );
    this.#last = db.prepare(
      'select first, data from pointer_chunk where run = ? and first <= ? order by first desc, chunk desc limit 1',
    );
    this.#at = db.prepare('select data from pointer_chunk where run = ? and first = ?');
    this.#insert = db.prepare('insert into pointer_chunk (run, first, chunk, data) values (?, ?, ?, ?)');
    this.#delete = db.prepare('delete from pointer_chunk where run = ?');
    // From run to run, not from chunk to chunk: there are thousands of these in each.
    this.#orphans = db.prepare(
      `with recursive known(run) as (
         select min(run) from pointer_chunk
         union all select (select min(run) from pointer_chunk c where c.run > known.run) from known where known.run is not null)
       select run from known where run is not null and run not in (select run from pointer_run)`,
    );
  }

  *of(run: number): Generator<Words> {
    for (const { data } of this.#all.iterate(run) as Iterable<Row>) yield wordsOf(data);
  }

  /** Those behind one of them that begin before a hash. */
  behind(run: number, { first, chunk }: ChunkPlace, before: number): (ChunkPlace & { readonly words: Words })[] {
    return (this.#behind.all(run, first, chunk, before) as unknown as (ChunkPlace & Row)[]).map((row) => ({
      first: row.first,
      chunk: row.chunk,
      words: wordsOf(row.data),
    }));
  }

  /** Those that may hold a hash: it may fill several, all that begin with it, and the one before them. */
  ofHash(run: number, hash: Hash): Words[] {
    const last = this.#last.get(run, hash) as (Row & { first: Hash }) | undefined;
    if (last === undefined) return [];
    if (last.first < hash) return [wordsOf(last.data)];
    const all = this.#at.all(run, hash) as unknown as Row[];
    const before = this.#last.get(run, hash - 1) as Row | undefined;
    return [...all, ...(before === undefined ? [] : [before])].map(({ data }) => wordsOf(data));
  }

  /** @param chunk  the number of the first of them  @returns the number of the next */
  write(run: number, chunk: number, words: Words): number {
    let next = chunk;
    for (let at = 0; at < words.length; at += CHUNK_ENTRIES * 2, next++) {
      const part = words.subarray(at, at + CHUNK_ENTRIES * 2);
      this.#insert.run(run, part[1]!, next, new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    }
    return next;
  }

  drop(run: number): void {
    this.#delete.run(run);
  }

  /** Lets go of those that belong to no run. */
  dropOrphans(): void {
    for (const { run } of this.#orphans.all() as { run: number }[]) this.drop(run);
  }
}

interface Row {
  readonly data: Uint8Array;
}

/** A view of stored words; copied when SQLite hands them out unaligned. */
function wordsOf(data: Uint8Array): Words {
  const bytes = data.byteOffset % 4 === 0 ? data : data.slice();
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** Index of the first pair whose hash is not below `hash`. */
export function lowerBound(words: Words, hash: Hash): number {
  let low = 0;
  let high = words.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (words[middle * 2 + 1]! < hash) low = middle + 1;
    else high = middle;
  }
  return low * 2;
}
