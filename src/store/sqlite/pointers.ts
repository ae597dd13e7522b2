import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Tenths } from '../../model/time.ts';

/**
 * Where the rows of a trace, a response or a conversation are: pointers (32-bit hash -> tenths of a second). A B-tree over
 * random ids would be torn apart by every commit; this is a small log-structured merge tree instead: recent pointers in
 * memory, older ones in sorted runs of 8 bytes each, which are merged as they grow in number. A hit is a candidate: hashes
 * collide, so the row itself says whether it is the one.
 */
export type Hash = number;

/** Hash of an id of so many latin-1 characters; `domain` keeps traces, responses and conversations apart. */
export function hashId(id: string, domain = 0): Hash {
  let hash = 0x811c9dc5 ^ Math.imul(domain + id.length, 0x9e3779b1);
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** How long the memory must know what it forgot: the time in which a trace may still be regrouped. */
const REGROUP_TENTHS = 2 * 36_000;
/** Slots of one generation in memory, 8 bytes each; two generations are kept. */
const GENERATION_SLOTS = 1 << 21;
const GENERATION_MAX = Math.floor(GENERATION_SLOTS * 0.6);
/** Entries of a chunk, 8 bytes each. */
const CHUNK_ENTRIES = 4096;
/** So many runs of one level are merged into one of the next, unless that would be larger than this. */
const RUNS_A_LEVEL = 12;
const RUN_MAX_ENTRIES = 1 << 20;
/** 13 bits for each hash of a generation. */
const FILTER_BYTES = GENERATION_SLOTS;
/** Bytes of all filters together: older ones are dropped, and counted. */
const FILTERS_MAX_BYTES = 32 << 20;

class Generation {
  readonly keys = new Uint32Array(GENERATION_SLOTS);
  readonly tenths = new Float64Array(GENERATION_SLOTS);
  count = 0;
  latest = 0;

  add(hash: Hash, tenths: Tenths): boolean {
    const mask = GENERATION_SLOTS - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      if (this.tenths[slot] === 0) {
        this.keys[slot] = hash;
        this.tenths[slot] = tenths;
        this.count++;
        if (tenths > this.latest) this.latest = tenths;
        return true;
      }
      if (this.keys[slot] === hash && this.tenths[slot] === tenths) return false;
    }
  }

  has(hash: Hash, tenths: Tenths): boolean {
    const mask = GENERATION_SLOTS - 1;
    for (let slot = hash & mask; this.tenths[slot] !== 0; slot = (slot + 1) & mask)
      if (this.keys[slot] === hash && this.tenths[slot] === tenths) return true;
    return false;
  }

  find(hash: Hash, into: Set<Tenths>): void {
    const mask = GENERATION_SLOTS - 1;
    for (let slot = hash & mask; this.tenths[slot] !== 0; slot = (slot + 1) & mask)
      if (this.keys[slot] === hash) into.add(this.tenths[slot]!);
  }
}

/** Which hashes a forgotten generation held: no false "no", one false "yes" in about 500. */
class Filter {
  readonly bits: Uint8Array;
  readonly latest: Tenths;

  constructor(generation: Generation) {
    this.bits = new Uint8Array(FILTER_BYTES);
    this.latest = generation.latest;
    for (let slot = 0; slot < GENERATION_SLOTS; slot++)
      if (generation.tenths[slot] !== 0)
        this.#each(generation.keys[slot]!, (byte, bit) => {
          this.bits[byte]! |= bit;
          return true;
        });
  }

  mayHold(hash: Hash): boolean {
    return this.#each(hash, (byte, bit) => (this.bits[byte]! & bit) !== 0);
  }

  #each(hash: Hash, visit: (byte: number, bit: number) => boolean): boolean {
    const total = this.bits.length * 8;
    const step = (Math.imul(hash, 0x85ebca6b) | 1) >>> 0;
    for (let i = 0, at = Math.imul(hash, 0xc2b2ae35) >>> 0; i < 6; i++, at = (at + step) >>> 0) {
      const place = at % total;
      if (!visit(place >>> 3, 1 << (place & 7))) return false;
    }
    return true;
  }
}

export class Pointers {
  /** Filters dropped for want of room: a trace split over more time than memory covers may be counted as two. */
  forgotten = 0;
  #young = new Generation();
  #old = new Generation();
  #filters: Filter[] = [];
  /** What came since the last run was written. */
  #freshHashes: Hash[] = [];
  #freshTenths: Tenths[] = [];

  readonly #runs: StatementSync;
  readonly #chunksOf: StatementSync;
  readonly #chunkBefore: StatementSync;
  readonly #chunksAt: StatementSync;
  readonly #insertRun: StatementSync;
  readonly #insertChunk: StatementSync;
  readonly #deleteRun: StatementSync;
  readonly #deleteChunks: StatementSync;

  constructor(db: DatabaseSync) {
    this.#runs = db.prepare('select run, level, base, latest, entries from pointer_run order by run desc');
    this.#chunksOf = db.prepare('select data from pointer_chunk where run = ? order by first, chunk');
    this.#chunkBefore = db.prepare(
      'select first, chunk, data from pointer_chunk where run = ? and first < ? order by first desc, chunk desc limit 1',
    );
    this.#chunksAt = db.prepare('select data from pointer_chunk where run = ? and first = ?');
    this.#insertRun = db.prepare('insert into pointer_run (level, base, latest, entries) values (?, ?, ?, ?)');
    this.#insertChunk = db.prepare('insert into pointer_chunk (run, first, chunk, data) values (?, ?, ?, ?)');
    this.#deleteRun = db.prepare('delete from pointer_run where run = ?');
    this.#deleteChunks = db.prepare('delete from pointer_chunk where run = ?');
  }

  /**
   * What a restart must know, read back from the runs: all of the last two hours, and of older times what was written last,
   * as much as memory held, so that a trace of long ago that is just being sent goes on where it was.
   */
  load(now: Tenths): void {
    const since = now - REGROUP_TENTHS;
    let room = GENERATION_MAX;
    const wanted: { run: number; base: number; from: Tenths }[] = [];
    for (const { run, base, latest, entries } of this.#allRuns()) {
      room -= entries;
      if (room >= 0 || latest >= since) wanted.push({ run, base, from: room >= 0 ? 0 : since });
    }
    for (const { run, base, from } of wanted.reverse())
      for (const { data } of this.#chunksOf.iterate(run) as Iterable<{ data: Uint8Array }>) {
        const words = wordsOf(data);
        for (let i = 0; i < words.length; i += 2) {
          const tenths = base + words[i]!;
          if (tenths >= from) this.#remember(words[i + 1]!, tenths);
        }
      }
  }

  add(hash: Hash, tenths: Tenths): void {
    if (!this.#remember(hash, tenths)) return;
    this.#freshHashes.push(hash);
    this.#freshTenths.push(tenths);
  }

  /** Where the rows may be, from memory; from the runs as well when memory has forgotten such a hash. */
  findRecent(hash: Hash): Tenths[] {
    const found = new Set<Tenths>();
    this.#young.find(hash, found);
    this.#old.find(hash, found);
    if (this.#filters.some((filter) => filter.mayHold(hash))) this.#findInRuns(hash, found);
    return [...found];
  }

  /** Where the rows may be, however old they are. */
  findAny(hash: Hash): Tenths[] {
    const found = new Set<Tenths>();
    this.#young.find(hash, found);
    this.#old.find(hash, found);
    this.#findInRuns(hash, found);
    return [...found];
  }

  /** Writes what came since the last time as a run, inside the caller's transaction, and merges runs where there are many. */
  settle(): void {
    const count = this.#freshHashes.length;
    if (count === 0) return;
    let base = Number.POSITIVE_INFINITY;
    let latest = 0;
    for (const tenths of this.#freshTenths) {
      if (tenths < base) base = tenths;
      if (tenths > latest) latest = tenths;
    }
    const words = new Uint32Array(count * 2);
    for (let i = 0; i < count; i++) {
      words[i * 2] = this.#freshTenths[i]! - base;
      words[i * 2 + 1] = this.#freshHashes[i]!;
    }
    this.#storeRun(0, base, latest, words);
    this.#freshHashes = [];
    this.#freshTenths = [];
    this.#merge();
  }

  #remember(hash: Hash, tenths: Tenths): boolean {
    if (this.#young.count >= GENERATION_MAX) this.#rotate(tenths);
    return !this.#old.has(hash, tenths) && this.#young.add(hash, tenths);
  }

  #rotate(now: Tenths): void {
    if (this.#old.count > 0) this.#filters.push(new Filter(this.#old));
    this.#filters = this.#filters.filter((filter) => filter.latest >= now - REGROUP_TENTHS);
    while (this.#filters.length * FILTER_BYTES > FILTERS_MAX_BYTES) {
      this.#filters.shift();
      this.forgotten++;
    }
    this.#old = this.#young;
    this.#young = new Generation();
  }

  #allRuns(): { run: number; level: number; base: number; latest: number; entries: number }[] {
    return this.#runs.all() as never;
  }

  #findInRuns(hash: Hash, into: Set<Tenths>): void {
    for (const run of this.#allRuns()) {
      const before = this.#chunkBefore.get(run.run, hash) as { data: Uint8Array } | undefined;
      const chunks = this.#chunksAt.all(run.run, hash) as { data: Uint8Array }[];
      if (before !== undefined) chunks.push(before);
      for (const { data } of chunks) {
        const words = wordsOf(data);
        for (let i = lowerBound(words, hash); i < words.length && words[i + 1] === hash; i += 2)
          into.add(run.base + words[i]!);
      }
    }
  }

  /** `words`: pairs (offset, hash), in little-endian memory one 64-bit number each, so that a native sort orders them by hash. */
  #storeRun(level: number, base: Tenths, latest: Tenths, words: Uint32Array): void {
    new BigUint64Array(words.buffer).sort();
    const run = Number(this.#insertRun.run(level, base, latest, words.length / 2).lastInsertRowid);
    for (let at = 0, chunk = 0; at < words.length; at += CHUNK_ENTRIES * 2, chunk++) {
      const part = words.subarray(at, at + CHUNK_ENTRIES * 2);
      this.#insertChunk.run(run, part[1]!, chunk, new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    }
  }

  #merge(): void {
    const runs = this.#allRuns();
    for (const level of new Set(runs.map((run) => run.level))) {
      const same = runs.filter((run) => run.level === level && run.entries < RUN_MAX_ENTRIES);
      const total = same.reduce((n, run) => n + run.entries, 0);
      const base = Math.min(...same.map((run) => run.base));
      const latest = Math.max(...same.map((run) => run.latest));
      if (same.length < RUNS_A_LEVEL && total < RUN_MAX_ENTRIES) continue;
      if (same.length < 2 || latest - base > 0xffffffff) continue;
      const words = new Uint32Array(total * 2);
      let at = 0;
      for (const run of same) {
        for (const { data } of this.#chunksOf.iterate(run.run) as Iterable<{ data: Uint8Array }>) {
          const part = wordsOf(data);
          for (let i = 0; i < part.length; i += 2) {
            words[at++] = part[i]! + run.base - base;
            words[at++] = part[i + 1]!;
          }
        }
        this.#deleteChunks.run(run.run);
        this.#deleteRun.run(run.run);
      }
      this.#storeRun(level + 1, base, latest, words);
    }
  }
}

/** A view of stored words; copied when SQLite hands them out unaligned. */
function wordsOf(data: Uint8Array): Uint32Array {
  const bytes = data.byteOffset % 4 === 0 ? data : data.slice();
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** Index of the first pair whose hash is not below `hash`. */
function lowerBound(words: Uint32Array, hash: Hash): number {
  let low = 0;
  let high = words.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (words[middle * 2 + 1]! < hash) low = middle + 1;
    else high = middle;
  }
  return low * 2;
}
