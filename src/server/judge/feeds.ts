import type { EventCounts } from '../../measures/events.ts';
import { plus } from '../../measures/sampling.ts';
import { type Code, OTHER } from '../../model/dictionary.ts';
import type { Minute } from '../../model/time.ts';
import { CountStream } from '../../objectives/count-stream.ts';
import { EventStream } from '../../objectives/event-stream.ts';
import type { Objective } from '../../objectives/objective.ts';
import { BURN_MEMORY_MINUTES, type MinuteCounts } from '../../objectives/objective-watch.ts';
import { BURN_WINDOWS, type WindowCounts } from '../../objectives/reading.ts';
import type { SliceMinute } from '../../objectives/slice-watch.ts';
import { SHORT_WINDOW_MINUTES } from '../../objectives/stream.ts';
import type { Mark, Reader } from '../../store/sqlite/reader.ts';
import { type Clock, EVENT_CLOCK } from '../../tally/book.ts';
import type { Tally } from '../../tally/group.ts';

const MINUTES_PER_HOUR = 60;
/** Later changes than this are read as whole hours. */
const MINUTES_KEPT = 480;
/** What decides whether there is evidence enough looks back this far at most. */
const RECENT_MINUTES = 7 * 1440;

/** The newest minutes are read of all services at once, unless there are more of them than this. */
const SHARED_MINUTES = 3;
const NOTHING: EventCounts = { n: 0, bad: 0, eligible: 0, hidden: 0 };

const together = (a: EventCounts, b: EventCounts, sign: 1 | -1 = 1): EventCounts => ({
  ...plus(a, b, sign),
  eligible: a.eligible + sign * b.eligible,
  hidden: a.hidden + sign * b.hidden,
});

/** The same minutes of every service. */
interface SharedMinutes {
  readonly clock: Clock;
  readonly from: Minute;
  readonly to: Minute;
  readonly of: ReadonlyMap<Code, readonly { at: Minute; tally: Tally }[]>;
}

const NO_ROWS: readonly { at: Minute; tally: Tally }[] = [];

interface SliceTally {
  readonly dimension: Code;
  readonly value: Code;
  readonly at: Minute;
  readonly tally: Tally;
}

/**
 * Tallies read in one tick, so that the objectives of a service share them. What is of one service alone is kept until another one
 * is asked for: after a long stop each of them has much to read.
 */
export class TickCache {
  readonly #reader: Reader;
  #service: Code = -1;
  readonly #shared: SharedMinutes[] = [];
  readonly #series = new Map<string, { at: number; tally: Tally }[]>();
  readonly #slices = new Map<string, SliceTally[]>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  minutes(clock: Clock, service: Code, from: Minute, to: Minute): { at: number; tally: Tally }[] {
    return this.#read('minute', clock, service, from, to);
  }

  /** Minutes that every objective asks for, because they have been judged last. */
  newest(clock: Clock, service: Code, from: Minute, to: Minute): readonly { at: number; tally: Tally }[] {
    if (from > to) return NO_ROWS;
    if (to - from >= SHARED_MINUTES) return this.minutes(clock, service, from, to);
    let shared = this.#shared.find((one) => one.clock === clock && one.from === from && one.to === to);
    if (shared === undefined) {
      shared = { clock, from, to, of: this.#reader.seriesOfAll(clock, from, to) };
      this.#shared.push(shared);
    }
    return shared.of.get(service) ?? NO_ROWS;
  }

  hours(clock: Clock, service: Code, from: number, to: number): { at: number; tally: Tally }[] {
    return this.#read('hour', clock, service, from, to);
  }

  /** Minutes of the slices of a service, in order of time. */
  slices(clock: Clock, service: Code, from: Minute, to: Minute): SliceTally[] {
    this.#turnTo(service);
    const key = `${clock} ${from} ${to}`;
    let rows = this.#slices.get(key);
    if (rows === undefined) {
      rows = [...this.#reader.slices('minute', clock, service, from, to)];
      this.#slices.set(key, rows);
    }
    return rows;
  }

  #turnTo(service: Code): void {
    if (service === this.#service) return;
    this.#service = service;
    this.#series.clear();
    this.#slices.clear();
  }

  #read(
    step: 'minute' | 'hour',
    clock: Clock,
    service: Code,
    from: number,
    to: number,
  ): { at: number; tally: Tally }[] {
    this.#turnTo(service);
    const key = `${step} ${clock} ${from} ${to}`;
    let rows = this.#series.get(key);
    if (rows === undefined) {
      rows = [...this.#reader.series(step, clock, service, from, to)];
      this.#series.set(key, rows);
    }
    return rows;
  }
}

/** What the detectors of an objective see: the minutes of its detector's clock that have any events. */
export function detectorMinutes(cache: TickCache, objective: Objective, from: Minute, to: Minute): MinuteCounts[] {
  const counts: MinuteCounts[] = [];
  for (const { at, tally } of cache.newest(objective.events.detectorClock, objective.counted, from, to)) {
    const { n, bad, extra } = objective.events.eventsOf(tally);
    if (n > 0) counts.push(extra === undefined ? { minute: at, n, bad } : { minute: at, n, bad, extra });
  }
  return counts;
}

/** The same of the slices that have detectors of their own. What no value of their dimension was left for is nobody's slice. */
export function sliceMinutes(cache: TickCache, objective: Objective, from: Minute, to: Minute): SliceMinute[] {
  const { sliced, events, counted } = objective;
  if (sliced === undefined) return [];
  const minutes: SliceMinute[] = [];
  for (const { dimension, value, at, tally } of cache.slices(events.detectorClock, counted, from, to)) {
    if (value === OTHER || !sliced.dimensions.includes(dimension)) continue;
    const { eligible: _, hidden: __, ...seen } = events.eventsOf(tally);
    if (seen.n > 0) minutes.push({ minute: at, dimension, value, ...seen });
  }
  return minutes;
}

/** The counts of an objective's windows, by the minutes of its interactions; kept in memory and moved on by each tick. */
export class EstimateFeed {
  readonly #objective: Objective;
  readonly #events: EventStream;
  readonly #longestMinutes: number;
  /** How many more were eligible than counted, and those whose failure would not have been seen; null while there are none. */
  #beside: CountStream | null = null;
  #through: Minute;
  /** Of the window's first hour, what lies before the window: days begin within an hour of UTC in some time zones. */
  #before = NOTHING;
  /** The beginning of the window that `#before` lies in front of. */
  #start: Minute = -1;

  /** @param through  the minute that the windows end with at first */
  constructor(objective: Objective, cache: TickCache, through: Minute) {
    this.#objective = objective;
    const longest = Math.max(objective.window.minutes, RECENT_MINUTES, BURN_MEMORY_MINUTES);
    this.#events = new EventStream(longest);
    this.#longestMinutes = longest;
    this.#through = through;
    const firstMinute = Math.floor((through - MINUTES_KEPT + MINUTES_PER_HOUR) / MINUTES_PER_HOUR) * MINUTES_PER_HOUR;
    const firstHour = Math.floor((through - longest) / MINUTES_PER_HOUR);
    for (const { at, tally } of cache.hours(
      EVENT_CLOCK,
      objective.counted,
      firstHour,
      firstMinute / MINUTES_PER_HOUR - 1,
    ))
      this.#setHour(at, tally);
    for (const { at, tally } of cache.minutes(EVENT_CLOCK, objective.counted, firstMinute, through))
      this.#setMinute(at, tally);
    this.#pass(cache, through);
  }

  /** Moves the windows on to `through`, and reads again what has changed before. */
  advance(cache: TickCache, through: Minute, changed: readonly Mark[]): void {
    const service = this.#objective.counted;
    const hours = new Set<number>();
    if (changed.length > 0) this.#start = -1;
    for (const { minute, clock } of changed) {
      if (clock !== EVENT_CLOCK || minute > this.#through) continue;
      if (this.#through - minute >= MINUTES_KEPT - MINUTES_PER_HOUR) hours.add(Math.floor(minute / MINUTES_PER_HOUR));
      else this.#refreshMinute(cache, minute);
    }
    for (const hour of hours) {
      const tally = cache.hours(EVENT_CLOCK, service, hour, hour)[0]?.tally ?? new Map();
      this.#setHour(hour, tally);
    }
    for (const { at, tally } of cache.newest(EVENT_CLOCK, service, this.#through + 1, through))
      this.#setMinute(at, tally);
    this.#pass(cache, through);
  }

  counts(): WindowCounts {
    const minutes = this.#through - this.#objective.window.startOf(this.#through) + 1;
    const length = Math.max(1, minutes);
    const before = length > SHORT_WINDOW_MINUTES ? this.#before : NOTHING;
    return {
      window: together(this.#window(length), before, -1),
      lastHour: this.#window(MINUTES_PER_HOUR),
      recent: this.#window(Math.min(this.#objective.window.minutes, RECENT_MINUTES)),
      burnWindows: Object.fromEntries(
        Object.entries(BURN_WINDOWS).map(([name, window]) => [name, this.#events.window(window)]),
      ),
    };
  }

  #window(minutes: number): EventCounts {
    const seen = this.#events.window(minutes);
    const beside = this.#beside?.window(minutes);
    return { ...seen, eligible: seen.n + (beside?.n ?? 0), hidden: beside?.bad ?? 0 };
  }

  #refreshMinute(cache: TickCache, minute: Minute): void {
    const tally = cache.minutes(EVENT_CLOCK, this.#objective.counted, minute, minute)[0]?.tally ?? new Map();
    this.#setMinute(minute, tally);
  }

  #setMinute(minute: Minute, tally: Tally): void {
    const counts = this.#objective.events.eventsOf(tally);
    this.#events.setMinute(minute, counts);
    this.#besideOf(counts)?.setMinute(minute, counts.eligible - counts.n, counts.hidden);
  }

  #setHour(hour: number, tally: Tally): void {
    const counts = this.#objective.events.eventsOf(tally);
    this.#events.setHour(hour, counts);
    this.#besideOf(counts)?.setHour(hour, counts.eligible - counts.n, counts.hidden);
  }

  #besideOf({ n, eligible, hidden }: EventCounts): CountStream | null {
    if (this.#beside !== null || (eligible === n && hidden === 0)) return this.#beside;
    this.#beside = new CountStream(this.#longestMinutes);
    this.#beside.passTo(this.#events.head);
    return this.#beside;
  }

  #pass(cache: TickCache, through: Minute): void {
    this.#through = through;
    this.#events.passTo(through);
    this.#beside?.passTo(through);
    const { window } = this.#objective;
    const start = window.hasFixedStart ? window.startOf(through) : 0;
    if (start === this.#start) return;
    this.#start = start;
    this.#before = this.#beforeWindow(cache, start);
  }

  #beforeWindow(cache: TickCache, start: Minute): EventCounts {
    if (start % MINUTES_PER_HOUR === 0) return NOTHING;
    const { counted, events } = this.#objective;
    let sum = NOTHING;
    for (const { tally } of cache.minutes(EVENT_CLOCK, counted, start - (start % MINUTES_PER_HOUR), start - 1)) {
      sum = together(sum, events.eventsOf(tally));
    }
    return sum;
  }
}

/** The counts of an objective's window as of an earlier minute: read anew, for evidence. */
export const countsAsOf = (reader: Reader, objective: Objective, minute: Minute): WindowCounts =>
  new EstimateFeed(objective, new TickCache(reader), minute).counts();
