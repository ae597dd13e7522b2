import { MINUTES_PER_HOUR, type Minute } from '../model/time.ts';
import type { Counter } from '../tally/counters.ts';
import { addInto, type Tally, ZERO } from '../tally/group.ts';
import { SHORT_WINDOW_MINUTES } from './stream.ts';

/** Longer than the longest window that moves by the minute, and than what late data sets by the minute. */
const MINUTES_KEPT = 512;

const hourOf = (minute: Minute): number => Math.floor(minute / MINUTES_PER_HOUR);

/**
 * The last minutes and hours of a tally, for estimates that are more than a share of events. As `Stream` does it: windows of more
 * than six hours lose their tail by whole hours, absolute tallies are set, so late data simply set them again. The hours of the long
 * window are one running sum: a tick adds a minute to it, whatever the window's length.
 */
export class TallyStream {
  /** The newest minute set or passed. */
  head: Minute = -1;
  readonly #reads: (name: Counter) => boolean;
  readonly #hoursKept: number;
  readonly #minutes = new Map<Minute, Tally>();
  readonly #hours = new Map<number, Map<Counter, number>>();
  /** Of the hours from `#from` on. */
  readonly #sum = new Map<Counter, number>();
  #from = 0;
  readonly #lastHour = new Map<Counter, number>();

  /** @param reads  counters that are kept   @param longestMinutes  of the windows that will be asked for */
  constructor(reads: (name: Counter) => boolean, longestMinutes: number) {
    this.#reads = reads;
    this.#hoursKept = Math.ceil(longestMinutes / MINUTES_PER_HOUR) + 2;
  }

  /** The tally of one minute, in place of what was known of it; its hour follows. */
  setMinute(minute: Minute, tally: Tally): void {
    const known = this.#minutes.get(minute) ?? ZERO;
    const now = this.kept(tally);
    this.#minutes.set(minute, now);
    this.#change(hourOf(minute), known, now);
    this.passTo(minute);
    if (minute <= this.head - MINUTES_PER_HOUR) return;
    addInto(this.#lastHour, known, -1);
    addInto(this.#lastHour, now);
  }

  /** The tally of a whole hour that lies before the minutes that were set. */
  setHour(hour: number, tally: Tally): void {
    this.#change(hour, new Map(this.#hours.get(hour)), this.kept(tally));
  }

  /** Time passes without events. */
  passTo(minute: Minute): void {
    if (minute <= this.head) return;
    const isNewHour = hourOf(minute) !== hourOf(this.head);
    const leaving = Math.min(this.head, minute - MINUTES_PER_HOUR);
    for (let at = this.head - MINUTES_PER_HOUR + 1; at <= leaving; at++)
      addInto(this.#lastHour, this.#minutes.get(at) ?? ZERO, -1);
    this.head = minute;
    if (isNewHour) this.#forget();
  }

  /** The sum of the last sixty minutes, kept because every tick asks for it. */
  get lastHour(): Tally {
    return this.#lastHour;
  }

  /** The sum from a minute on; of more than six hours back, from the beginning of its hour. */
  since(minute: Minute): Tally {
    if (this.head - minute >= SHORT_WINDOW_MINUTES) return this.#sumFrom(hourOf(minute));
    const sum = new Map<Counter, number>();
    for (let at = Math.max(0, minute); at <= this.head; at++) {
      const tally = this.#minutes.get(at);
      if (tally !== undefined) addInto(sum, tally);
    }
    return sum;
  }

  /** The sum of the window that ends with the head, inclusive. */
  window(minutes: number): Tally {
    return this.since(this.head - minutes + 1);
  }

  /** What of a tally is kept. */
  kept(tally: Tally): Tally {
    const kept = new Map<Counter, number>();
    for (const [name, count] of tally) if (this.#reads(name)) kept.set(name, count);
    return kept;
  }

  #change(hour: number, known: Tally, now: Tally): void {
    const tally = this.#hours.get(hour) ?? new Map<Counter, number>();
    this.#hours.set(hour, tally);
    for (const sum of hour >= this.#from ? [tally, this.#sum] : [tally]) {
      addInto(sum, known, -1);
      addInto(sum, now);
    }
  }

  #sumFrom(first: number): Tally {
    for (const [hour, tally] of this.#hours) {
      if (hour >= this.#from && hour < first) addInto(this.#sum, tally, -1);
      if (hour < this.#from && hour >= first) addInto(this.#sum, tally);
    }
    this.#from = first;
    return this.#sum;
  }

  #forget(): void {
    for (const minute of this.#minutes.keys()) if (minute <= this.head - MINUTES_KEPT) this.#minutes.delete(minute);
    for (const [hour, tally] of this.#hours) {
      if (hour > hourOf(this.head) - this.#hoursKept) continue;
      if (hour >= this.#from) addInto(this.#sum, tally, -1);
      this.#hours.delete(hour);
    }
  }
}
