import type { Tenths } from '../../model/time.ts';
import { REGROUP_TENTHS } from '../regroup.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';
import type { Hash } from './hash-table.ts';
import type { PartId } from './parts.ts';

/** What pointers lead from: `traces`, or the `names` of responses and conversations. */
export type PointerKind = 'traces' | 'names';
const KIND: Readonly<Record<PointerKind, number>> = { traces: 0, names: 1 };

/** Entries of a chunk, 8 bytes each: it lies within a page, so that little is read for a look. */
const CHUNK_ENTRIES = 240;
/** So many runs of one level are merged into one of the next, which is hardly larger than this. */
const RUNS_A_LEVEL = 8;
const RUN_MAX_ENTRIES = 1 << 19;

export interface Run {
  readonly run: number;
  readonly level: number;
  /** What an entry's offset is added to; the largest offset. */
  readonly base: PartId;
  readonly reach: number;
  /** Of the ends of the spans pointed at. */
  readonly earliest: Tenths;
  readonly latest: Tenths;
  readonly entries: number;
}

/** A sorted list of pointers: pairs (offset, hash), 8 bytes each, in little-endian memory one number ordered by hash. */
type Words = Uint32Array;

/** The stored pointers of one kind: a log of sorted runs, merged as they grow in number. */
export class PointerRuns {
  readonly #kind: number;
  readonly #all: SqlStatement;
  readonly #chunksOf: SqlStatement;
  readonly #lastChunk: SqlStatement;
  readonly #chunksAt: SqlStatement;
  readonly #insertRun: SqlStatement;
  readonly #insertChunk: SqlStatement;
  readonly #deleteRun: SqlStatement;
  readonly #deleteChunks: SqlStatement;
  #runs: readonly Run[] | null = null;
  /** What came since the last run was written. */
  #hashes: Hash[] = [];
  #parts: PartId[] = [];
  #earliest: Tenths = Number.POSITIVE_INFINITY;
  #latest: Tenths = 0;

  constructor(db: SqlDatabase, kind: PointerKind) {
    this.#kind = KIND[kind];
    this.#all = db.prepare(
      'select run, level, base, reach, earliest, latest, entries from pointer_run where kind = ? order by run desc',
    );
    this.#chunksOf = db.prepare('select data from pointer_chunk where run = ? order by first, chunk');
    this.#lastChunk = db.prepare(
      'select first, data from pointer_chunk where run = ? and first <= ? order by first desc, chunk desc limit 1',
    );
    this.#chunksAt = db.prepare('select data from pointer_chunk where run = ? and first = ?');
    this.#insertRun = db.prepare(
      'insert into pointer_run (kind, level, base, reach, earliest, latest, entries) values (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#insertChunk = db.prepare('insert into pointer_chunk (run, first, chunk, data) values (?, ?, ?, ?)');
    this.#deleteRun = db.prepare('delete from pointer_run where run = ?');
    this.#deleteChunks = db.prepare('delete from pointer_chunk where run = ?');
  }

  /** The newest first. */
  all(): readonly Run[] {
    this.#runs ??= this.#all.all(this.#kind) as unknown as Run[];
    return this.#runs;
  }

  /** The last part that is pointed at; 0: none. */
  get lastPart(): PartId {
    return this.all().reduce((last, { base, reach }) => Math.max(last, base + reach), 0);
  }

  *entriesOf({ run, base }: Run): Generator<{ hash: Hash; part: PartId }> {
    for (const { data } of this.#chunksOf.iterate(run) as Iterable<{ data: Uint8Array }>) {
      const words = wordsOf(data);
      for (let i = 0; i < words.length; i += 2) yield { hash: words[i + 1]!, part: base + words[i]! };
    }
  }

  /** To be written by the next `settle`; until then it is found by nobody here. */
  add(hash: Hash, part: PartId, end: Tenths): void {
    this.#hashes.push(hash);
    this.#parts.push(part);
    if (end < this.#earliest) this.#earliest = end;
    if (end > this.#latest) this.#latest = end;
  }

  get waiting(): number {
    return this.#hashes.length;
  }

  /**
   * The newest parts of a hash, and all that may be regrouped with them.
   * @param until  every part of spans that ended then or later is found in any case
   */
  find(hash: Hash, into: PartId[], until: Tenths): void {
    let near = 0;
    for (const run of this.all()) {
      if (run.latest < near && run.latest < until) continue;
      const known = into.length;
      this.#findIn(run, hash, into);
      if (into.length > known) near = Math.max(near, run.earliest - REGROUP_TENTHS);
    }
  }

  /** The parts of a hash that are numbered so. */
  findWithin(hash: Hash, into: PartId[], first: PartId, last: PartId): void {
    for (const run of this.all()) if (run.base <= last && run.base + run.reach >= first) this.#findIn(run, hash, into);
  }

  #findIn({ run, base }: Run, hash: Hash, into: PartId[]): void {
    for (const data of this.#chunksOfHash(run, hash)) {
      const words = wordsOf(data);
      for (let i = lowerBound(words, hash); i < words.length && words[i + 1] === hash; i += 2)
        if (!into.includes(base + words[i]!)) into.push(base + words[i]!);
    }
  }

  /** A hash may fill several chunks: all that begin with it, and the one before them. */
  #chunksOfHash(run: number, hash: Hash): Uint8Array[] {
    const last = this.#lastChunk.get(run, hash) as { first: Hash; data: Uint8Array } | undefined;
    if (last === undefined) return [];
    if (last.first < hash) return [last.data];
    const all = this.#chunksAt.all(run, hash) as { data: Uint8Array }[];
    const before = this.#lastChunk.get(run, hash - 1) as { data: Uint8Array } | undefined;
    return [...all, ...(before === undefined ? [] : [before])].map(({ data }) => data);
  }

  /** Writes what came since the last time as a run, inside the caller's transaction. */
  settle(): void {
    const count = this.#hashes.length;
    if (count === 0) return;
    let base = Number.POSITIVE_INFINITY;
    for (const part of this.#parts) if (part < base) base = part;
    const words = new Uint32Array(count * 2);
    for (let i = 0; i < count; i++) {
      words[i * 2] = this.#parts[i]! - base;
      words[i * 2 + 1] = this.#hashes[i]!;
    }
    new BigUint64Array(words.buffer).sort();
    this.#store(0, base, this.#earliest, this.#latest, words);
    this.#hashes = [];
    this.#parts = [];
    this.#earliest = Number.POSITIVE_INFINITY;
    this.#latest = 0;
  }

  #store(level: number, base: PartId, earliest: Tenths, latest: Tenths, words: Words): void {
    let reach = 0;
    for (let i = 0; i < words.length; i += 2) if (words[i]! > reach) reach = words[i]!;
    const entries = words.length / 2;
    const run = Number(this.#insertRun.run(this.#kind, level, base, reach, earliest, latest, entries).lastInsertRowid);
    for (let at = 0, chunk = 0; at < words.length; at += CHUNK_ENTRIES * 2, chunk++) {
      const part = words.subarray(at, at + CHUNK_ENTRIES * 2);
      this.#insertChunk.run(run, part[1]!, chunk, new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    }
    this.#runs = null;
  }

  /** All entries of a run, their offsets moved by so much. */
  #wordsOf({ run, entries }: Run, move: number): Words {
    const all = new Uint32Array(entries * 2);
    let at = 0;
    for (const { data } of this.#chunksOf.iterate(run) as Iterable<{ data: Uint8Array }>) {
      const words = wordsOf(data);
      all.set(words, at);
      at += words.length;
    }
    if (move !== 0) for (let i = 0; i < at; i += 2) all[i]! += move;
    return all;
  }

  /** Merges runs into one, if there are many of a level: once, so that nobody waits for long. @returns whether it did */
  merge(): boolean {
    const runs = this.all();
    for (const level of new Set(runs.map((run) => run.level))) {
      const same: Run[] = [];
      let total = 0;
      for (const run of runs.toReversed())
        if (run.level === level && run.entries < RUN_MAX_ENTRIES && total < RUN_MAX_ENTRIES) {
          same.push(run);
          total += run.entries;
        }
      const base = Math.min(...same.map((run) => run.base));
      const last = Math.max(...same.map((run) => run.base + run.reach));
      if (same.length < RUNS_A_LEVEL && total < RUN_MAX_ENTRIES) continue;
      if (same.length < 2 || last - base > 0xffffffff) continue;
      const words = mergeAll(same.map((run) => this.#wordsOf(run, run.base - base)));
      for (const { run } of same) {
        this.#deleteChunks.run(run);
        this.#deleteRun.run(run);
      }
      const earliest = Math.min(...same.map((run) => run.earliest));
      this.#store(level + 1, base, earliest, Math.max(...same.map((run) => run.latest)), words);
      return true;
    }
    return false;
  }

  /** Lets go of runs whose parts are past their retention. */
  dropBefore(end: Tenths): void {
    for (const { run, latest } of this.all())
      if (latest < end) {
        this.#deleteChunks.run(run);
        this.#deleteRun.run(run);
        this.#runs = null;
      }
  }
}

/** A view of stored words; copied when SQLite hands them out unaligned. */
function wordsOf(data: Uint8Array): Words {
  const bytes = data.byteOffset % 4 === 0 ? data : data.slice();
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** Merges two by two, so that none is gone through more than a few times. */
function mergeAll(lists: readonly Words[]): Words {
  if (lists.length === 1) return lists[0]!;
  const half = lists.length >> 1;
  return merged(mergeAll(lists.slice(0, half)), mergeAll(lists.slice(half)));
}

/** Both sorted by hash, and so is what comes of them. */
function merged(a: Words, b: Words): Words {
  const out = new Uint32Array(a.length + b.length);
  let i = 0;
  let j = 0;
  for (let at = 0; at < out.length; at += 2) {
    const fromA = j >= b.length || (i < a.length && a[i + 1]! <= b[j + 1]!);
    out[at] = fromA ? a[i]! : b[j]!;
    out[at + 1] = fromA ? a[i + 1]! : b[j + 1]!;
    if (fromA) i += 2;
    else j += 2;
  }
  return out;
}

/** Index of the first pair whose hash is not below `hash`. */
function lowerBound(words: Words, hash: Hash): number {
  let low = 0;
  let high = words.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (words[middle * 2 + 1]! < hash) low = middle + 1;
    else high = middle;
  }
  return low * 2;
}
