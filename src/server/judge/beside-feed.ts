import type { Beside, BesideWanted } from '../../measures/estimator.ts';
import { ABSENT, type Code } from '../../model/dictionary.ts';
import { MINUTES_PER_HOUR, type Minute } from '../../model/time.ts';
import { SHORT_WINDOW_MINUTES } from '../../objectives/stream.ts';
import { TallyStream } from '../../objectives/tally-stream.ts';
import type { Counter } from '../../tally/counters.ts';
import { subtract, sum, type Tally, ZERO } from '../../tally/group.ts';

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
  readonly #windowMinutes: number;
  readonly #streams = new Map<Code, Streams>();
  #through: Minute;
  /** The beginning of the window that `#before` lies in front of, within one hour: by value. */
  #start: Minute = -1;
  readonly #before = new Map<Code, Tally>();

  /** @param windowMinutes  of the longest window that will be asked for   @param through  the minute it ends with at first */
  constructor(wanted: BesideWanted, reads: (name: Counter) => boolean, windowMinutes: number, through: Minute) {
    this.#wanted = wanted;
    this.#reads = reads;
    this.#windowMinutes = windowMinutes;
    this.#through = through;
  }

  /** Reads all that it reaches back to: hours up to `firstMinute`, the first of an hour, and minutes from there. */
  begin(rows: ReadRows, firstMinute: Minute): void {
    const firstHour = Math.floor(
      (this.#through - Math.max(this.#wanted.minutes, this.#windowMinutes)) / MINUTES_PER_HOUR,
    );
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
    for (const streams of this.#streams.values()) for (const stream of allOf(streams)) stream.passTo(this.#through);
  }

  /** A window that begins within an hour leaves out what of it lies before: hours alone would count it. */
  cutAt(rows: ReadRows, start: Minute): void {
    this.#start = start;
    this.#before.clear();
    const hour = start - (start % MINUTES_PER_HOUR);
    if (hour === start || this.#wanted.dimension === null) return;
    for (const { value, tally } of rows('minute', hour, start - 1))
      this.#before.set(value, sum([this.#before.get(value) ?? ZERO, tally]));
  }

  /** As of the newest minute, for a window that begins with `start`. */
  since(start: Minute): Beside {
    const trailingOf = ({ trailing }: Streams): Tally =>
      trailing === null ? ZERO : new Map(trailing.since(this.#through - this.#wanted.minutes + 1));
    if (this.#wanted.dimension === null) {
      const streams = this.#streams.get(ABSENT);
      return { trailing: streams === undefined ? ZERO : trailingOf(streams), slices: new Map() };
    }
    const isCut = start === this.#start && this.#through - start >= SHORT_WINDOW_MINUTES;
    const windowOf = (value: Code, stream: TallyStream): Tally => {
      const before = isCut ? this.#before.get(value) : undefined;
      return before === undefined ? new Map(stream.since(start)) : subtract(stream.since(start), stream.kept(before));
    };
    const slices = [...this.#streams].map(
      ([value, streams]) =>
        [value, { window: windowOf(value, streams.window!), trailing: trailingOf(streams) }] as const,
    );
    return { trailing: ZERO, slices: new Map(slices) };
  }

  #set(step: 'minute' | 'hour', value: Code, at: number, tally: Tally): void {
    const streams = this.#streams.get(value) ?? this.#begin(value);
    for (const stream of allOf(streams))
      if (step === 'minute') stream.setMinute(at, tally);
      else stream.setHour(at, tally);
  }

  #begin(value: Code): Streams {
    const { minutes, dimension } = this.#wanted;
    const streams = {
      window: dimension === null ? null : new TallyStream(this.#reads, this.#windowMinutes),
      trailing: minutes === 0 ? null : new TallyStream(this.#reads, minutes),
    };
    for (const stream of allOf(streams)) stream.passTo(this.#through);
    this.#streams.set(value, streams);
    return streams;
  }
}

/** A stream for each length that is asked for: each keeps one running sum. */
interface Streams {
  readonly window: TallyStream | null;
  readonly trailing: TallyStream | null;
}

const allOf = ({ window, trailing }: Streams): TallyStream[] => [window, trailing].filter((stream) => stream !== null);
