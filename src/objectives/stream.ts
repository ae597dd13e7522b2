import { MINUTES_PER_HOUR, type Minute } from '../model/time.ts';
import type { Counts } from './burn-rate.ts';

/** Windows up to this long move by the minute. */
export const SHORT_WINDOW_MINUTES = 360;
/** A longer window loses its tail by whole hours. */
const MINUTE_SLOTS = 512;

/**
 * The last minutes and hours of one stream of events, so that every window's counts are a short sum. Absolute counts are
 * set, so late data simply set them again.
 */
export class Stream {
  /** The newest minute set or passed. */
  head: Minute = -1;
  readonly #hourSlots: number;
  readonly #minuteOf = new Int32Array(MINUTE_SLOTS).fill(-1);
  readonly #minuteN = new Float64Array(MINUTE_SLOTS);
  readonly #minuteBad = new Float64Array(MINUTE_SLOTS);
  readonly #hourOf: Int32Array;
  readonly #hourN: Float64Array;
  readonly #hourBad: Float64Array;
  /** Sums of the hours from one on to the one before the head's: they stay the same for an hour. */
  readonly #sums = new Map<number, Counts>();
  #summedTo = -1;

  /** @param longestMinutes  of the windows that will be asked for */
  constructor(longestMinutes: number) {
    this.#hourSlots = Math.ceil(longestMinutes / MINUTES_PER_HOUR) + 2;
    this.#hourOf = new Int32Array(this.#hourSlots).fill(-1);
    this.#hourN = new Float64Array(this.#hourSlots);
    this.#hourBad = new Float64Array(this.#hourSlots);
  }

  /** Counts of one minute, in place of what was known of it; its hour follows. */
  setMinute(minute: Minute, n: number, bad: number): void {
    const slot = minute % MINUTE_SLOTS;
    const known = this.#minuteOf[slot] === minute;
    const hour = Math.floor(minute / MINUTES_PER_HOUR);
    this.#addToHour(hour, n - (known ? this.#minuteN[slot]! : 0), bad - (known ? this.#minuteBad[slot]! : 0));
    this.#minuteOf[slot] = minute;
    this.#minuteN[slot] = n;
    this.#minuteBad[slot] = bad;
    if (minute > this.head) this.head = minute;
  }

  /** Counts of a whole hour that lies before the minutes that were set. One so old that no window holds it is left out. */
  setHour(hour: number, n: number, bad: number): void {
    const slot = hour % this.#hourSlots;
    if (this.#hourOf[slot]! > hour) return;
    this.#sums.clear();
    this.#hourOf[slot] = hour;
    this.#hourN[slot] = n;
    this.#hourBad[slot] = bad;
  }

  /** Time passes without events. */
  passTo(minute: Minute): void {
    if (minute > this.head) this.head = minute;
  }

  /** Counts of the window that ends with the head, inclusive. */
  window(minutes: number): Counts {
    return minutes <= SHORT_WINDOW_MINUTES
      ? this.#minutesSince(this.head - minutes + 1)
      : this.#hoursSince(Math.floor((this.head - minutes + 1) / MINUTES_PER_HOUR));
  }

  /** Counts from a minute on; of more than six hours back, from the beginning of its hour. */
  since(minute: Minute): Counts {
    return this.head - minute < SHORT_WINDOW_MINUTES
      ? this.#minutesSince(minute)
      : this.#hoursSince(Math.floor(minute / MINUTES_PER_HOUR));
  }

  /** Counts of one hour; of one that is no longer held nothing. */
  hour(hour: number): Counts {
    const slot = hour % this.#hourSlots;
    return this.#hourOf[slot] === hour ? { n: this.#hourN[slot]!, bad: this.#hourBad[slot]! } : { n: 0, bad: 0 };
  }

  #addToHour(hour: number, n: number, bad: number): void {
    const slot = hour % this.#hourSlots;
    if (this.#hourOf[slot]! > hour) return;
    if (hour < this.#summedTo) this.#sums.clear();
    if (this.#hourOf[slot] !== hour) this.setHour(hour, 0, 0);
    this.#hourN[slot]! += n;
    this.#hourBad[slot]! += bad;
  }

  #minutesSince(first: Minute): Counts {
    let n = 0;
    let bad = 0;
    for (let minute = Math.max(0, first); minute <= this.head; minute++) {
      const slot = minute % MINUTE_SLOTS;
      if (this.#minuteOf[slot] !== minute) continue;
      n += this.#minuteN[slot]!;
      bad += this.#minuteBad[slot]!;
    }
    return { n, bad };
  }

  #hoursSince(first: number): Counts {
    const last = Math.floor(this.head / MINUTES_PER_HOUR);
    if (first > last) return { n: 0, bad: 0 };
    const { n, bad } = this.#fullHours(first, last);
    const slot = last % this.#hourSlots;
    return this.#hourOf[slot] === last ? { n: n + this.#hourN[slot]!, bad: bad + this.#hourBad[slot]! } : { n, bad };
  }

  /** @param end  exclusive */
  #fullHours(first: number, end: number): Counts {
    if (end !== this.#summedTo) {
      this.#sums.clear();
      this.#summedTo = end;
    }
    let sum = this.#sums.get(first);
    if (sum === undefined) {
      sum = this.#addHours(first, end);
      this.#sums.set(first, sum);
    }
    return sum;
  }

  #addHours(first: number, end: number): Counts {
    let n = 0;
    let bad = 0;
    for (let slot = 0; slot < this.#hourSlots; slot++) {
      const hour = this.#hourOf[slot]!;
      if (hour < first || hour >= end) continue;
      n += this.#hourN[slot]!;
      bad += this.#hourBad[slot]!;
    }
    return { n, bad };
  }
}
