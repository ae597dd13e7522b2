import type { EventCounts } from '../../measures/events.ts';
import { plus } from '../../measures/sampling.ts';
import type { Code } from '../../model/dictionary.ts';
import type { Minute } from '../../model/time.ts';
import { EventStream } from '../../objectives/event-stream.ts';
import type { Objective } from '../../objectives/objective.ts';
import { BURN_MEMORY_MINUTES, type MinuteCounts } from '../../objectives/objective-watch.ts';
import { BURN_WINDOWS, type WindowCounts } from '../../objectives/reading.ts';
import { SHORT_WINDOW_MINUTES, Stream } from '../../objectives/stream.ts';
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

/** Where tallies are read from: the store, or what would be there. */
export type TallySource = Pick<Reader, 'series' | 'seriesOfAll'>;

/** Tallies read in one tick, so that the objectives of a service share them. */
export class TickCache {
  readonly #reader: TallySource;
  readonly #shared = new Map<string, Map<Code, { at: Minute; tally: Tally }[]>>();
  readonly #series = new Map<string, { at: number; tally: Tally }[]>();

  constructor(reader: TallySource) {
    this.#reader = reader;
  }

  minutes(clock: Clock, service: Code, from: Minute, to: Minute): { at: number; tally: Tally }[] {
    return this.#read('minute', clock, service, from, to);
  }

  /** Minutes that every objective asks for, because they have been judged last. */
  newest(clock: Clock, service: Code, from: Minute, to: Minute): { at: number; tally: Tally }[] {
    if (to - from >= SHARED_MINUTES) return this.minutes(clock, service, from, to);
    const key = `${clock} ${from} ${to}`;
    const shared = this.#shared.get(key) ?? this.#reader.seriesOfAll(clock, from, to);
    this.#shared.set(key, shared);
    return shared.get(service) ?? [];
  }

  hours(clock: Clock, service: Code, from: number, to: number): { at: number; tally: Tally }[] {
    return this.#read('hour', clock, service, from, to);
  }

  #read(
    step: 'minute' | 'hour',
    clock: Clock,
    service: Code,
    from: number,
    to: number,
  ): { at: number; tally: Tally }[] {
    const key = `${step} ${clock} ${service} ${from} ${to}`;
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
    const { eligible: _, hidden: __, ...seen } = objective.events.eventsOf(tally);
    if (seen.n > 0) counts.push({ minute: at, ...seen });
  }
  return counts;
}

/** The counts of an objective's windows, by the minutes of its interactions; kept in memory and moved on by each tick. */
export class EstimateFeed {
  readonly #objective: Objective;
  readonly #events: EventStream;
  /** Its bad ones are those whose failure would not have been seen. */
  readonly #eligible: Stream;
  #through: Minute;
  /** Of the window's first hour, what lies before the window: days begin within an hour of UTC in some time zones. */
  #before = NOTHING;

  /** @param through  the minute that the windows end with at first */
  constructor(objective: Objective, cache: TickCache, through: Minute) {
    this.#objective = objective;
    const longest = Math.max(objective.window.minutes, RECENT_MINUTES, BURN_MEMORY_MINUTES);
    this.#events = new EventStream(longest);
    this.#eligible = new Stream(longest);
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
    const { n: eligible, bad: hidden } = this.#eligible.window(minutes);
    return { ...this.#events.window(minutes), eligible, hidden };
  }

  #refreshMinute(cache: TickCache, minute: Minute): void {
    const tally = cache.minutes(EVENT_CLOCK, this.#objective.counted, minute, minute)[0]?.tally ?? new Map();
    this.#setMinute(minute, tally);
  }

  #setMinute(minute: Minute, tally: Tally): void {
    const counts = this.#objective.events.eventsOf(tally);
    this.#events.setMinute(minute, counts);
    this.#eligible.setMinute(minute, counts.eligible, counts.hidden);
  }

  #setHour(hour: number, tally: Tally): void {
    const counts = this.#objective.events.eventsOf(tally);
    this.#events.setHour(hour, counts);
    this.#eligible.setHour(hour, counts.eligible, counts.hidden);
  }

  #pass(cache: TickCache, through: Minute): void {
    this.#through = through;
    this.#events.passTo(through);
    this.#eligible.passTo(through);
    this.#before = this.#beforeWindow(cache);
  }

  #beforeWindow(cache: TickCache): EventCounts {
    const { window, counted, events } = this.#objective;
    const start = window.startOf(this.#through);
    if (!window.hasFixedStart || start % MINUTES_PER_HOUR === 0) return NOTHING;
    let sum = NOTHING;
    for (const { tally } of cache.minutes(EVENT_CLOCK, counted, start - (start % MINUTES_PER_HOUR), start - 1)) {
      sum = together(sum, events.eventsOf(tally));
    }
    return sum;
  }
}

/** The counts of an objective's window as of an earlier minute: read anew, for evidence. */
export const countsAsOf = (reader: TallySource, objective: Objective, minute: Minute): WindowCounts =>
  new EstimateFeed(objective, new TickCache(reader), minute).counts();
