import { type Code, codeOfKnown } from '../model/dictionary.ts';
import type { SpanId, TraceId } from '../model/ids.ts';
import type { Interaction } from '../model/interaction.ts';
import { type Millis, type Minute, TENTHS_PER_SECOND, type Tenths } from '../model/time.ts';
import { type Clock, EVENT_CLOCK, LABEL_CLOCK } from '../tally/book.ts';
import { decodeTally } from '../tally/codec.ts';
import type { Counter } from '../tally/counters.ts';
import { add, type Tally } from '../tally/group.ts';
import { PackedTallies } from '../tally/packed-tallies.ts';
import type { ClockMinute } from './clock-minutes.ts';
import type { Statement } from './items.ts';
import type { StoredRating } from './rating.ts';
import type { Engine, SqlDatabase, SqlRow, SqlStatement } from './sql.ts';
import { LABELLED_AT_RANDOM, UNJUDGED } from './sqlite/counting.ts';
import { type PartId, type Second, type StoredSpan, secondOf } from './sqlite/parts.ts';

/** How finely tallies are kept. */
export const STEPS = { minute: 1, hour: 60, day: 1440 } as const;
export type Step = keyof typeof STEPS;

/** Ratings that have waited in vain for their interaction. */
export interface UnmatchedRatings {
  /** What they name; '' when none. */
  readonly service: string;
  readonly count: number;
  /** When the first of them came. */
  readonly since: Minute;
}

/** A rating is read with its trace, which lies anywhere. */
const ROWS_A_RATING = 10;
const UNMATCHED_EXAMPLES = 5;
const SECONDS_PER_MINUTE = 60;

/** The place of a row in the order of time: what a page ends with, and the next begins behind. */
export interface Place {
  readonly end: Tenths;
  /** Beyond the tenths. */
  readonly nanos: number;
  readonly trace: TraceId;
  readonly span: SpanId;
}

/** In front of everything that ended before `end`. */
export const beforeAll = (end: Tenths): Place => ({ end, nanos: 0, trace: '' as TraceId, span: '' as SpanId });

export interface Mark {
  readonly clock: Clock;
  readonly minute: Minute;
  readonly service: Code;
}

/** Minutes that are to be judged, because something of them has changed since they were. */
export interface Due {
  readonly first: Minute;
  /** Takes their marks back, of those that were not set anew since they were read. */
  readonly judged: Statement;
}

/** Whether one place lies before another in time; of two that ended together, in the order of their ids. */
function isBefore(a: Place, b: Place): boolean {
  if (a.end !== b.end) return a.end < b.end;
  if (a.nanos !== b.nanos) return a.nanos < b.nanos;
  return a.trace + a.span < b.trace + b.span;
}

const placeOf = (one: Interaction): Place => ({
  end: one.endTenths,
  nanos: one.endNanos,
  trace: one.traceId,
  span: one.anchorSpanId,
});

/** Statements over tallies, whose form is the engine's. Rows come in order of time; those of one key follow each other, and add up. */
export interface TallySql {
  /** Of all of a service, as one text (`fromOneText`) by step. Parameters: from, to, clock, service. */
  series(table: string, time: string): string;
  /** Rows of dimension, value, at, data. Parameters: from, to, clock, service. */
  slices(table: string, time: string): string;
  /** Rows of value, at, data. Parameters: from, to, clock, service, dimension. */
  slicesOf(table: string, time: string): string;
  /** All tallies of some services at one time, in their order: service, dimension, value, data. Parameters: services (JSON), time. */
  ofServices(table: string, time: string): string;
  /** Services that anything was counted of at one time. Parameter: time. */
  countedIn(table: string, time: string): string;
  /** Of all of every service in a minute, as one text by service. Parameters: clock, minute. */
  readonly ofAll: string;
  /** Of one dimension of every service in a minute, as one text by `service * place + value`. Parameters: clock, minute, dimension. */
  ofDimension(place: number): string;
  /** The first time of a service, not before one, of the clock of events: at. Parameters: service, time. */
  first(table: string, time: string): string;
  /** Of the tallies by minute: first, last. Parameter: clock. */
  readonly extent: string;
}

/** The stored spans, as they are read. */
export interface StoredSpans {
  /** The newest second first; both seconds inclusive. */
  newestFirst(from: Second, to: Second): Iterable<{ second: Second; spans: readonly StoredSpan[] }>;
  /** How many rows of them there are in these seconds; `to` exclusive. */
  countBetween(from: Second, to: Second): number;
  /** Those of a trace. @param places  where the writer says that they may be */
  ofTrace(traceId: TraceId, places: readonly PartId[]): StoredSpan[];
}

/** The stored ratings, as they are read. */
export interface StoredRatings {
  newestUnjoined(service: string, before: Minute, limit: number): StoredRating[];
  ofTrace(traceId: TraceId): StoredRating[];
  unjoinedOf(traceId: TraceId): StoredRating[];
}

/** The marks of minutes that changed since they were judged. */
export interface JudgingMarks {
  /** Those up to a minute; null: there is none. */
  due(horizon: Minute): Due | null;
}

/** What of reading differs by engine. */
export interface ReaderEngine {
  readonly engine: Engine;
  readonly marks: JudgingMarks;
  readonly tallies: TallySql;
  readonly spans: StoredSpans;
  readonly ratings: StoredRatings;
}

/** Rows that were put into one text: thousands of rows with bytes of their own take ten times as long to be handed over. */
/** @param decode  given each tally as hexadecimal digits */
function* fromOneText(row: unknown, decode: (digits: string) => Tally): Generator<{ key: number; tally: Tally }> {
  const { rows } = row as { rows: string | null };
  if (rows === null) return;
  let held: { key: number; tally: Tally } | null = null;
  for (let at = 0; at < rows.length; ) {
    const space = rows.indexOf(' ', at);
    const found = rows.indexOf(';', space);
    const end = found < 0 ? rows.length : found;
    const key = Number(rows.slice(at, space));
    const tally = decode(rows.slice(space + 1, end));
    at = end + 1;
    if (held !== null && held.key === key) held = { key, tally: add(held.tally, tally) };
    else {
      if (held !== null) yield held;
      held = { key, tally };
    }
  }
  if (held !== null) yield held;
}

/** Into few arrays: of thousands of maps that a tick reads, collecting the garbage took a fifth of its time. */
function packed(): (digits: string) => Tally {
  const all = new PackedTallies();
  let bytes = Buffer.allocUnsafe(4096);
  return (digits) => {
    if (digits.length / 2 > bytes.length) bytes = Buffer.allocUnsafe(digits.length);
    return all.add(bytes.subarray(0, bytes.write(digits, 'hex')));
  };
}

interface SliceRow {
  readonly dimension: Code;
  readonly value: Code;
  readonly at: number;
  readonly tally: Tally;
}

/** @param dimension  of all rows, where they do not say it */
function* slicesIn(rows: Iterable<SqlRow>, dimension: Code): Generator<SliceRow> {
  let held: SliceRow | null = null;
  for (const row of rows) {
    const read: SliceRow = {
      dimension: row['dimension'] ?? dimension,
      value: row['value'],
      at: row['at'],
      tally: decodeTally(row['data']),
    };
    const isSame = held?.at === read.at && held.value === read.value && held.dimension === read.dimension;
    if (isSame) held = { ...read, tally: add(held!.tally, read.tally) };
    else {
      if (held !== null) yield held;
      held = read;
    }
  }
  if (held !== null) yield held;
}

/** More than there are values of the dimension `delay`: a service and such a value are one number. */
const DELAY_PLACE = 1024;

/** Spans looked at for one page: a service that is rare among much traffic gets a shorter page and a place to go on from. */
const SCAN_MAX_SPANS = 200_000;

/** A store as readers see it, on a connection of their own: whole transactions, and no writer is waited for. */
export class Reader {
  readonly db: SqlDatabase;
  readonly engine: Engine;
  readonly #spans: StoredSpans;
  readonly #ratings: StoredRatings;
  readonly #judging: JudgingMarks;
  readonly #series: Readonly<Record<Step, SqlStatement>>;
  readonly #slices: Readonly<Record<Step, SqlStatement>>;
  readonly #slicesOf: Readonly<Record<Step, SqlStatement>>;
  readonly #ofServices: Readonly<Record<Step, SqlStatement>>;
  readonly #countedIn: Readonly<Record<Step, SqlStatement>>;
  readonly #approved: SqlStatement;
  readonly #ofAll: SqlStatement;
  readonly #extent: SqlStatement;
  readonly #delaysOfAll: SqlStatement;
  readonly #recounting: SqlStatement;
  readonly #marks: SqlStatement;
  readonly #services: SqlStatement;
  readonly #evaluators: SqlStatement;
  readonly #valuesSeen: SqlStatement;
  readonly #unjudged: SqlStatement;
  readonly #unmatched: SqlStatement;
  #unmatchedKnown: { before: Minute; ratings: UnmatchedRatings[]; newest: Map<string, readonly StoredRating[]> } = {
    before: -1,
    ratings: [],
    newest: new Map(),
  };
  readonly #firsts: readonly { readonly first: SqlStatement; readonly minutes: number }[];

  constructor(db: SqlDatabase, { engine, tallies, spans, ratings, marks }: ReaderEngine) {
    this.db = db;
    this.engine = engine;
    this.#judging = marks;
    this.#spans = spans;
    this.#ratings = ratings;
    const prepare = (sql: (table: string, time: string) => string): Readonly<Record<Step, SqlStatement>> => ({
      minute: db.prepare(sql('tally', 'minute')),
      hour: db.prepare(sql('tally_hour', 'hour')),
      day: db.prepare(sql('tally_day', 'day')),
    });
    this.#series = prepare(tallies.series);
    this.#slices = prepare(tallies.slices);
    this.#slicesOf = prepare(tallies.slicesOf);
    this.#ofServices = prepare(tallies.ofServices);
    this.#countedIn = prepare(tallies.countedIn);
    this.#ofAll = db.prepare(tallies.ofAll);
    this.#delaysOfAll = db.prepare(tallies.ofDimension(DELAY_PLACE));
    this.#approved = db.prepare(
      `select at from change where service = ? and state = 'approved'
       and (environment is null or environment = coalesce(?, environment)) order by at`,
    );
    this.#recounting = this.db.prepare('select minute from refold limit 1');
    this.#marks = this.db.prepare(
      'select distinct clock, minute, service from unjudged where clock in (0, 1) and minute <= ? order by minute, service, clock',
    );
    this.#services = this.db.prepare('select distinct service from tally_day where clock = 0');
    this.#unjudged = this.db.prepare(
      'select value, first_minute from slice_value where service = ? and dimension = ? order by ordinal',
    );
    this.#unmatched = this.db.prepare(
      `select coalesce(service, '') as service, count(*) as count, min(commit_minute) as since
       from rating where event_minute is null and active = 1 and commit_minute < ? group by service order by service`,
    );
    const firstIn = (table: string, time: string): SqlStatement => db.prepare(tallies.first(table, time));
    this.#extent = db.prepare(tallies.extent);
    this.#firsts = [
      { first: firstIn('tally_day', 'day'), minutes: STEPS.day },
      { first: firstIn('tally_hour', 'hour'), minutes: STEPS.hour },
      { first: firstIn('tally', 'minute'), minutes: STEPS.minute },
    ];
    this.#valuesSeen = this.db.prepare('select count(*) as seen from slice_value where dimension = ?');
    this.#evaluators = this.db.prepare('select service, value from slice_value where dimension = ? order by ordinal');
  }

  close(): void {
    this.db.close();
  }

  /** The evaluator versions that have scored each service, in order of first sight. */
  evaluators(): Map<Code, Code[]> {
    return this.#seenBy(codeOfKnown('evaluation'));
  }

  /** The labels (by name and source) that each service has of interactions chosen at random. */
  labelsAtRandom(): Map<Code, Code[]> {
    return this.#seenBy(LABELLED_AT_RANDOM);
  }

  #seenBy(dimension: number): Map<Code, Code[]> {
    const rows = this.#evaluators.all(dimension) as { service: Code; value: Code }[];
    return new Map(
      [...Map.groupBy(rows, (row) => row.service)].map(([service, of]) => [service, of.map((row) => row.value)]),
    );
  }

  /** How many there are of them: for whoever wants to know whether one has come. */
  evaluatorsSeen(): number {
    return this.#countSeenBy(codeOfKnown('evaluation'));
  }

  /** The same of the labels of interactions chosen at random. */
  labelsAtRandomSeen(): number {
    return this.#countSeenBy(LABELLED_AT_RANDOM);
  }

  #countSeenBy(dimension: number): number {
    return (this.#valuesSeen.get(dimension) as { seen: number }).seen;
  }

  /** Evaluator versions with scores of a service that nobody judges, and the minute of the first one. */
  unjudgedEvaluations(service: Code): { evaluation: Code; reason: keyof typeof UNJUDGED; since: Minute }[] {
    return (Object.keys(UNJUDGED) as (keyof typeof UNJUDGED)[]).flatMap((reason) =>
      (this.#unjudged.all(service, UNJUDGED[reason]) as { value: Code; first_minute: Minute }[]).map((row) => ({
        evaluation: row.value,
        reason,
        since: row.first_minute,
      })),
    );
  }

  /** The first minute that anything of a service was counted in, as exactly as tallies are kept; null: never. */
  firstMinute(service: Code): Minute | null {
    let known: { first: Minute; minutes: number } | null = null;
    for (const { first: statement, minutes } of this.#firsts) {
      const row = statement.get(service, known === null ? 0 : known.first / minutes) as { at: number } | undefined;
      // Days are kept longer than hours, and these longer than minutes.
      if (row === undefined || (known !== null && row.at * minutes >= known.first + known.minutes)) break;
      known = { first: row.at * minutes, minutes };
    }
    return known?.first ?? null;
  }

  /**
   * Tallies of all of a service, in order of time; steps without any are left out. `from` and `to` inclusive, in steps.
   * @param isWanted  of its counters; all of them, when nothing is said
   */
  *series(
    step: Step,
    clock: Clock,
    service: Code,
    from: number,
    to: number,
    isWanted?: (name: Counter) => boolean,
  ): Generator<{ at: number; tally: Tally }> {
    if (from > to) return;
    const decode = (digits: string): Tally => decodeTally(Buffer.from(digits, 'hex'), isWanted);
    for (const { key: at, tally } of fromOneText(this.#series[step].get(from, to, clock, service), decode))
      yield { at, tally };
  }

  /** Of every service at once, by service: what a tick reads of the newest minutes. */
  seriesOfAll(clock: Clock, from: Minute, to: Minute): Map<Code, { at: Minute; tally: Tally }[]> {
    const byService = new Map<Code, { at: Minute; tally: Tally }[]>();
    const decode = packed();
    for (let minute = from; minute <= to; minute++)
      for (const { key: service, tally } of fromOneText(this.#ofAll.get(clock, minute), decode)) {
        const list = byService.get(service) ?? [];
        list.push({ at: minute, tally });
        byService.set(service, list);
      }
    return byService;
  }

  /** The same of what became known in those minutes, by how late it was. */
  delaysOfAll(from: Minute, to: Minute): Map<Code, { value: Code; at: Minute; tally: Tally }[]> {
    const byService = new Map<Code, { value: Code; at: Minute; tally: Tally }[]>();
    const decode = packed();
    const delay = codeOfKnown('delay');
    for (let minute = from; minute <= to; minute++)
      for (const { key, tally } of fromOneText(this.#delaysOfAll.get(LABEL_CLOCK, minute, delay), decode)) {
        const service = Math.floor(key / DELAY_PLACE);
        const list = byService.get(service) ?? [];
        list.push({ value: key % DELAY_PLACE, at: minute, tally });
        byService.set(service, list);
      }
    return byService;
  }

  /** Tallies of a service's slices. `from` and `to` inclusive, in steps. */
  *slices(
    step: Step,
    clock: Clock,
    service: Code,
    from: number,
    to: number,
  ): Generator<{ dimension: Code; value: Code; at: number; tally: Tally }> {
    if (from > to) return;
    yield* slicesIn(this.#slices[step].iterate(from, to, clock, service), 0);
  }

  /** Tallies of one dimension's slices. `from` and `to` inclusive, in steps. */
  *slicesOf(
    step: Step,
    clock: Clock,
    service: Code,
    dimension: Code,
    from: number,
    to: number,
  ): Generator<{ value: Code; at: number; tally: Tally }> {
    if (from > to) return;
    yield* slicesIn(this.#slicesOf[step].iterate(from, to, clock, service, dimension), dimension);
  }

  /**
   * Tallies of interactions of some services at one time, those of a service behind each other: of all of it (dimension 0), and of its
   * slices. @param services  each once   @param isWanted  of the slices, by service and dimension
   */
  *ofServices(
    step: Step,
    services: readonly Code[],
    at: number,
    isWanted: (service: Code, dimension: Code) => boolean,
  ): Generator<{ service: Code; dimension: Code; value: Code; tally: Tally }> {
    let held: { service: Code; dimension: Code; value: Code; tally: Tally } | null = null;
    for (const row of this.#ofServices[step].iterate(JSON.stringify(services), at)) {
      const { service, dimension, value, data } = row;
      if (dimension !== 0 && !isWanted(service, dimension)) continue;
      const tally = decodeTally(data);
      if (held !== null && held.service === service && held.dimension === dimension && held.value === value)
        held = { service, dimension, value, tally: add(held.tally, tally) };
      else {
        if (held !== null) yield held;
        held = { service, dimension, value, tally };
      }
    }
    if (held !== null) yield held;
  }

  /** The services that any interaction was counted of at one time. */
  countedIn(step: Step, at: number): Code[] {
    return (this.#countedIn[step].all(at) as { service: Code }[]).map(({ service }) => service);
  }

  /** The values that were ever seen of a dimension of a service. */
  sliceValues(service: Code, dimension: Code): Code[] {
    return (this.#unjudged.all(service, dimension) as { value: Code }[]).map(({ value }) => value);
  }

  /** The same with the minute in which each was first seen. */
  firstsOf(service: Code, dimension: Code): Map<Code, Minute> {
    const rows = this.#unjudged.all(service, dimension) as { value: Code; first_minute: Minute }[];
    return new Map(rows.map((row) => [row.value, row.first_minute]));
  }

  /** When changes of a service took place that somebody has approved, ms, in order. */
  approvedChanges(service: string, environment: string | null): Millis[] {
    return (this.#approved.all(service, environment) as { at: Millis }[]).map(({ at }) => at);
  }

  /** Whether minutes of before a change of configuration are still counted the old way. */
  isRecounting(): boolean {
    return this.#recounting.get() !== undefined;
  }

  /** Minutes up to `through` that changed since they were judged. */
  marks(through: Minute): Mark[] {
    return this.#marks.all(through) as unknown as Mark[];
  }

  /** What is to be judged of the minutes up to the horizon; null: nothing. */
  due(horizon: Minute): Due | null {
    return this.#judging.due(horizon);
  }

  /** Services that anything was ever counted of. */
  countedServices(): Code[] {
    return (this.#services.all() as { service: Code }[]).map((row) => row.service);
  }

  /** The first and the last minute with tallies, of a clock. */
  extent(clock: Clock): { first: Minute; last: Minute } | null {
    const row = this.#extent.get(clock) as { first: Minute | null; last: Minute | null };
    return row.first === null || row.last === null ? null : { first: row.first, last: row.last };
  }

  /**
   * Interactions, newest first: by when they ended. @param from  inclusive, @param before  exclusive
   * @returns a page, and where the next one begins; null when this was the last
   */
  interactions(
    wanted: (interaction: Interaction) => boolean,
    from: Place,
    before: Place,
    limit: number,
  ): { interactions: Interaction[]; next: Place | null } {
    const page: Interaction[] = [];
    // In front of a whole second: nothing of that one is looked at again.
    const isWhole = before.nanos === 0 && before.trace === '';
    const newest = secondOf(isWhole ? before.end - 1 : before.end);
    for (const { second, interactions, scanned } of this.#bySecond(secondOf(from.end), newest)) {
      for (const one of interactions) {
        const place = placeOf(one);
        if (!isBefore(place, before) || isBefore(place, from) || !wanted(one)) continue;
        // One more than asked for was looked for, so that the last page is known to be the last.
        if (page.length === limit) return { interactions: page, next: placeOf(page.at(-1)!) };
        page.push(one);
      }
      if (scanned >= SCAN_MAX_SPANS) return { interactions: page, next: beforeAll(second * TENTHS_PER_SECOND) };
    }
    return { interactions: page, next: null };
  }

  /** The interactions that ended in each second, newest first, and how many spans were looked at so far. */
  *#bySecond(
    from: Second,
    to: Second,
  ): Generator<{ second: Second; interactions: readonly Interaction[]; scanned: number }> {
    let current: Second = -1;
    let interactions: Interaction[] = [];
    let scanned = 0;
    const inOrder = (): Interaction[] => interactions.sort((a, b) => (isBefore(placeOf(a), placeOf(b)) ? 1 : -1));
    for (const { second, spans } of this.#spans.newestFirst(from, to)) {
      if (second !== current) {
        if (current >= 0) yield { second: current, interactions: inOrder(), scanned };
        current = second;
        interactions = [];
      }
      scanned += spans.length;
      for (const { judged } of spans) if (judged.interaction !== null) interactions.push(judged.interaction);
    }
    if (current >= 0) yield { second: current, interactions: inOrder(), scanned };
  }

  /** Rows of spans in these minutes, both inclusive: how much there is to be read. */
  rowsBetween(from: Minute, to: Minute): number {
    return this.#spans.countBetween(from * SECONDS_PER_MINUTE, (to + 1) * SECONDS_PER_MINUTE);
  }

  /** How many rows it takes to fold the tallies of a minute again: spans that ended in it, by the clock of events, and ratings, each with its trace. */
  rowsOf({ clock, minute }: ClockMinute): number {
    const column = clock === EVENT_CLOCK ? 'event_minute' : 'label_minute';
    const { ratings } = this.db.prepare(`select count(*) as ratings from rating where ${column} = ?`).get(minute) as {
      ratings: number;
    };
    return ratings * ROWS_A_RATING + (clock === EVENT_CLOCK ? this.rowsBetween(minute, minute) : 0);
  }

  /** The spans of a trace. @param places  where the writer says that they may be */
  trace(traceId: TraceId, places: readonly PartId[]): StoredSpan[] {
    return this.#spans.ofTrace(traceId, places);
  }

  /** Ratings that came before then and have found no interaction, by the service that they name. Read once a minute at most. */
  unmatchedRatings(before: Minute): readonly UnmatchedRatings[] {
    if (this.#unmatchedKnown.before !== before)
      this.#unmatchedKnown = { before, ratings: this.#unmatched.all(before) as never, newest: new Map() };
    return this.#unmatchedKnown.ratings;
  }

  /** The newest of those that name a service; of each it takes a look at many, and there may be as many services as senders make up. */
  newestUnmatched(service: string, before: Minute): readonly StoredRating[] {
    this.unmatchedRatings(before);
    const { newest } = this.#unmatchedKnown;
    const known = newest.get(service) ?? this.#ratings.newestUnjoined(service, before, UNMATCHED_EXAMPLES);
    newest.set(service, known);
    return known;
  }

  /** Ratings that count with an interaction of the trace, and those that name the trace and have found none. */
  ratingsOf(traceId: TraceId): StoredRating[] {
    return [...this.#ratings.ofTrace(traceId).filter((rating) => rating.active), ...this.#ratings.unjoinedOf(traceId)];
  }
}
