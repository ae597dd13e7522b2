import type { ExtraWeight, SeenCounts } from '../measures/sampling.ts';
import type { Minute } from '../model/time.ts';
import { CountStream } from './count-stream.ts';
import { Stream } from './stream.ts';

const MICRO = 1e6;
const NO_EXTRA: ExtraWeight = { n: 0, bad: 0, squares: 0 };

/** The last minutes and hours of one stream of events; of sampled ones also what they stand for, from the first such minute on. */
export class EventStream {
  readonly #longestMinutes: number;
  readonly #isOfLosses: boolean;
  readonly #seen: CountStream;
  /** What `ExtraWeight` has as n and bad, and as squares: null while every event stands for itself. */
  #extra: { readonly weights: Stream; readonly squares: Stream } | null = null;

  /**
   * @param longestMinutes  of the windows that will be asked for
   * @param isOfLosses      its bad ones are sums of losses in [0, 1]: kept in whole millionths, because sums of doubles would not come back to zero
   */
  constructor(longestMinutes: number, isOfLosses = false) {
    this.#longestMinutes = longestMinutes;
    this.#isOfLosses = isOfLosses;
    this.#seen = new CountStream(longestMinutes);
  }

  /** The newest minute set or passed. */
  get head(): Minute {
    return this.#seen.head;
  }

  /** Counts of one minute, in place of what was known of it; its hour follows. */
  setMinute(minute: Minute, { n, bad, extra }: SeenCounts): void {
    this.#seen.setMinute(minute, n, this.#whole(bad));
    if (extra === undefined && this.#extra === null) return;
    this.#setExtra(extra, (stream, ...counts) => stream.setMinute(minute, ...counts));
  }

  /** Counts of a whole hour that lies before the minutes that were set. */
  setHour(hour: number, { n, bad, extra }: SeenCounts): void {
    this.#seen.setHour(hour, n, this.#whole(bad));
    if (extra === undefined && this.#extra === null) return;
    this.#setExtra(extra, (stream, ...counts) => stream.setHour(hour, ...counts));
  }

  /** Time passes without events. */
  passTo(minute: Minute): void {
    this.#seen.passTo(minute);
    this.#extra?.weights.passTo(minute);
    this.#extra?.squares.passTo(minute);
  }

  /** Counts of the window that ends with the head, inclusive. */
  window(minutes: number): SeenCounts {
    if (this.#extra === null && !this.#isOfLosses) return this.#seen.window(minutes);
    return this.#read((stream) => stream.window(minutes));
  }

  /** Counts from a minute on; of more than six hours back, from the beginning of its hour. */
  since(minute: Minute): SeenCounts {
    return this.#read((stream) => stream.since(minute));
  }

  /** Events of one hour, with those that sampled ones stand for; 0 when it is no longer held. */
  eventsIn(hour: number): number {
    if (hour < 0) return 0;
    const { n } = this.#seen.hour(hour);
    return this.#extra === null ? n : n + this.#extra.weights.hour(hour).n / MICRO;
  }

  #whole(bad: number): number {
    return this.#isOfLosses ? Math.round(bad * MICRO) : bad;
  }

  #setExtra(extra: ExtraWeight | undefined, set: (stream: Stream, n: number, bad: number) => void): void {
    this.#extra ??= { weights: new Stream(this.#longestMinutes), squares: new Stream(this.#longestMinutes) };
    const { n, bad, squares } = extra ?? NO_EXTRA;
    set(this.#extra.weights, n, bad);
    set(this.#extra.squares, squares, 0);
    this.passTo(this.#seen.head);
  }

  #read(counts: (stream: Stream | CountStream) => { n: number; bad: number }): SeenCounts {
    const whole = counts(this.#seen);
    const seen = this.#isOfLosses ? { n: whole.n, bad: whole.bad / MICRO } : whole;
    if (this.#extra === null) return seen;
    const { n, bad } = counts(this.#extra.weights);
    return n === 0 ? seen : { ...seen, extra: { n, bad, squares: counts(this.#extra.squares).n } };
  }
}
