import { MINUTES_PER_HOUR, type Minute } from '../model/time.ts';
import type { Counts } from './burn-rate.ts';
import { SHORT_WINDOW_MINUTES } from './stream.ts';

/** A longer window loses its tail by whole hours. */
const MINUTE_SLOTS = 512;

/**
 * Two counts at each of the last positions of a series, kept as sums from its beginning on: what any stretch of it holds is one
 * subtraction, however long it is. Counts are integers, so nothing is lost; a late one moves the sums behind it.
 */
class RunningSums {
  /** The newest position set or passed, -1 before the first. */
  head = -1;
  readonly #slots: number;
  /** Sums up to and including a position: of the first count, of the second. */
  readonly #sums: Float64Array;

  constructor(slots: number) {
    this.#slots = slots;
    this.#sums = new Float64Array(2 * slots);
  }

  /** Positions up to here hold nothing more. */
  passTo(at: number): void {
    if (at <= this.head) return;
    if (this.head >= 0) {
      const from = 2 * (this.head % this.#slots);
      const n = this.#sums[from]!;
      const bad = this.#sums[from + 1]!;
      for (let next = Math.max(this.head + 1, at - this.#slots + 1); next <= at; next++) {
        const slot = 2 * (next % this.#slots);
        this.#sums[slot] = n;
        this.#sums[slot + 1] = bad;
      }
    }
    this.head = at;
  }

  /** Whether the counts of a position are still known. */
  holds(at: number): boolean {
    return at > this.head - this.#slots + 1;
  }

  /** Adds to the counts of a position that is held. */
  add(at: number, n: number, bad: number): void {
    this.passTo(at);
    if (n === 0 && bad === 0) return;
    for (let next = at; next <= this.head; next++) {
      const slot = 2 * (next % this.#slots);
      this.#sums[slot]! += n;
      this.#sums[slot + 1]! += bad;
    }
  }

  /** Sums of the positions from `first` to the head. */
  since(first: number): Counts {
    return first > this.head ? { n: 0, bad: 0 } : this.#between(first, this.head);
  }

  of(at: number): Counts {
    return at > this.head || !this.holds(at) ? { n: 0, bad: 0 } : this.#between(at, at);
  }

  /** Both inclusive, `last` held; of what is no longer held in front of it nothing. */
  #between(first: number, last: number): Counts {
    const end = 2 * (last % this.#slots);
    const n = this.#sums[end]!;
    const bad = this.#sums[end + 1]!;
    if (first <= 0) return { n, bad };
    const before = 2 * (Math.max(first - 1, this.head - this.#slots + 1) % this.#slots);
    return { n: n - this.#sums[before]!, bad: bad - this.#sums[before + 1]! };
  }
}

function requireIntegers(n: number, bad: number): void {
  if (!Number.isSafeInteger(n) || !Number.isSafeInteger(bad))
    throw new RangeError(
      `${n} and ${bad} are to be counted: integers are needed, sums of others would not come back to zero`,
    );
}

/**
 * What `Stream` is, for integers alone: every window costs the same, and no more than that, however long it is. Of a promise over 30
 * days it holds 20 kB.
 */
export class CountStream {
  readonly #minutes = new RunningSums(MINUTE_SLOTS);
  readonly #hours: RunningSums;

  /** @param longestMinutes  of the windows that will be asked for */
  constructor(longestMinutes: number) {
    this.#hours = new RunningSums(Math.ceil(longestMinutes / MINUTES_PER_HOUR) + 2);
  }

  /** The newest minute set or passed. */
  get head(): Minute {
    return this.#minutes.head;
  }

  /** Counts of one minute, in place of what was known of it; its hour follows. @throws RangeError when they are no integers */
  setMinute(minute: Minute, n: number, bad: number): void {
    requireIntegers(n, bad);
    const isNew = minute > this.head;
    this.passTo(minute);
    if (isNew) {
      this.#minutes.add(minute, n, bad);
      this.#hours.add(Math.floor(minute / MINUTES_PER_HOUR), n, bad);
      return;
    }
    const known = this.#minutes.of(minute);
    if (this.#minutes.holds(minute)) this.#minutes.add(minute, n - known.n, bad - known.bad);
    const hour = Math.floor(minute / MINUTES_PER_HOUR);
    if (this.#hours.holds(hour)) this.#hours.add(hour, n - known.n, bad - known.bad);
  }

  /** Counts of a whole hour that lies before the minutes that were set. */
  setHour(hour: number, n: number, bad: number): void {
    requireIntegers(n, bad);
    this.#hours.passTo(hour);
    if (!this.#hours.holds(hour)) return;
    const known = this.#hours.of(hour);
    this.#hours.add(hour, n - known.n, bad - known.bad);
  }

  /** Time passes without events. */
  passTo(minute: Minute): void {
    this.#minutes.passTo(minute);
    this.#hours.passTo(Math.floor(minute / MINUTES_PER_HOUR));
  }

  /** Counts of the window that ends with the head, inclusive. */
  window(minutes: number): Counts {
    return this.since(this.head - minutes + 1);
  }

  /** Counts from a minute on; of more than six hours back, from the beginning of its hour. */
  since(minute: Minute): Counts {
    return this.head - minute < SHORT_WINDOW_MINUTES
      ? this.#minutes.since(minute)
      : this.#hours.since(Math.floor(minute / MINUTES_PER_HOUR));
  }
}
