import type { Catalog } from '../../catalog/catalog.ts';
import type { Code, Dictionary } from '../../model/dictionary.ts';
import { codeOfKnown } from '../../model/dictionary.ts';
import { HOUR_MS, MINUTES_PER_HOUR, type Millis, type Minute, millisOfMinute } from '../../model/time.ts';
import type { FrozenBaseline } from '../../objectives/drift-watch.ts';
import type { Objective } from '../../objectives/objective.ts';
import { MINUTES_KEPT_MS, type Policy } from '../../sinks/influx/schema.ts';
import type { Reader } from '../../store/reader.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { ZERO } from '../../tally/group.ts';
import { type HistoryService, historyServiceOf } from './measures.ts';
import { driftLines, secondsOfMinute } from './record-points.ts';
import { type OnRefused, unlessRefused } from './refused.ts';
import { gone, type SliceTally, TallyPoints } from './tally-points.ts';

/** Services that are read at once: the doors have their turn in between. */
const SERVICES_AT_A_TIME = 20;
/** Services that are remembered between passes. */
const SERVICES_MAX = 10_000;
/** What the policy will let go of within so long is not written into it any more. */
const POLICY_MARGIN_MS = 24 * HOUR_MS;
/** Traces are judged again for so long: until then a slice may vanish from a minute. */
const REGROUPED_MINUTES = 180;

export interface TimesSources {
  readonly reader: Reader;
  readonly dictionary: Dictionary;
  readonly catalog: Catalog;
  readonly objectives: () => readonly Objective[];
  readonly currencyOf: (counted: number) => string;
  /** What a drift objective is compared with; null while it has none. */
  readonly baselineOf: (objective: string) => FrozenBaseline | null;
  readonly onRefused: OnRefused;
}

/** A line, and where it goes. */
export interface PolicyLine {
  readonly policy: Policy;
  readonly line: string;
}

interface Rows {
  readonly whole: SliceTally;
  readonly slices: SliceTally[];
}

/** Services that are written, and the revision of each. */
export type Revisions = ReadonlyMap<Code, number>;

/** What the store says of minutes and hours, as lines: some services at a time. */
export class HistoryTimes {
  readonly #sources: TimesSources;
  readonly #points: TallyPoints;
  #objectives: readonly Objective[] | null = null;
  readonly #services = new Map<Code, HistoryService | null>();
  /** Values ever seen, by service and dimension: of one pass. */
  readonly #values = new Map<string, readonly Code[]>();

  constructor(sources: TimesSources) {
    this.#sources = sources;
    this.#points = new TallyPoints((code) => sources.dictionary.text(code), sources.onRefused);
  }

  /** Before a pass: configuration and names may be others than in the last one. */
  begin(): void {
    this.#values.clear();
    const objectives = this.#sources.objectives();
    if (objectives === this.#objectives && this.#services.size < SERVICES_MAX) return;
    this.#objectives = objectives;
    this.#services.clear();
  }

  /**
   * The points of a minute. @param isAgain  it may have been written before
   * Each piece is what is made in one go.
   */
  *minute(minute: Minute, services: Revisions, now: Millis, isAgain: boolean): Generator<PolicyLine[]> {
    if (!isKept(millisOfMinute(minute), now)) return;
    const at = secondsOfMinute(minute);
    const mayVanish = isAgain && millisOfMinute(minute + REGROUPED_MINUTES) > now;
    for (const chunk of chunksOf(services)) {
      const lines: PolicyLine[] = [];
      for (const [of, rows, revision] of this.#read('minute', chunk, minute, services, mayVanish))
        for (const line of this.#tallyLines(of, rows, at, revision, isAgain)) lines.push({ policy: 'minutes', line });
      yield lines;
    }
  }

  /** The points of an hour that is over. */
  *hour(hour: number, services: Revisions, now: Millis, isAgain: boolean): Generator<PolicyLine[]> {
    const first = hour * MINUTES_PER_HOUR;
    const at = secondsOfMinute(first);
    const mayVanish = isAgain && millisOfMinute(first + MINUTES_PER_HOUR + REGROUPED_MINUTES) > now;
    const both: Policy[] = isKept(millisOfMinute(first), now) ? ['minutes', 'hourly'] : ['hourly'];
    for (const chunk of chunksOf(services)) {
      const lines: PolicyLine[] = [];
      for (const [of, rows, revision] of this.#read('hour', chunk, hour, services, mayVanish)) {
        for (const line of this.#tallyLines(of, rows, at, revision, isAgain)) lines.push({ policy: 'hourly', line });
        for (const line of this.#points.latency(of, [rows.whole, ...rows.slices], at, revision))
          for (const policy of both) lines.push({ policy, line });
      }
      for (const service of chunk)
        for (const line of this.#driftLines(service, hour, at, services.get(service)!))
          for (const policy of both) lines.push({ policy, line });
      yield lines;
    }
  }

  *#tallyLines(
    of: HistoryService,
    { whole, slices }: Rows,
    at: number,
    revision: number,
    isAgain: boolean,
  ): Generator<string> {
    yield* this.#points.tally(of, [whole, ...slices], at, revision, isAgain);
    const model = codeOfKnown('response_model');
    const byModel = slices.filter(({ dimension }) => dimension === model);
    yield* this.#points.cost(of, whole.tally, byModel, at, revision, isAgain);
  }

  /** Of each service what was counted then; of those of which nothing was, if they were asked for, nothing. */
  *#read(
    step: 'minute' | 'hour',
    chunk: readonly Code[],
    at: number,
    services: Revisions,
    mayVanish: boolean,
  ): Generator<[HistoryService, Rows, number]> {
    const known = new Map(chunk.map((code) => [code, this.#serviceOf(code)]));
    const isWanted = (service: Code, dimension: Code): boolean =>
      known.get(service)?.dimensions.has(dimension) === true;
    const read = new Map<Code, { whole: SliceTally; slices: SliceTally[] }>();
    for (const { service, dimension, value, tally } of this.#sources.reader.ofServices(step, chunk, at, isWanted)) {
      const rows = read.get(service) ?? { whole: gone(0, 0), slices: [] };
      read.set(service, rows);
      if (dimension === 0) rows.whole = { dimension, value, tally };
      else rows.slices.push({ dimension, value, tally });
    }
    for (const [code, of] of known) {
      if (of === null) continue;
      const rows = read.get(code) ?? { whole: { dimension: 0, value: 0, tally: ZERO }, slices: [] };
      if (mayVanish) rows.slices.push(...this.#vanished(code, of, rows.slices));
      yield [of, rows, services.get(code)!];
    }
  }

  *#vanished(code: Code, { dimensions }: HistoryService, slices: readonly SliceTally[]): Generator<SliceTally> {
    const there = new Set(slices.map(({ dimension, value }) => `${dimension} ${value}`));
    for (const dimension of dimensions.keys()) {
      const key = `${code} ${dimension}`;
      const values = this.#values.get(key) ?? this.#sources.reader.sliceValues(code, dimension);
      this.#values.set(key, values);
      for (const value of values) if (!there.has(`${dimension} ${value}`)) yield gone(dimension, value);
    }
  }

  *#driftLines(service: Code, hour: number, at: number, revision: number): Generator<string> {
    const { reader, baselineOf, onRefused } = this.#sources;
    for (const objective of this.#objectives ?? []) {
      const { counted, drift, slices } = objective;
      if (drift === undefined || counted !== service) continue;
      const baseline = baselineOf(objective.name);
      if (baseline === null) continue;
      const [whole] = [...reader.series('hour', EVENT_CLOCK, service, hour, hour)];
      const tally = whole?.tally ?? ZERO;
      const rows =
        slices === undefined ? [] : [...reader.slicesOf('hour', EVENT_CLOCK, service, slices.dimension, hour, hour)];
      const together = slices?.together(rows, tally) ?? tally;
      yield* unlessRefused(onRefused, () => driftLines(objective, drift, baseline, together, at, revision)) ?? [];
    }
  }

  #serviceOf(code: Code): HistoryService | null {
    const known = this.#services.get(code);
    if (known !== undefined) return known;
    const { dictionary, catalog, currencyOf } = this.#sources;
    const made = historyServiceOf(dictionary, catalog, this.#objectives ?? [], code, () => currencyOf(code));
    this.#services.set(code, made);
    return made;
  }
}

const isKept = (at: Millis, now: Millis): boolean => at > now - MINUTES_KEPT_MS + POLICY_MARGIN_MS;

function* chunksOf(services: Revisions): Generator<Code[]> {
  const codes = [...services.keys()];
  for (let i = 0; i < codes.length; i += SERVICES_AT_A_TIME) yield codes.slice(i, i + SERVICES_AT_A_TIME);
}
