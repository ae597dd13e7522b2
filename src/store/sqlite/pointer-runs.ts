import type { Tenths } from '../../model/time.ts';
import { REGROUP_TENTHS } from '../regroup.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';
import type { Hash } from './hash-table.ts';
import { NumberList } from './number-list.ts';
import type { PartId } from './parts.ts';
import { lowerBound, PointerChunks } from './pointer-chunks.ts';
import { PointerMerge } from './pointer-merge.ts';

/** What pointers lead from: `traces`, or the `names` of responses and conversations. */
export type PointerKind = 'traces' | 'names';
const KIND: Readonly<Record<PointerKind, number>> = { traces: 0, names: 1 };

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

interface Merge {
  readonly into: PointerMerge;
  readonly runs: readonly Run[];
  /** Of what comes of it. */
  readonly level: number;
}

/** The stored pointers of one kind: a log of sorted runs, merged as they grow in number. */
export class PointerRuns {
  readonly #kind: number;
  readonly #chunks: PointerChunks;
  readonly #all: SqlStatement;
  readonly #insertRun: SqlStatement;
  readonly #finishRun: SqlStatement;
  readonly #deleteRun: SqlStatement;
  readonly #deleteUnfinished: SqlStatement;
  readonly #mergedAtOnce: number;
  #runs: readonly Run[] | null = null;
  /** What came since the last run was written. */
  readonly #hashes = new NumberList();
  readonly #parts = new NumberList();
  #earliest: Tenths = Number.POSITIVE_INFINITY;
  #latest: Tenths = 0;

  /** What is being merged; null: nothing. */
  #merge: Merge | null = null;
  /** Runs that were merged, whose chunks are still there. */
  #merged: number[] = [];

  /** @param mergedAtOnce  entries of runs that are merged in one go */
  constructor(db: SqlDatabase, kind: PointerKind, mergedAtOnce: number) {
    this.#kind = KIND[kind];
    this.#mergedAtOnce = mergedAtOnce;
    this.#chunks = new PointerChunks(db);
    // One without entries is still being made.
    this.#all = db.prepare(
      'select run, level, base, reach, earliest, latest, entries from pointer_run where kind = ? and entries > 0 order by run desc',
    );
    this.#insertRun = db.prepare(
      'insert into pointer_run (kind, level, base, reach, earliest, latest, entries) values (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#finishRun = db.prepare(
      'update pointer_run set level = ?, base = ?, reach = ?, earliest = ?, latest = ?, entries = ? where run = ?',
    );
    this.#deleteRun = db.prepare('delete from pointer_run where run = ?');
    this.#deleteUnfinished = db.prepare('delete from pointer_run where entries = 0');
  }

  /** Lets go of what a process that ended has left half merged, of every kind. */
  dropUnfinished(): void {
    this.#deleteUnfinished.run();
    this.#chunks.dropOrphans();
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
    for (const words of this.#chunks.of(run))
      for (let i = 0; i < words.length; i += 2) yield { hash: words[i + 1]!, part: base + words[i]! };
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
   * @param max    one more than so many found are enough
   */
  find(hash: Hash, into: PartId[], until: Tenths, max = Number.POSITIVE_INFINITY): void {
    let near = 0;
    for (const run of this.all()) {
      if (run.latest < near && run.latest < until) continue;
      const known = into.length;
      this.#findIn(run, hash, into, 0, Number.POSITIVE_INFINITY, max);
      if (into.length > known) near = Math.max(near, run.earliest - REGROUP_TENTHS);
    }
  }

  /** The parts of a hash that are numbered so, both inclusive. */
  findWithin(hash: Hash, into: PartId[], first: PartId, last: PartId, max = Number.POSITIVE_INFINITY): void {
    for (const run of this.all())
      if (run.base <= last && run.base + run.reach >= first) this.#findIn(run, hash, into, first, last, max);
  }

  #findIn({ run, base }: Run, hash: Hash, into: PartId[], first: PartId, last: PartId, max: number): void {
    if (into.length > max) return;
    const known = new Set(into);
    for (const words of this.#chunks.ofHash(run, hash))
      for (let i = lowerBound(words, hash); i < words.length && words[i + 1] === hash && into.length <= max; i += 2) {
        const part = base + words[i]!;
        if (part < first || part > last || known.has(part)) continue;
        known.add(part);
        into.push(part);
      }
  }

  /** Writes what came since the last time as a run, inside the caller's transaction. */
  settle(): void {
    const count = this.#hashes.length;
    if (count === 0) return;
    let base = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) base = Math.min(base, this.#parts.at(i));
    const words = new Uint32Array(count * 2);
    for (let i = 0; i < count; i++) {
      words[i * 2] = this.#parts.at(i) - base;
      words[i * 2 + 1] = this.#hashes.at(i);
    }
    new BigUint64Array(words.buffer).sort();
    let reach = 0;
    for (let i = 0; i < words.length; i += 2) if (words[i]! > reach) reach = words[i]!;
    const { lastInsertRowid } = this.#insertRun.run(this.#kind, 0, base, reach, this.#earliest, this.#latest, count);
    this.#chunks.write(Number(lastInsertRowid), 0, words);
    this.#runs = null;
    this.#hashes.clear();
    this.#parts.clear();
    this.#earliest = Number.POSITIVE_INFINITY;
    this.#latest = 0;
  }

  /** Does a piece of what keeps runs few: merges some of several, or lets go of one that was merged. @returns whether there was anything to do */
  merge(): boolean {
    const done = this.#merged.pop();
    if (done !== undefined) {
      this.#chunks.drop(done);
      return true;
    }
    this.#merge ??= this.#beginMerge();
    if (this.#merge === null) return false;
    const { into, runs, level } = this.#merge;
    if (!into.step()) return true;
    const earliest = Math.min(...runs.map((run) => run.earliest));
    const latest = Math.max(...runs.map((run) => run.latest));
    this.#finishRun.run(level, into.base, into.reach, earliest, latest, into.entries, into.run);
    for (const { run } of runs) {
      this.#deleteRun.run(run);
      this.#merged.push(run);
    }
    this.#merge = null;
    this.#runs = null;
    return true;
  }

  /** Of the runs of a level, when they are many. */
  #beginMerge(): Merge | null {
    const all = this.all();
    for (const level of new Set(all.map((run) => run.level))) {
      const runs: Run[] = [];
      let total = 0;
      for (const run of all.toReversed())
        if (run.level === level && run.entries < RUN_MAX_ENTRIES && total < RUN_MAX_ENTRIES) {
          runs.push(run);
          total += run.entries;
        }
      const base = Math.min(...runs.map((run) => run.base));
      const last = Math.max(...runs.map((run) => run.base + run.reach));
      if (runs.length < RUNS_A_LEVEL && total < RUN_MAX_ENTRIES) continue;
      if (runs.length < 2 || last - base > 0xffffffff) continue;
      const { lastInsertRowid } = this.#insertRun.run(this.#kind, level, base, 0, 0, 0, 0);
      const into = new PointerMerge(this.#chunks, Number(lastInsertRowid), base, runs, this.#mergedAtOnce);
      return { into, runs, level: level + 1 };
    }
    return null;
  }

  /** Lets go of runs whose parts are past their retention. */
  dropBefore(end: Tenths): void {
    for (const { run, latest } of this.all()) {
      if (latest >= end) continue;
      if (this.#merge?.into.merges(run)) this.#giveUp(this.#merge.into);
      this.#chunks.drop(run);
      this.#deleteRun.run(run);
      this.#runs = null;
    }
  }

  #giveUp({ run }: PointerMerge): void {
    this.#chunks.drop(run);
    this.#deleteRun.run(run);
    this.#merge = null;
  }
}
