import type { Beside, BesideWanted } from '../../measures/estimator.ts';
import { ABSENT, type Code } from '../../model/dictionary.ts';
import type { Minute } from '../../model/time.ts';
import { TallyStream } from '../../objectives/tally-stream.ts';
import type { Counter } from '../../tally/counters.ts';
import { type Tally, ZERO } from '../../tally/group.ts';

const MINUTES_PER_HOUR = 60;

/** Reads the rows that are wanted, of a time and of each value; those without any are left out. */
export type ReadRows = (
  step: 'minute' | 'hour',
  from: number,
  to: number,
) => Iterable<{ readonly value: Code; readonly at: number; readonly tally: Tally }>;

/**
 * Tallies beside the window's own that an estimator reads: of the service over a longer time, or of each value of a dimension. Kept as
 * the window's own are: minutes while they are new, whole hours after that.
 */
export class BesideFeed {
  readonly #wanted: BesideWanted;
  readonly #reads: (name: Counter) => boolean;
  readonly #longest: number;
  readonly #streams = new Map<Code, TallyStream>();
  #through: Minute;

  /** @param windowMinutes  of the longest window that will be asked for   @param through  the minute it ends with at first */
  constructor(wanted: BesideWanted, reads: (name: Counter) => boolean, windowMinutes: number, through: Minute) {
    this.#wanted = wanted;
    this.#reads = reads;
    this.#longest = Math.max(wanted.minutes, windowMinutes);
    this.#through = through;
  }

  /** Reads all that it reaches back to: hours up to `firstMinute`, the first of an hour, and minutes from there. */
  begin(rows: ReadRows, firstMinute: Minute): void {
    const firstHour = Math.floor((this.#through - this.#longest) / MINUTES_PER_HOUR);
    this.read(rows, 'hour', firstHour, firstMinute / MINUTES_PER_HOUR - 1);
    this.read(rows, 'minute', firstMinute, this.#through);
  }

  /** What is known of some minutes, or hours, in place of what was known of them. `from` and `to` inclusive. */
  read(rows: ReadRows, step: 'minute' | 'hour', from: number, to: number): void {
    const seen = new Map<Code, Set<number>>();
    for (const { value, at, tally } of rows(step, from, to)) {
      this.#set(step, value, at, tally);
      const times = seen.get(value) ?? new Set();
      seen.set(value, times.add(at));
    }
    // Of one time alone, what has vanished is looked for: it was read before.
    if (from === to)
      for (const value of this.#streams.keys()) if (!seen.get(value)?.has(from)) this.#set(step, value, from, ZERO);
  }

  passTo(minute: Minute): void {
    this.#through = Math.max(this.#through, minute);
    for (const stream of this.#streams.values()) stream.passTo(this.#through);
  }

  /** As of the newest minute, for a window that begins with `start`. */
  since(start: Minute): Beside {
    const { minutes, dimension } = this.#wanted;
    const trailingOf = (stream: TallyStream): Tally =>
      minutes === 0 ? ZERO : new Map(stream.since(this.#through - minutes + 1));
    if (dimension === null) {
      const stream = this.#streams.get(ABSENT);
      return { trailing: stream === undefined ? ZERO : trailingOf(stream), slices: new Map() };
    }
    const slices = new Map(
      [...this.#streams].map(([value, stream]) => [
        value,
        { window: new Map(stream.since(start)), trailing: trailingOf(stream) },
      ]),
    );
    return { trailing: ZERO, slices };
  }

  #set(step: 'minute' | 'hour', value: Code, at: number, tally: Tally): void {
    let stream = this.#streams.get(value);
    if (stream === undefined) {
      stream = new TallyStream(this.#reads, this.#longest);
      stream.passTo(this.#through);
      this.#streams.set(value, stream);
    }
    if (step === 'minute') stream.setMinute(at, tally);
    else stream.setHour(at, tally);
  }
}
