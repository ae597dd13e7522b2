import { MINUTES_PER_HOUR, type Minute } from '../model/time.ts';
import type { Counts } from './burn-rate.ts';
import { RunningSums } from './running-sums.ts';
import { SHORT_WINDOW_MINUTES } from './stream.ts';

/** A longer window loses its tail by whole hours. */
const MINUTE_SLOTS = 512;

function requireIntegers(n: number, bad: number): void {
  if (!Number.isSafeInteger(n) || !Number.isSafeInteger(bad))
    throw new RangeError(
      `${n} and ${bad} are to be counted: integers are needed, sums of others would not come back to zero`,
    );
}

/**
 * What `Stream` is, for integers alone: every window costs the same, and no more than that, however long it is. Of a promise over 30
 * days it holds 10 kB.
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

  /** Counts of one hour; of one that is no longer held nothing. */
  hour(hour: number): Counts {
    return this.#hours.of(hour);
  }

  /** Counts from a minute on; of more than six hours back, from the beginning of its hour. */
  since(minute: Minute): Counts {
    return this.head - minute < SHORT_WINDOW_MINUTES
      ? this.#minutes.since(minute)
      : this.#hours.since(Math.floor(minute / MINUTES_PER_HOUR));
  }
}
