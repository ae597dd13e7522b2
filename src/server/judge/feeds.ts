import type { EventCounts } from '../../measures/events.ts';
import { plus } from '../../measures/sampling.ts';
import type { Code } from '../../model/dictionary.ts';
import { type Minute, minuteOf } from '../../model/time.ts';
import { EventStream } from '../../objectives/event-stream.ts';
import type { Objective } from '../../objectives/objective.ts';
import { BURN_MEMORY_MINUTES, type MinuteCounts } from '../../objectives/objective-watch.ts';
import { BURN_WINDOWS, type WindowCounts } from '../../objectives/reading.ts';
import { SHORT_WINDOW_MINUTES, Stream } from '../../objectives/stream.ts';
import { TallyStream } from '../../objectives/tally-stream.ts';
import type { Mark, Reader } from '../../store/sqlite/reader.ts';
import { type Clock, EVENT_CLOCK } from '../../tally/book.ts';
import { subtract, sum, type Tally, ZERO } from '../../tally/group.ts';

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
export type TallySource = Pick<Reader, 'series' | 'seriesOfAll' | 'slicesOf' | 'approvedChanges'>;

/** Tallies read in one tick, so that the objectives of a service share them. */
export class TickCache {
  readonly #reader: TallySource;
  readonly #shared = new Map<string, Map<Code, { at: Minute; tally: Tally }[]>>();
  readonly #series = new Map<string, { at: number; tally: Tally }[]>();
  readonly #slices = new Map<string, Map<number, { value: Code; at: number; tally: Tally }[]>>();

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

  slices(
    step: 'minute' | 'hour',
    clock: Clock,
    service: Code,
    dimension: Code,
    from: number,
    to: number,
  ): Map<number, { value: Code; at: number; tally: Tally }[]> {
    const key = `${step} ${clock} ${service} ${dimension} ${from} ${to}`;
    let rows = this.#slices.get(key);
    if (rows === undefined) {
      rows = Map.groupBy(this.#reader.slicesOf(step, clock, service, dimension, from, to), ({ at }) => at);
      this.#slices.set(key, rows);
    }
    return rows;
  }

  /** Minutes of approved changes, in order: what a baseline begins with. */
  renewals({ service, environment }: Objective): readonly Minute[] {
    return this.#reader.approvedChanges(service, environment).map(minuteOf);
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

/** The tallies that an objective is about: its service's, or those of the slices of a dimension put together. */
function seriesOf(
  cache: TickCache,
  { counted, slices }: Objective,
  step: 'minute' | 'newest' | 'hour',
  clock: Clock,
  from: number,
  to: number,
): { at: number; tally: Tally }[] {
  const whole =
    step === 'hour'
      ? cache.hours(clock, counted, from, to)
      : step === 'newest'
        ? cache.newest(clock, counted, from, to)
        : cache.minutes(clock, counted, from, to);
  if (slices === undefined || whole.length === 0) return whole;
  const parts = cache.slices(step === 'hour' ? 'hour' : 'minute', clock, counted, slices.dimension, from, to);
  return whole.map(({ at, tally }) => ({ at, tally: slices.together(parts.get(at) ?? [], tally) }));
}

/** What a drift detector sees. */
function featureMinutes(cache: TickCache, objective: Objective, from: Minute, to: Minute): MinuteCounts[] {
  const { detectorClock, countsOf } = objective.drift!.feature;
  const renewals = cache.renewals(objective);
  const minutes: MinuteCounts[] = [];
  for (const { at, tally } of seriesOf(cache, objective, 'newest', detectorClock, from, to)) {
    const counts = countsOf(tally);
    const n = counts.values().reduce((sum, one) => sum + one, 0);
    const renewed = renewals.findLast((minute) => minute <= at) ?? -1;
    if (n > 0) minutes.push({ minute: at, n, bad: 0, feature: { counts, renewed } });
  }
  return minutes;
}

/** The tallies that its detector saw in some minutes. */
export const detectorTallies = (cache: TickCache, objective: Objective, from: Minute, to: Minute): Tally[] => {
  const { detectorClock } = objective.drift?.feature ?? objective.events;
  return seriesOf(cache, objective, 'minute', detectorClock, from, to).map(({ tally }) => tally);
};

/** What the detectors of an objective see: the minutes of its detector's clock that have any events. */
export function detectorMinutes(cache: TickCache, objective: Objective, from: Minute, to: Minute): MinuteCounts[] {
  const counts: MinuteCounts[] = [];
  if (objective.judgedBy === 'report') return counts;
  if (objective.drift !== undefined) return featureMinutes(cache, objective, from, to);
  for (const { at, tally } of cache.newest(objective.events.detectorClock, objective.counted, from, to)) {
    const { eligible: _, hidden: __, ...seen } = objective.events.eventsOf(tally);
    if (seen.n > 0) counts.push({ minute: at, ...seen });
  }
  return counts;
}

/** Losses are summed in whole millionths, exactly: in doubles what is added in another order would differ in its last digits. */
const MICRO = 1e6;

/** The counts of an objective's windows, by the minutes of its interactions; kept in memory and moved on by each tick. */
export class EstimateFeed {
  readonly #objective: Objective;
  readonly #events: EventStream;
  /** Its bad ones are those whose failure would not have been seen. */
  readonly #eligible: Stream;
  /** What its estimator reads; null where it has none. */
  readonly #tallies: TallyStream | null;
  readonly #isOfLosses: boolean;
  #through: Minute;
  /** Of the window's first hour, what lies before the window: days begin within an hour of UTC in some time zones. */
  #before = NOTHING;
  #tallyBefore = ZERO;

  /** @param through  the minute that the windows end with at first */
  constructor(objective: Objective, cache: TickCache, through: Minute) {
    this.#objective = objective;
    this.#isOfLosses = objective.judgedBy === 'scores';
    const longest = Math.max(objective.window.minutes, RECENT_MINUTES, BURN_MEMORY_MINUTES);
    this.#events = new EventStream(longest);
    this.#eligible = new Stream(longest);
    const reads = objective.estimator?.reads ?? objective.drift?.feature.reads;
    this.#tallies = reads === undefined ? null : new TallyStream(reads, longest);
    this.#through = through;
    const firstMinute = Math.floor((through - MINUTES_KEPT + MINUTES_PER_HOUR) / MINUTES_PER_HOUR) * MINUTES_PER_HOUR;
    const firstHour = Math.floor((through - longest) / MINUTES_PER_HOUR);
    const lastHour = firstMinute / MINUTES_PER_HOUR - 1;
    for (const { at, tally } of seriesOf(cache, objective, 'hour', EVENT_CLOCK, firstHour, lastHour))
      this.#setHour(at, tally);
    for (const { at, tally } of seriesOf(cache, objective, 'minute', EVENT_CLOCK, firstMinute, through))
      this.#setMinute(at, tally);
    this.#pass(cache, through);
  }

  /** Moves the windows on to `through`, and reads again what has changed before. */
  advance(cache: TickCache, through: Minute, changed: readonly Mark[]): void {
    const objective = this.#objective;
    const hours = new Set<number>();
    for (const { minute, clock } of changed) {
      if (clock !== EVENT_CLOCK || minute > this.#through) continue;
      if (this.#through - minute >= MINUTES_KEPT - MINUTES_PER_HOUR) hours.add(Math.floor(minute / MINUTES_PER_HOUR));
      else this.#refreshMinute(cache, minute);
    }
    for (const hour of hours) {
      const [read] = seriesOf(cache, objective, 'hour', EVENT_CLOCK, hour, hour);
      this.#setHour(hour, read?.tally ?? ZERO);
    }
    for (const { at, tally } of seriesOf(cache, objective, 'newest', EVENT_CLOCK, this.#through + 1, through))
      this.#setMinute(at, tally);
    this.#pass(cache, through);
  }

  counts(): WindowCounts {
    const minutes = this.#through - this.#objective.window.startOf(this.#through) + 1;
    const length = Math.max(1, minutes);
    const isLong = length > SHORT_WINDOW_MINUTES;
    const before = isLong ? this.#before : NOTHING;
    return {
      ...(this.#tallies === null
        ? {}
        : {
            tallies: {
              window: isLong ? subtract(this.#tallies.window(length), this.#tallyBefore) : this.#tallies.window(length),
              lastHour: this.#tallies.lastHour,
            },
          }),
      window: this.#inEvents(together(this.#units(length), before, -1)),
      lastHour: this.#window(MINUTES_PER_HOUR),
      recent: this.#window(Math.min(this.#objective.window.minutes, RECENT_MINUTES)),
      burnWindows: Object.fromEntries(
        Object.entries(BURN_WINDOWS).map(([name, window]) => [name, this.#inEvents(this.#events.window(window))]),
      ),
    };
  }

  #window(minutes: number): EventCounts {
    return this.#inEvents(this.#units(minutes));
  }

  #units(minutes: number): EventCounts {
    const { n: eligible, bad: hidden } = this.#eligible.window(minutes);
    return { ...this.#events.window(minutes), eligible, hidden };
  }

  #inEvents<T extends { readonly bad: number }>(counts: T): T {
    return this.#isOfLosses ? { ...counts, bad: counts.bad / MICRO } : counts;
  }

  #countsOf(tally: Tally): EventCounts {
    const counts = this.#objective.events.eventsOf(tally);
    return this.#isOfLosses ? { ...counts, bad: Math.round(counts.bad * MICRO) } : counts;
  }

  #refreshMinute(cache: TickCache, minute: Minute): void {
    const [read] = seriesOf(cache, this.#objective, 'minute', EVENT_CLOCK, minute, minute);
    this.#setMinute(minute, read?.tally ?? ZERO);
  }

  #setMinute(minute: Minute, tally: Tally): void {
    const counts = this.#countsOf(tally);
    this.#events.setMinute(minute, counts);
    this.#eligible.setMinute(minute, counts.eligible, counts.hidden);
    this.#tallies?.setMinute(minute, tally);
  }

  #setHour(hour: number, tally: Tally): void {
    const counts = this.#countsOf(tally);
    this.#events.setHour(hour, counts);
    this.#eligible.setHour(hour, counts.eligible, counts.hidden);
    this.#tallies?.setHour(hour, tally);
  }

  #pass(cache: TickCache, through: Minute): void {
    this.#through = through;
    this.#events.passTo(through);
    this.#eligible.passTo(through);
    this.#tallies?.passTo(through);
    const before = this.#beforeWindow(cache);
    this.#before = before.map((tally) => this.#countsOf(tally)).reduce((a, b) => together(a, b), NOTHING);
    if (this.#tallies !== null) this.#tallyBefore = this.#tallies.kept(sum(before));
  }

  #beforeWindow(cache: TickCache): Tally[] {
    const { window } = this.#objective;
    const start = window.startOf(this.#through);
    if (!window.hasFixedStart || start % MINUTES_PER_HOUR === 0) return [];
    const hour = start - (start % MINUTES_PER_HOUR);
    return seriesOf(cache, this.#objective, 'minute', EVENT_CLOCK, hour, start - 1).map(({ tally }) => tally);
  }
}

/** The counts of an objective's window as of an earlier minute: read anew, for evidence. */
export const countsAsOf = (reader: TallySource, objective: Objective, minute: Minute): WindowCounts =>
  new EstimateFeed(objective, new TickCache(reader), minute).counts();
