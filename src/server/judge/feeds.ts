import type { EventCounts } from '../../measures/events.ts';
import type { DelayCounts } from '../../measures/label-arrivals.ts';
import type { AgeGroup } from '../../measures/maturity.ts';
import { plus, seenOf } from '../../measures/sampling.ts';
import { ABSENT, type Code, codeOfKnown, OTHER } from '../../model/dictionary.ts';
import { MINUTES_PER_DAY, MINUTES_PER_HOUR, type Minute, minuteOf } from '../../model/time.ts';
import { CountStream } from '../../objectives/count-stream.ts';
import { EventStream } from '../../objectives/event-stream.ts';
import { detectorClockOf, type Objective } from '../../objectives/objective.ts';
import { BURN_MEMORY_MINUTES, burnMemory, countsLabels, type MinuteCounts } from '../../objectives/objective-watch.ts';
import { BURN_WINDOWS, type WindowCounts } from '../../objectives/reading.ts';
import type { SliceMinute } from '../../objectives/slice-watch.ts';
import { SHORT_WINDOW_MINUTES } from '../../objectives/stream.ts';
import { TallyStream } from '../../objectives/tally-stream.ts';
import type { Mark, Reader } from '../../store/reader.ts';
import { type Clock, EVENT_CLOCK, LABEL_CLOCK } from '../../tally/book.ts';
import { DELAY_EDGES_MINUTES } from '../../tally/delay.ts';
import { subtract, sum, type Tally, ZERO } from '../../tally/group.ts';
import { BesideFeed, type ReadRows } from './beside-feed.ts';
import { ExpectedRest, expectsRest, HISTORY_MINUTES } from './expected-rest.ts';
import { delayCounts } from './label-history.ts';

/** Later changes than this are read as whole hours. */
const MINUTES_KEPT = 480;
/** What decides whether there is evidence enough looks back this far at most. */
const RECENT_MINUTES = 7 * MINUTES_PER_DAY;

/** The newest minutes are read of all services at once, unless there are more of them than this. */
const SHARED_MINUTES = 3;
const NOTHING: EventCounts = { n: 0, bad: 0, eligible: 0, hidden: 0 };

/** Losses are summed in whole millionths, exactly: in doubles what is added in another order would differ in its last digits. */
const MICRO = 1e6;

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

/** The same of what became known late. */
interface SharedDelays {
  readonly from: Minute;
  readonly to: Minute;
  readonly of: ReadonlyMap<Code, readonly { value: Code; at: Minute; tally: Tally }[]>;
}

interface SliceTally {
  readonly dimension: Code;
  readonly value: Code;
  readonly at: Minute;
  readonly tally: Tally;
}

/** Where tallies are read from: the store, or what would be there. */
export type TallySource = Pick<
  Reader,
  'series' | 'seriesOfAll' | 'slices' | 'slicesOf' | 'delaysOfAll' | 'approvedChanges'
>;

/**
 * Tallies read in one tick, so that the objectives of a service share them. What is of one service alone is kept until another one
 * is asked for: after a long stop each of them has much to read.
 */
export class TickCache {
  readonly #reader: TallySource;
  #service: Code = -1;
  readonly #shared: SharedMinutes[] = [];
  readonly #series = new Map<string, { at: number; tally: Tally }[]>();
  readonly #sharedDelays: SharedDelays[] = [];
  readonly #slices = new Map<string, SliceTally[]>();
  readonly #dimensions = new Map<string, Map<number, { value: Code; at: number; tally: Tally }[]>>();
  readonly #renewals = new Map<string, readonly Minute[]>();

  constructor(reader: TallySource) {
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

  /** Of a service, or of each value of a dimension: what estimators read beside their window. */
  beside(
    step: 'minute' | 'hour',
    service: Code,
    dimension: Code | null,
    from: number,
    to: number,
  ): readonly { value: Code; at: number; tally: Tally }[] {
    if (dimension === null)
      return this.#read(step, EVENT_CLOCK, service, from, to).map((row) => ({ value: ABSENT, ...row }));
    return this.dimension(step, EVENT_CLOCK, service, dimension, from, to).values().toArray().flat();
  }

  hours(clock: Clock, service: Code, from: number, to: number): { at: number; tally: Tally }[] {
    return this.#read('hour', clock, service, from, to);
  }

  /** What became known in a minute, by how late it was. */
  delays(service: Code, from: Minute, to: Minute): (minute: Minute) => readonly { value: Code; tally: Tally }[] {
    if (to - from >= SHARED_MINUTES) {
      const minutes = this.dimension('minute', LABEL_CLOCK, service, codeOfKnown('delay'), from, to);
      return (minute) => minutes.get(minute) ?? [];
    }
    let shared = this.#sharedDelays.find((one) => one.from === from && one.to === to);
    if (shared === undefined) {
      shared = { from, to, of: this.#reader.delaysOfAll(from, to) };
      this.#sharedDelays.push(shared);
    }
    const rows = shared.of.get(service) ?? [];
    return from === to ? () => rows : (minute) => rows.filter(({ at }) => at === minute);
  }

  /** Slices of one dimension, by time. */
  dimension(
    step: 'minute' | 'hour',
    clock: Clock,
    service: Code,
    dimension: Code,
    from: number,
    to: number,
  ): Map<number, { value: Code; at: number; tally: Tally }[]> {
    this.#turnTo(service);
    const key = `${step} ${clock} ${dimension} ${from} ${to}`;
    let rows = this.#dimensions.get(key);
    if (rows === undefined) {
      rows = Map.groupBy(this.#reader.slicesOf(step, clock, service, dimension, from, to), ({ at }) => at);
      this.#dimensions.set(key, rows);
    }
    return rows;
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

  /** Minutes of approved changes, in order: what a baseline begins with. */
  renewals({ service, environment }: Objective): readonly Minute[] {
    const key = JSON.stringify([service, environment]);
    let minutes = this.#renewals.get(key);
    if (minutes === undefined) {
      minutes = this.#reader.approvedChanges(service, environment).map(minuteOf);
      this.#renewals.set(key, minutes);
    }
    return minutes;
  }

  #turnTo(service: Code): void {
    if (service === this.#service) return;
    this.#service = service;
    this.#series.clear();
    this.#slices.clear();
    this.#dimensions.clear();
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

/** The tallies that an objective is about: its service's, or those of the slices of a dimension put together. */
function seriesOf(
  cache: TickCache,
  { counted, slices }: Objective,
  step: 'minute' | 'newest' | 'hour',
  clock: Clock,
  from: number,
  to: number,
): readonly { at: number; tally: Tally }[] {
  const whole =
    step === 'hour'
      ? cache.hours(clock, counted, from, to)
      : step === 'newest'
        ? cache.newest(clock, counted, from, to)
        : cache.minutes(clock, counted, from, to);
  if (slices === undefined || whole.length === 0) return whole;
  const parts = cache.dimension(step === 'hour' ? 'hour' : 'minute', clock, counted, slices.dimension, from, to);
  return whole.map(({ at, tally }) => ({ at, tally: slices.together(parts.get(at) ?? [], tally) }));
}

/** What a drift detector sees. */
function featureMinutes(cache: TickCache, objective: Objective, from: Minute, to: Minute): MinuteCounts[] {
  const { detectorClock, keysOf } = objective.drift!.feature;
  const renewals = cache.renewals(objective);
  const minutes: MinuteCounts[] = [];
  for (const { at, tally } of seriesOf(cache, objective, 'newest', detectorClock, from, to)) {
    const { counts, isWeighted, worth: n } = keysOf(tally);
    const newest = renewals.findLastIndex((minute) => minute <= at);
    const feature = { counts, isWeighted, renewed: renewals[newest] ?? -1, renewals: newest + 1 };
    if (n > 0) minutes.push({ minute: at, n, bad: 0, feature });
  }
  return minutes;
}

/** The tallies that its detector saw in some minutes. */
export const detectorTallies = (cache: TickCache, objective: Objective, from: Minute, to: Minute): Tally[] =>
  seriesOf(cache, objective, 'minute', detectorClockOf(objective), from, to).map(({ tally }) => tally);

/** What burn-rate rules remember as of a minute: of the time after `since` alone, from when on the objective is judged as it is. */
export function burnMemoryAt(
  cache: TickCache,
  objective: Objective,
  since: Minute,
  through: Minute,
): EventStream | null {
  if (objective.burn === null) return null;
  const from = Math.max(through - BURN_MEMORY_MINUTES, since + 1);
  return burnMemory(objective, from > through ? [] : detectorMinutes(cache, objective, from, through), through);
}

/** The minute in which the detectors of an objective see a minute of their clock. */
export const seenAt = ({ events }: Pick<Objective, 'events'>, minute: Minute): Minute =>
  minute + (events.detectorLag ?? 0);

/** What the detectors of an objective see: the minutes of its detector's clock that have any events. */
export function detectorMinutes(cache: TickCache, objective: Objective, from: Minute, to: Minute): MinuteCounts[] {
  const counts: MinuteCounts[] = [];
  if (objective.judgedBy === 'report') return counts;
  if (objective.drift !== undefined) return featureMinutes(cache, objective, from, to);
  const { detectorClock, detectorLag = 0, eventsOf } = objective.events;
  for (const { at, tally } of cache.newest(detectorClock, objective.counted, from - detectorLag, to - detectorLag)) {
    const seen = eventsOf(tally);
    if (seen.n > 0) counts.push({ minute: seenAt(objective, at), ...seenOf(seen) });
  }
  if (counts.length === 0 || !countsLabels(objective)) return counts;
  const delaysIn = cache.delays(objective.counted, from, to);
  return counts.map((one) => ({ ...one, delays: delaysOf(objective, delaysIn(one.minute)) }));
}

/** In the order of the delays, so that sums of them don't depend on how they were read. */
function delaysOf({ events }: Objective, rows: readonly { value: Code; tally: Tally }[]): DelayCounts[] {
  return rows
    .toSorted((a, b) => a.value - b.value)
    .flatMap(({ value, tally }) => {
      const counts = delayCounts(events, value, tally);
      return counts === null ? [] : [counts];
    });
}

/** How many events the detectors of an objective saw in whole hours; none of one that has no detectors. */
export function eventsInHours(cache: TickCache, objective: Objective, from: number, to: number): number {
  const { judgedBy, events, drift } = objective;
  if (judgedBy === 'report') return 0;
  let n = 0;
  for (const { tally } of seriesOf(cache, objective, 'hour', detectorClockOf(objective), from, to))
    if (drift === undefined) n += events.eventsOf(tally).n;
    else n += drift.feature.keysOf(tally).worth;
  return n;
}

/** The same of the slices that have detectors of their own. What no value of their dimension was left for is nobody's slice. */
export function sliceMinutes(cache: TickCache, objective: Objective, from: Minute, to: Minute): SliceMinute[] {
  const { sliced, events, counted } = objective;
  if (sliced === undefined) return [];
  const minutes: SliceMinute[] = [];
  for (const { dimension, value, at, tally } of cache.slices(events.detectorClock, counted, from, to)) {
    if (value === OTHER || !sliced.dimensions.includes(dimension)) continue;
    const seen = events.eventsOf(tally);
    if (seen.n > 0) minutes.push({ minute: at, dimension, value, ...seenOf(seen) });
  }
  return minutes;
}

/** The counts of an objective's windows, by the minutes of its interactions; kept in memory and moved on by each tick. */
export class EstimateFeed {
  readonly #objective: Objective;
  readonly #events: EventStream;
  /** What its estimator reads; null where it has none. */
  readonly #tallies: TallyStream | null;
  readonly #isOfLosses: boolean;
  /** What it reads beside its tallies; null where it reads nothing. */
  readonly #tallyBeside: BesideFeed | null;
  readonly #longestMinutes: number;
  /** How many more were eligible than counted, and those whose failure would not have been seen; null while there are none. */
  #beside: CountStream | null = null;
  /** What a calendar window is still expected to bring; null of others. */
  readonly #rest: ExpectedRest | null;
  #through: Minute;
  /** Of the window's first hour, what lies before the window: days begin within an hour of UTC in some time zones. */
  #before = NOTHING;
  #tallyBefore = ZERO;
  /** The beginning of the window that `#before` lies in front of. */
  #start: Minute = -1;

  /** @param through  the minute that the windows end with at first */
  constructor(objective: Objective, cache: TickCache, through: Minute) {
    this.#objective = objective;
    this.#isOfLosses = objective.judgedBy === 'scores';
    this.#rest = expectsRest(objective) ? new ExpectedRest(objective.window) : null;
    const history = this.#rest === null ? 0 : HISTORY_MINUTES;
    const longest = Math.max(objective.window.minutes, RECENT_MINUTES, BURN_MEMORY_MINUTES, history);
    this.#events = new EventStream(longest);
    const reads = objective.estimator?.reads ?? objective.drift?.feature.reads;
    this.#tallies = reads === undefined ? null : new TallyStream(reads, longest);
    const { estimator } = objective;
    this.#tallyBeside =
      estimator?.beside === undefined
        ? null
        : new BesideFeed(estimator.beside, estimator.reads, objective.window.minutes, through);
    this.#longestMinutes = longest;
    this.#through = through;
    const firstMinute = Math.floor((through - MINUTES_KEPT + MINUTES_PER_HOUR) / MINUTES_PER_HOUR) * MINUTES_PER_HOUR;
    const firstHour = Math.floor((through - longest) / MINUTES_PER_HOUR);
    const lastHour = firstMinute / MINUTES_PER_HOUR - 1;
    for (const { at, tally } of seriesOf(cache, objective, 'hour', EVENT_CLOCK, firstHour, lastHour))
      this.#setHour(at, tally);
    for (const { at, tally } of seriesOf(cache, objective, 'minute', EVENT_CLOCK, firstMinute, through))
      this.#setMinute(at, tally);
    this.#tallyBeside?.begin(this.#besideRows(cache), firstMinute);
    this.#pass(cache, through);
  }

  /** Moves the windows on to `through`, and reads again what has changed before. */
  advance(cache: TickCache, through: Minute, changed: readonly Mark[]): void {
    const objective = this.#objective;
    if (changed.length > 0) this.#readAgain(cache, changed);
    for (const { at, tally } of seriesOf(cache, objective, 'newest', EVENT_CLOCK, this.#through + 1, through))
      this.#setMinute(at, tally);
    this.#tallyBeside?.read(this.#besideRows(cache), 'minute', this.#through + 1, through);
    this.#pass(cache, through);
  }

  #readAgain(cache: TickCache, changed: readonly Mark[]): void {
    const hours = new Set<number>();
    this.#start = -1;
    for (const { minute, clock } of changed) {
      if (clock !== EVENT_CLOCK || minute > this.#through) continue;
      if (this.#through - minute >= MINUTES_KEPT - MINUTES_PER_HOUR) hours.add(Math.floor(minute / MINUTES_PER_HOUR));
      else {
        this.#refreshMinute(cache, minute);
        this.#tallyBeside?.read(this.#besideRows(cache), 'minute', minute, minute);
      }
    }
    for (const hour of hours) {
      const [read] = seriesOf(cache, this.#objective, 'hour', EVENT_CLOCK, hour, hour);
      this.#setHour(hour, read?.tally ?? ZERO);
      this.#tallyBeside?.read(this.#besideRows(cache), 'hour', hour, hour);
    }
  }

  #besideRows(cache: TickCache): ReadRows {
    const { counted, estimator } = this.#objective;
    return (step, from, to) => cache.beside(step, counted, estimator!.beside!.dimension, from, to);
  }

  counts(): WindowCounts {
    const start = this.#objective.window.startOf(this.#through);
    const minutes = this.#through - start + 1;
    const length = Math.max(1, minutes);
    const isLong = length > SHORT_WINDOW_MINUTES;
    const before = isLong ? this.#before : NOTHING;
    const window = this.#inEvents(together(this.#units(length), before, -1));
    return {
      ...(this.#tallies === null
        ? {}
        : {
            tallies: {
              window: isLong ? subtract(this.#tallies.window(length), this.#tallyBefore) : this.#tallies.window(length),
              lastHour: this.#tallies.lastHour,
              ...(this.#tallyBeside !== null && {
                beside: {
                  window: this.#tallyBeside.since(start),
                  lastHour: this.#tallyBeside.since(this.#through - MINUTES_PER_HOUR + 1),
                },
              }),
            },
          }),
      window,
      ...(this.#rest === null
        ? {}
        : { expectedRest: this.#rest.after(this.#through, (hour) => this.#events.eventsIn(hour)) }),
      ...(countsLabels(this.#objective) ? { byAge: this.#byAge(window, length) } : {}),
      lastHour: this.#window(MINUTES_PER_HOUR),
      recent: this.#window(Math.min(this.#objective.window.minutes, RECENT_MINUTES)),
      burnWindows: Object.fromEntries(
        Object.entries(BURN_WINDOWS).map(([name, window]) => [name, this.#inEvents(this.#events.window(window))]),
      ),
    };
  }

  /** The window by the age of its interactions, the youngest first: cut at the edges of the delays. */
  #byAge(window: EventCounts, length: number): AgeGroup[] {
    const groups: AgeGroup[] = [];
    let younger = NOTHING;
    for (const [k, from] of DELAY_EDGES_MINUTES.entries()) {
      if (from >= length) break;
      const to = Math.min(length, DELAY_EDGES_MINUTES[k + 1] ?? length);
      const upTo = to === length ? window : this.#window(to);
      groups.push({ counts: together(upTo, younger, -1), from, to });
      younger = upTo;
    }
    return groups;
  }

  #window(minutes: number): EventCounts {
    return this.#inEvents(this.#units(minutes));
  }

  #units(minutes: number): EventCounts {
    const seen = this.#events.window(minutes);
    const beside = this.#beside?.window(minutes);
    return { ...seen, eligible: seen.n + (beside?.n ?? 0), hidden: beside?.bad ?? 0 };
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
    this.#besideOf(counts)?.setMinute(minute, counts.eligible - counts.n, counts.hidden);
    this.#tallies?.setMinute(minute, tally);
  }

  #setHour(hour: number, tally: Tally): void {
    const counts = this.#countsOf(tally);
    this.#events.setHour(hour, counts);
    this.#besideOf(counts)?.setHour(hour, counts.eligible - counts.n, counts.hidden);
    this.#tallies?.setHour(hour, tally);
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
    this.#tallies?.passTo(through);
    this.#tallyBeside?.passTo(through);
    const { window } = this.#objective;
    const start = window.hasFixedStart ? window.startOf(through) : 0;
    if (start === this.#start) return;
    this.#start = start;
    const before = this.#beforeWindow(cache, start);
    this.#before = before.map((tally) => this.#countsOf(tally)).reduce((a, b) => together(a, b), NOTHING);
    if (this.#tallies !== null) this.#tallyBefore = this.#tallies.kept(sum(before));
    if (window.hasFixedStart) this.#tallyBeside?.cutAt(this.#besideRows(cache), start);
  }

  #beforeWindow(cache: TickCache, start: Minute): Tally[] {
    if (start % MINUTES_PER_HOUR === 0) return [];
    const hour = start - (start % MINUTES_PER_HOUR);
    return seriesOf(cache, this.#objective, 'minute', EVENT_CLOCK, hour, start - 1).map(({ tally }) => tally);
  }
}

/** The counts of an objective's window as of an earlier minute: read anew, for evidence. */
export const countsAsOf = (reader: TallySource, objective: Objective, minute: Minute): WindowCounts =>
  new EstimateFeed(objective, new TickCache(reader), minute).counts();
