import type { Code } from '../model/dictionary.ts';
import type { Minute } from '../model/time.ts';
import { COMMON_COUNTERS, type Common, type Counter } from './counters.ts';

/**
 * Which clock a minute is of: `event` is the minute in which an interaction ended, `label` the minute in which a label,
 * score or feedback became known. Detectors of labelled measures run on the latter, everything else on the former.
 */
export const CLOCKS = ['event', 'label'] as const;
export const EVENT_CLOCK = 0;
export const LABEL_CLOCK = 1;
export type Clock = typeof EVENT_CLOCK | typeof LABEL_CLOCK;

/** Room of a row for its common counters: two lines of memory. */
const COMMON_SIZE = 16;
/** A book begins small: whoever folds a minute makes one for it. It doubles when it is full. */
const FIRST_ROWS = 16;
const FIRST_ENTRIES = 64;

/** What one tally is about. `dimension` and `value` 0: all of the service. */
export interface RowKey {
  readonly clock: Clock;
  readonly minute: Minute;
  readonly service: Code;
  readonly dimension: Code;
  readonly value: Code;
}

/**
 * Many tallies at once, in flat typed arrays: what a hundred thousand interactions a second are counted into.
 * A counter that returns to zero is as if it had never been.
 */
export class TallyBook {
  #rows = 0;
  #rowClock: Uint8Array = new Uint8Array(FIRST_ROWS);
  #rowMinute: Uint32Array = new Uint32Array(FIRST_ROWS);
  #rowService: Uint32Array = new Uint32Array(FIRST_ROWS);
  #rowDimension: Uint32Array = new Uint32Array(FIRST_ROWS);
  #rowValue: Uint32Array = new Uint32Array(FIRST_ROWS);
  #rowHead: Int32Array = new Int32Array(FIRST_ROWS);
  #rowCommon: Float64Array = new Float64Array(FIRST_ROWS * COMMON_SIZE);
  #rowTable: Int32Array = new Int32Array(FIRST_ROWS * 4).fill(-1);

  #entries = 0;
  /** Sixteen bytes an entry, that lie together because they are asked for together: row and name, then the count. */
  #entryKey: Uint32Array = new Uint32Array(FIRST_ENTRIES * 4);
  #entryCount: Float64Array = new Float64Array(this.#entryKey.buffer);
  #entryNext: Int32Array = new Int32Array(FIRST_ENTRIES);
  #entryTable: Int32Array = new Int32Array(FIRST_ENTRIES * 4).fill(-1);

  /** Rows touched since the last `clear`. */
  get rows(): number {
    return this.#rows;
  }

  /** The number of a row, made when it is new. Valid until `clear`. */
  row(clock: Clock, minute: Minute, service: Code, dimension: Code, value: Code): number {
    const mask = this.#rowTable.length - 1;
    for (let slot = hashRow(clock, minute, service, dimension, value) & mask; ; slot = (slot + 1) & mask) {
      const row = this.#rowTable[slot]!;
      if (row < 0) return this.#newRow(slot, clock, minute, service, dimension, value);
      if (
        this.#rowMinute[row] === minute &&
        this.#rowService[row] === service &&
        this.#rowDimension[row] === dimension &&
        this.#rowValue[row] === value &&
        this.#rowClock[row] === clock
      )
        return row;
    }
  }

  add(row: number, name: Counter, by: number): void {
    const mask = this.#entryTable.length - 1;
    for (let slot = hashEntry(row, name) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#entryTable[slot]!;
      if (entry < 0) {
        this.#newEntry(slot, row, name, by);
        return;
      }
      if (this.#entryKey[entry * 4] === row && this.#entryKey[entry * 4 + 1] === name) {
        this.#entryCount[entry * 2 + 1]! += by;
        return;
      }
    }
  }

  /** As `add`, of one of the counters that nearly everything adds to: without a look-up. */
  addCommon(row: number, place: Common, by: number): void {
    this.#rowCommon[row * COMMON_SIZE + place]! += by;
  }

  keyOf(row: number): RowKey {
    return {
      clock: this.#rowClock[row] as Clock,
      minute: this.#rowMinute[row]!,
      service: this.#rowService[row]!,
      dimension: this.#rowDimension[row]!,
      value: this.#rowValue[row]!,
    };
  }

  /** @throws RangeError past 2^53, where sums cease to be exact */
  tallyOf(row: number): Map<Counter, number> {
    const tally = new Map<Counter, number>();
    for (let place = 0; place < COMMON_COUNTERS.length; place++) {
      const count = this.#rowCommon[row * COMMON_SIZE + place]!;
      if (count !== 0) tally.set(COMMON_COUNTERS[place]!, count);
    }
    for (let entry = this.#rowHead[row]!; entry >= 0; entry = this.#entryNext[entry]!) {
      const name = this.#entryKey[entry * 4 + 1]!;
      const count = this.#entryCount[entry * 2 + 1]! + (tally.get(name) ?? 0);
      if (count === 0) tally.delete(name);
      else tally.set(name, count);
    }
    for (const [name, count] of tally)
      if (!Number.isSafeInteger(count)) throw new RangeError(`counter ${name} is ${count}: not an exact integer`);
    return tally;
  }

  /** How many counters a row has, about: those that came to zero again are among them. At least 1. */
  sizeOf(row: number): number {
    let size = 1;
    for (let entry = this.#rowHead[row]!; entry >= 0; entry = this.#entryNext[entry]!) size++;
    return size;
  }

  /** Whether a row comes to nothing: its `tallyOf` would be empty. Of a row that adds to common counters by `addCommon` alone. */
  isEmpty(row: number): boolean {
    for (let at = row * COMMON_SIZE; at < (row + 1) * COMMON_SIZE; at++) if (this.#rowCommon[at] !== 0) return false;
    for (let entry = this.#rowHead[row]!; entry >= 0; entry = this.#entryNext[entry]!)
      if (this.#entryCount[entry * 2 + 1] !== 0) return false;
    return true;
  }

  clear(): void {
    this.#rows = 0;
    this.#entries = 0;
    this.#rowTable.fill(-1);
    this.#entryTable.fill(-1);
  }

  #newRow(slot: number, clock: Clock, minute: Minute, service: Code, dimension: Code, value: Code): number {
    const row = this.#rows++;
    if (row === this.#rowClock.length) {
      this.#rowClock = grown(this.#rowClock, Uint8Array);
      this.#rowMinute = grown(this.#rowMinute, Uint32Array);
      this.#rowService = grown(this.#rowService, Uint32Array);
      this.#rowDimension = grown(this.#rowDimension, Uint32Array);
      this.#rowValue = grown(this.#rowValue, Uint32Array);
      this.#rowHead = grown(this.#rowHead, Int32Array);
      this.#rowCommon = grown(this.#rowCommon, Float64Array);
    }
    this.#rowClock[row] = clock;
    this.#rowMinute[row] = minute;
    this.#rowService[row] = service;
    this.#rowDimension[row] = dimension;
    this.#rowValue[row] = value;
    this.#rowHead[row] = -1;
    this.#rowCommon.fill(0, row * COMMON_SIZE, (row + 1) * COMMON_SIZE);
    this.#rowTable[slot] = row;
    if (this.#rows * 2 > this.#rowTable.length) {
      this.#rowTable = new Int32Array(this.#rowTable.length * 2).fill(-1);
      const mask = this.#rowTable.length - 1;
      for (let r = 0; r < this.#rows; r++) {
        let at =
          hashRow(
            this.#rowClock[r]!,
            this.#rowMinute[r]!,
            this.#rowService[r]!,
            this.#rowDimension[r]!,
            this.#rowValue[r]!,
          ) & mask;
        while (this.#rowTable[at]! >= 0) at = (at + 1) & mask;
        this.#rowTable[at] = r;
      }
    }
    return row;
  }

  #newEntry(slot: number, row: number, name: Counter, by: number): void {
    const entry = this.#entries++;
    if (entry === this.#entryNext.length) {
      this.#entryKey = grown(this.#entryKey, Uint32Array);
      this.#entryCount = new Float64Array(this.#entryKey.buffer);
      this.#entryNext = grown(this.#entryNext, Int32Array);
    }
    this.#entryKey[entry * 4] = row;
    this.#entryKey[entry * 4 + 1] = name;
    this.#entryCount[entry * 2 + 1] = by;
    this.#entryNext[entry] = this.#rowHead[row]!;
    this.#rowHead[row] = entry;
    this.#entryTable[slot] = entry;
    if (this.#entries * 2 > this.#entryTable.length) {
      this.#entryTable = new Int32Array(this.#entryTable.length * 2).fill(-1);
      const mask = this.#entryTable.length - 1;
      for (let e = 0; e < this.#entries; e++) {
        let at = hashEntry(this.#entryKey[e * 4]!, this.#entryKey[e * 4 + 1]!) & mask;
        while (this.#entryTable[at]! >= 0) at = (at + 1) & mask;
        this.#entryTable[at] = e;
      }
    }
  }
}

function grown<T extends Uint8Array | Uint32Array | Int32Array | Float64Array>(
  old: T,
  type: new (length: number) => T,
): T {
  const more = new type(old.length * 2);
  more.set(old);
  return more;
}

function hashRow(clock: number, minute: number, service: number, dimension: number, value: number): number {
  let hash = Math.imul(minute, 0x9e3779b1) ^ Math.imul(value, 0x85ebca6b) ^ Math.imul(service, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f) ^ Math.imul(dimension * 2 + clock, 0x165667b1);
  return hash ^ (hash >>> 13);
}

function hashEntry(row: number, name: number): number {
  const hash = Math.imul(row, 0x9e3779b1) ^ Math.imul(name, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}
