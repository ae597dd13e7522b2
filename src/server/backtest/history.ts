import type { PlanData } from '../../catalog/plan-book.ts';
import { ABSENT, type Code, codeOfKnown } from '../../model/dictionary.ts';
import type { Minute } from '../../model/time.ts';
import type { Reader } from '../../store/reader.ts';
import { Counting } from '../../store/sqlite/counting.ts';
import { FailedEntries } from '../../store/sqlite/failed-entries.ts';
import { foldMinute } from '../../store/sqlite/fold-minute.ts';
import { PartTable } from '../../store/sqlite/parts.ts';
import { RatingTable } from '../../store/sqlite/ratings.ts';
import { rawSince } from '../../store/sqlite/retention.ts';
import { Settings } from '../../store/sqlite/settings.ts';
import { type Clock, EVENT_CLOCK, LABEL_CLOCK, type TallyBook } from '../../tally/book.ts';
import { type Counter, isDurationBucket } from '../../tally/counters.ts';
import type { Tally } from '../../tally/group.ts';
import { withinByHistogram } from '../../tally/within.ts';
import type { TallySource } from '../judge/feeds.ts';

/** What changed objectives count of a service that its tallies don't hold. */
export interface Uncounted {
  /** Latency limits: a histogram says nearly as much. */
  readonly thresholdsMs: readonly number[];
  /** Anything else: only the stored rows say it. */
  readonly needsRows: boolean;
}

/** How the minutes were counted that the stored tallies don't say enough of. */
export interface Recount {
  /** From the stored rows, or from a histogram that leaves nothing open. */
  exact: number;
  /** From a histogram, by interpolation within one of its buckets. */
  approximate: number;
  /** Not at all, because nothing stored tells: these minutes were not judged. */
  leftOut: number;
}

/** What a minute is folded from. */
interface Rows {
  readonly counting: Counting;
  readonly parts: PartTable;
  readonly entries: FailedEntries;
  readonly ratings: RatingTable;
}

/**
 * The stored tallies as they would be if the changed objectives had been there all the time: a new latency limit is read from
 * the histogram where that is exact; it and anything else, like a new pass mark, are folded from the stored rows where these are held.
 */
export class RecountedHistory implements TallySource {
  readonly recounts = new Map<Code, Recount>();
  readonly #reader: Reader;
  readonly #uncounted: ReadonlyMap<Code, Uncounted>;
  readonly #plans: readonly PlanData[];
  /** Opened when they are first needed. */
  #rows: Rows | null = null;
  readonly #rawSince: readonly Minute[];

  readonly #isCountedOnly: (service: Code) => boolean;

  /**
   * @param plans  how resources are counted with the changed objectives
   * @param uncounted  by what services are counted under
   * @param isCountedOnly  whether nothing but counters is read of a service: then its histograms are passed over
   */
  constructor(
    reader: Reader,
    plans: readonly PlanData[],
    uncounted: ReadonlyMap<Code, Uncounted>,
    isCountedOnly: (service: Code) => boolean,
  ) {
    this.#reader = reader;
    this.#isCountedOnly = isCountedOnly;
    this.#plans = plans;
    this.#uncounted = uncounted;
    const settings = new Settings(reader.db);
    this.#rawSince = [0, 1].map((clock) => rawSince(settings, clock as Clock));
  }

  *series(...[step, clock, service, from, to]: Parameters<Reader['series']>): ReturnType<Reader['series']> {
    const uncounted = this.#uncounted.get(service);
    if (uncounted === undefined || step !== 'minute') {
      const isWanted = this.#isCountedOnly(service) ? isNoBucket : undefined;
      yield* this.#reader.series(step, clock, service, from, to, isWanted);
      return;
    }
    const recount = this.recounts.get(service) ?? { exact: 0, approximate: 0, leftOut: 0 };
    this.recounts.set(service, recount);
    for (const { at, tally } of this.#reader.series(step, clock, service, from, to)) {
      const counted = this.#recounted(uncounted, clock, service, at, tally, recount);
      if (counted !== null) yield { at, tally: counted };
    }
  }

  seriesOfAll(clock: Clock, from: Minute, to: Minute): ReturnType<Reader['seriesOfAll']> {
    const byService = this.#reader.seriesOfAll(clock, from, to);
    for (const service of this.#uncounted.keys()) {
      const rows = [...this.series('minute', clock, service, from, to)];
      if (rows.length > 0) byService.set(service, rows);
    }
    return byService;
  }

  slices(...args: Parameters<Reader['slices']>): ReturnType<Reader['slices']> {
    return this.#reader.slices(...args);
  }

  delaysOfAll(from: Minute, to: Minute): ReturnType<Reader['delaysOfAll']> {
    const byService = this.#reader.delaysOfAll(from, to);
    for (const service of this.#uncounted.keys())
      if (byService.has(service)) byService.set(service, [...this.#delays(service, from, to)]);
    return byService;
  }

  /** How late what came was, counted as the minutes in which it came are. */
  *#delays(service: Code, from: Minute, to: Minute): Generator<{ value: Code; at: Minute; tally: Tally }> {
    const needsRows = this.#uncounted.get(service)?.needsRows === true;
    const rows = this.#reader.slicesOf('minute', LABEL_CLOCK, service, DELAY, from, to);
    if (!needsRows) {
      yield* rows;
      return;
    }
    for (const at of new Set([...rows].map((row) => row.at)))
      if (at >= this.#rawSince[LABEL_CLOCK]!)
        for (const [value, tally] of slicesIn(this.#bookOf(LABEL_CLOCK, at), service, DELAY))
          yield { value, at, tally };
  }

  *slicesOf(...args: Parameters<Reader['slicesOf']>): ReturnType<Reader['slicesOf']> {
    const [step, clock, service, dimension, from, to] = args;
    if (step === 'minute' && clock === LABEL_CLOCK && dimension === DELAY) yield* this.#delays(service, from, to);
    else yield* this.#reader.slicesOf(...args);
  }

  approvedChanges(...args: Parameters<Reader['approvedChanges']>): ReturnType<Reader['approvedChanges']> {
    return this.#reader.approvedChanges(...args);
  }

  #recounted(
    { thresholdsMs, needsRows }: Uncounted,
    clock: Clock,
    service: Code,
    minute: Minute,
    tally: Tally,
    recount: Recount,
  ): Tally | null {
    const guess = withinByHistogram(tally, clock === EVENT_CLOCK ? thresholdsMs : []);
    if (guess.isExact && !needsRows) {
      recount.exact++;
      return guess.tally;
    }
    if (minute >= this.#rawSince[clock]!) {
      recount.exact++;
      return this.#fold(clock, service, minute);
    }
    if (guess.tally !== null && !needsRows) {
      recount.approximate++;
      return guess.tally;
    }
    recount.leftOut++;
    return null;
  }

  /** The tally of all of a service by the stored rows; null when these say nothing of it. */
  #fold(clock: Clock, service: Code, minute: Minute): Tally | null {
    return slicesIn(this.#bookOf(clock, minute), service, ABSENT).get(ABSENT) ?? null;
  }

  #bookOf(clock: Clock, minute: Minute): TallyBook {
    this.#rows ??= this.#open();
    const { counting, parts, entries, ratings } = this.#rows;
    return foldMinute(counting, parts, entries, ratings, clock, minute);
  }

  #open(): Rows {
    const { db } = this.#reader;
    const counting = new Counting(db);
    counting.setPlans(this.#plans);
    return { counting, parts: new PartTable(db), entries: new FailedEntries(db), ratings: new RatingTable(db) };
  }
}

const DELAY = codeOfKnown('delay');

const isNoBucket = (name: Counter): boolean => !isDurationBucket(name);

/** What is not counted yet, by what services are counted under. @param plans  those with the changed objectives */
export function uncountedBy(plans: readonly PlanData[], settings: Settings): Map<Code, Uncounted> {
  const uncounted = new Map<Code, Uncounted>();
  for (const plan of plans) {
    const counted = settings.planOf(plan.resource);
    const missing = plan.thresholdsMs.filter((limit) => counted?.thresholdsMs.includes(limit) !== true);
    const needsRows = counted === null || rest(counted) !== rest(plan);
    if (missing.length === 0 && !needsRows) continue;
    const known = uncounted.get(plan.service) ?? { thresholdsMs: [], needsRows: false };
    uncounted.set(plan.service, {
      thresholdsMs: [...new Set([...known.thresholdsMs, ...missing])],
      needsRows: known.needsRows || needsRows,
    });
  }
  return uncounted;
}

/** Whether the stored tallies of a service have the slices of a dimension. */
export const hasSlices = (plans: readonly PlanData[], settings: Settings, service: Code, dimension: Code): boolean =>
  plans
    .filter((plan) => plan.service === service)
    .every(({ resource }) => settings.planOf(resource)?.dimensions.some(({ code }) => code === dimension) === true);

/** All of a plan that its tallies depend on but limits and slices. */
const rest = ({ thresholdsMs: _, dimensions: __, ...others }: PlanData): string => JSON.stringify(others);

/** Of a service the tallies of each value of a dimension. @param dimension  ABSENT: all of it, under the value ABSENT */
function slicesIn(book: TallyBook, service: Code, dimension: Code): Map<Code, Tally> {
  const byValue = new Map<Code, Tally>();
  for (let row = 0; row < book.rows; row++) {
    const key = book.keyOf(row);
    if (key.service === service && key.dimension === dimension) byValue.set(key.value, book.tallyOf(row));
  }
  return byValue;
}
