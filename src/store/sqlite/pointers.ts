import type { Tenths } from '../../model/time.ts';
import { REGROUP_TENTHS } from '../regroup.ts';
import type { SqlDatabase } from '../sql.ts';
import { Filter, type Hash, HashTable } from './hash-table.ts';
import type { PartId } from './parts.ts';
import { PointerRuns } from './pointer-runs.ts';

/** What memory may hold. */
export const POINTER_LIMITS = {
  /** Traces of one generation; two generations are kept. */
  generation: 300_000,
  /** Forgotten generations of one filter: a question costs a look into each filter, not into each generation. */
  filtered: 24,
  /** Of all filters together: beyond that the oldest is dropped, and counted. */
  filterBytes: 32 << 20,
  /** Entries of runs that are merged in one go: some milliseconds. */
  mergedAtOnce: 1 << 16,
};
/** So many pointers are a run of their own. */
const RUN_ENTRIES = 1 << 16;
/** Slots of a generation that go into its filter with each new pointer: all have before the next generation is full. */
const SLOTS_AT_ONCE = 8;

/**
 * Where the parts of a trace, a response or a conversation are: pointers (32-bit hash -> part). A B-tree over random ids
 * would be torn apart by every commit; this is a small log-structured merge tree instead: the traces of the last hours in
 * memory, as hashes or at least as filters, everything in sorted runs (pointer-runs.ts). A hit is a candidate: hashes
 * collide, so the part itself says whether it is the one.
 */
export class Pointers {
  /** Filters dropped for want of room: a trace split over more time than memory covers may be counted as two. */
  forgotten = 0;
  readonly #limits: typeof POINTER_LIMITS;
  readonly #traces: PointerRuns;
  readonly #names: PointerRuns;
  #young = new HashTable();
  #old = new HashTable();
  /** A generation that is being forgotten: the slots before `at` are in its filter. It is known until all are. */
  #leaving: { readonly table: HashTable; readonly filter: Filter; at: number } | null = null;
  #filters: Filter[] = [];
  /** Memory knows every trace of spans that ended later; of earlier ones the runs are asked. */
  #completeSince: Tenths = 0;
  /** Names that no run holds yet. */
  #freshNames = new HashTable();

  constructor(db: SqlDatabase, limits = POINTER_LIMITS) {
    this.#limits = limits;
    this.#traces = new PointerRuns(db, 'traces', limits.mergedAtOnce);
    this.#names = new PointerRuns(db, 'names', limits.mergedAtOnce);
  }

  /** The last part that runs point at: what came later is pointed at anew after a crash. */
  get lastSettled(): PartId {
    return this.#traces.lastPart;
  }

  /**
   * What a restart must know, read back from the runs: all of the last two hours, and of older times what was written last,
   * as much as memory held, so that a trace of long ago that is just being sent goes on where it was.
   */
  load(now: Tenths): void {
    this.#traces.dropUnfinished();
    let room = this.#limits.generation;
    const wanted = this.#traces.all().filter(({ entries, latest }) => {
      room -= entries;
      const isWanted = room >= 0 || latest >= now - REGROUP_TENTHS;
      if (!isWanted) this.#forget(latest);
      return isWanted;
    });
    for (const run of wanted.toReversed())
      for (const { hash, part } of this.#traces.entriesOf(run)) this.#remember(hash, part, run.latest);
  }

  addTrace(hash: Hash, part: PartId, end: Tenths): void {
    this.#remember(hash, part, end);
    this.#traces.add(hash, part, end);
  }

  /** Inside the caller's transaction: a part of very long ago that gets a new name begins a run of its own. */
  addName(hash: Hash, part: PartId, end: Tenths): void {
    if (!this.#freshNames.reaches(part)) this.settle();
    if (this.#freshNames.add(hash, part, end)) this.#names.add(hash, part, end);
  }

  /**
   * Where a trace may be: complete for copies of a span with that end, and for traces of the last two hours.
   * @param max  of a trace in more parts than so many, one more than that are enough
   */
  findRecent(hash: Hash, end: Tenths, max = Number.POSITIVE_INFINITY): PartId[] {
    const found = this.findHeld(hash, max);
    if (found.length <= max) this.#findForgotten(hash, found, 0, Number.POSITIVE_INFINITY, max);
    if (end <= this.#completeSince && found.length <= max) this.#traces.find(hash, found, end, max);
    return found;
  }

  /** As `findRecent`, of the parts from one number to another, both inclusive: all of them. */
  findBetween(hash: Hash, end: Tenths, first: PartId, last: PartId): PartId[] {
    const found: PartId[] = [];
    this.#young.findWithin(hash, found, first, last);
    this.#old.findWithin(hash, found, first, last);
    this.#leaving?.table.findWithin(hash, found, first, last);
    this.#findForgotten(hash, found, first, last);
    if (end <= this.#completeSince) this.#traces.findWithin(hash, found, first, last);
    return found;
  }

  /** Where a trace may be, however old: its newest parts and those of about two hours before; `all`: every one. */
  findTrace(hash: Hash, extent: 'newest' | 'all'): PartId[] {
    const found = this.findHeld(hash);
    this.#findForgotten(hash, found);
    if (extent === 'newest' && found.length > 0) return found;
    this.#traces.find(hash, found, extent === 'all' ? 0 : Number.POSITIVE_INFINITY);
    return found;
  }

  /** The newest parts of a trace, as far as memory has them at hand: nothing is read. */
  findHeld(hash: Hash, max = Number.POSITIVE_INFINITY): PartId[] {
    const found: PartId[] = [];
    this.#young.find(hash, found, max);
    this.#old.find(hash, found, max);
    this.#leaving?.table.find(hash, found, max);
    return found;
  }

  /** What memory knows by a filter only: the runs of its time are asked. A filter is wrong now and then, and has company. */
  #findForgotten(
    hash: Hash,
    found: PartId[],
    first: PartId = 0,
    last: PartId = Number.POSITIVE_INFINITY,
    max = Number.POSITIVE_INFINITY,
  ): void {
    for (const filter of this.#filters) {
      const [from, to] = [Math.max(first, filter.first), Math.min(last, filter.last)];
      if (from <= to && filter.mayHold(hash)) this.#traces.findWithin(hash, found, from, to, max);
    }
  }

  /** Where a response, a conversation or an own id may be; `newest`: those that no run holds yet are enough, if there are any. */
  findName(hash: Hash, extent: 'newest' | 'all'): PartId[] {
    const found: PartId[] = [];
    this.#freshNames.find(hash, found);
    if (extent === 'all' || found.length === 0) this.#names.find(hash, found, 0);
    return found;
  }

  /** Enough waits to be a run of its own. */
  get isFull(): boolean {
    return this.#traces.waiting + this.#names.waiting > RUN_ENTRIES;
  }

  /** Writes what came since the last time, inside the caller's transaction. */
  settle(): void {
    this.#traces.settle();
    this.#names.settle();
    this.#freshNames = new HashTable(this.#freshNames.slots);
  }

  /** Does a piece of making one run of some, inside the caller's transaction. @returns false when there are few enough */
  merge(): boolean {
    return this.#traces.merge() || this.#names.merge();
  }

  /** Lets go of what points at parts past their retention. */
  dropBefore(end: Tenths): void {
    this.#traces.dropBefore(end);
    this.#names.dropBefore(end);
  }

  #remember(hash: Hash, part: PartId, end: Tenths): void {
    if (this.#young.count >= this.#limits.generation) this.#rotate(end);
    this.#leave(SLOTS_AT_ONCE);
    if (!this.#old.has(hash, part)) this.#young.add(hash, part, end);
  }

  #rotate(now: Tenths): void {
    this.#leave(Number.POSITIVE_INFINITY);
    if (this.#old.count > 0) this.#leaving = { table: this.#old, filter: this.#filterFor(this.#old), at: 0 };
    const [kept, expired] = [true, false].map((isKept) =>
      this.#filters.filter(({ latest }) => latest >= now - REGROUP_TENTHS === isKept),
    );
    this.#filters = kept!;
    for (const { latest } of expired!) this.#forget(latest);
    while (this.#filters.reduce((bytes, filter) => bytes + filter.bytes, 0) > this.#limits.filterBytes) {
      this.#forget(this.#filters.shift()!.latest);
      this.forgotten++;
    }
    this.#old = this.#young;
    this.#young = new HashTable(this.#old.slots);
  }

  #filterFor(table: HashTable): Filter {
    const newest = this.#filters.at(-1);
    const filter = newest?.hasRoomFor(table) ? newest : new Filter(this.#limits.generation * this.#limits.filtered);
    filter.expect(table);
    if (filter !== newest) this.#filters.push(filter);
    return filter;
  }

  /** Brings some of what is being forgotten into its filter: all of it in one go takes a tenth of a second. */
  #leave(slots: number): void {
    const leaving = this.#leaving;
    if (leaving === null) return;
    const { table, filter } = leaving;
    const until = Math.min(leaving.at + slots, table.slots);
    for (; leaving.at < until; leaving.at++) {
      const hash = table.hashAt(leaving.at);
      if (hash >= 0) filter.add(hash);
    }
    if (until === table.slots) this.#leaving = null;
  }

  #forget(latest: Tenths): void {
    if (latest > this.#completeSince) this.#completeSince = latest;
  }
}
