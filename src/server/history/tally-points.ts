import { durationHistogram } from '../../measures/durations.ts';
import { type QuantileRank, quantiles } from '../../measures/quantiles.ts';
import type { Code } from '../../model/dictionary.ts';
import { headOf, lineOf, RefusedPoint } from '../../sinks/influx/line.ts';
import { COUNT, costNanos, PRICED, type TokenPart, tokensRepresented } from '../../tally/counters.ts';
import { count, type Tally, ZERO } from '../../tally/group.ts';
import { type HistoryService, wholeCounts } from './measures.ts';

/** Series whose beginnings are remembered: beyond it they are put together anew. */
const HEADS_MAX = 50_000;
const NANOS_PER_MICRO = 1000;
export const ALL = 'all';
/** Of what used no model, or named none. */
export const NO_MODEL = '(none)';

/** A tally of a service at one time: `slice` is `all` or `dimension=value`. */
export interface SliceTally {
  readonly dimension: Code;
  readonly value: Code;
  readonly tally: Tally;
}

/** Told of points that line protocol can't hold: they are written nowhere. */
export type OnRefused = (reason: string) => void;

/** Makes the lines of tallies. The beginning of a line is put together once for a series. */
export class TallyPoints {
  readonly #textOf: (code: Code) => string;
  readonly #onRefused: OnRefused;
  readonly #heads = new Map<string, string | RefusedPoint>();

  /** @param textOf  of values of dimensions */
  constructor(textOf: (code: Code) => string, onRefused: OnRefused) {
    this.#textOf = textOf;
    this.#onRefused = onRefused;
  }

  /** What is remembered may be of another configuration. */
  forget(): void {
    this.#heads.clear();
  }

  /**
   * Good, valid and eligible events: of all always, of slices as far as there are any.
   * @param isAgain  the time may have been written with other numbers: then those that came to nothing are written, too
   * @param at  seconds
   */
  *tally(
    of: HistoryService,
    slices: readonly SliceTally[],
    at: number,
    revision: number,
    isAgain: boolean,
  ): Generator<string> {
    for (const { dimension, value, tally } of slices)
      for (const { label, events } of of.measures) {
        const counts = wholeCounts(events, tally);
        if (dimension !== 0 && counts.valid === 0 && counts.eligible === 0 && !isAgain) continue;
        const head = this.#head(`tally\0${of.service}\0${of.environment}\0${label}\0${dimension}\0${value}`, () =>
          headOf('tally', {
            service: of.service,
            environment: of.environment,
            measure: label,
            slice: this.#slice(of, dimension, value),
          }),
        );
        yield* this.#line(head, (known) => lineOf('tally', known, { ...counts, revision }, at));
      }
  }

  /** Quantiles whose interval is closed, of the durations of an hour. */
  *latency(of: HistoryService, slices: readonly SliceTally[], at: number, revision: number): Generator<string> {
    for (const { dimension, value, tally } of slices) {
      const found = quantiles(durationHistogram(tally));
      for (const rank of ['p50', 'p95', 'p99'] as const satisfies readonly QuantileRank[]) {
        const quantile = found[rank];
        if (quantile === null || quantile.low === null || quantile.high === null) continue;
        const { low, high } = quantile;
        const head = this.#head(`latency\0${of.service}\0${of.environment}\0${rank}\0${dimension}\0${value}`, () =>
          headOf('latency', {
            service: of.service,
            environment: of.environment,
            slice: this.#slice(of, dimension, value),
            rank,
          }),
        );
        const fields = { lower: low / 1000, value: quantile.value / 1000, upper: high / 1000, n: found.n, revision };
        yield* this.#line(head, (known) => lineOf('latency', known, fields, at));
      }
    }
  }

  /** What was spent by model; together it is what the service spent. @param byModel  slices of the response model */
  *cost(
    of: HistoryService,
    whole: Tally,
    byModel: readonly SliceTally[],
    at: number,
    revision: number,
    isAgain: boolean,
  ): Generator<string> {
    const rest = used(whole, of.currency);
    for (const { value, tally } of byModel) {
      const spent = used(tally, of.currency);
      for (const name of USED) rest[name] -= spent[name];
      yield* this.#cost(of, this.#textOf(value), String(value), spent, at, revision, isAgain);
    }
    yield* this.#cost(of, NO_MODEL, '', rest, at, revision, isAgain);
  }

  *#cost(
    of: HistoryService,
    model: string,
    key: string,
    spent: Used,
    at: number,
    revision: number,
    isAgain: boolean,
  ): Generator<string> {
    if (!isAgain && USED.every((name) => spent[name] === 0)) return;
    const { currency } = of;
    const head = this.#head(`cost\0${of.service}\0${of.environment}\0${currency}\0${key}`, () =>
      headOf('cost', { service: of.service, environment: of.environment, model, currency }),
    );
    yield* this.#line(head, (known) => lineOf('cost', known, { ...spent, revision }, at));
  }

  #slice({ dimensions }: HistoryService, dimension: Code, value: Code): string {
    return dimension === 0 ? ALL : `${dimensions.get(dimension)!}=${this.#textOf(value)}`;
  }

  #head(key: string, make: () => string): string | RefusedPoint {
    const known = this.#heads.get(key);
    if (known !== undefined) return known;
    if (this.#heads.size >= HEADS_MAX) this.#heads.clear();
    const made = refusable(make);
    this.#heads.set(key, made);
    return made;
  }

  *#line(head: string | RefusedPoint, make: (head: string) => string): Generator<string> {
    const line = head instanceof RefusedPoint ? head : refusable(() => make(head));
    if (line instanceof RefusedPoint) this.#onRefused(line.message);
    else yield line;
  }
}

function refusable(make: () => string): string | RefusedPoint {
  try {
    return make();
  } catch (error) {
    if (error instanceof RefusedPoint) return error;
    throw error;
  }
}

const USED = [
  'cost_micros',
  'priced',
  'interactions',
  'input_uncached',
  'input_cached',
  'cache_write',
  'output',
  'reasoning',
] as const;
type Used = Record<(typeof USED)[number], number>;

function used(tally: Tally, currency: string): Used {
  const { seen, extra } = costNanos(tally, currency);
  const tokens = (part: TokenPart): number => Math.round(tokensRepresented(tally, part));
  return {
    cost_micros: Math.round((seen + extra) / NANOS_PER_MICRO),
    priced: count(tally, PRICED),
    interactions: count(tally, COUNT),
    input_uncached: tokens('input'),
    input_cached: tokens('cachedInput'),
    cache_write: tokens('cacheWrite'),
    output: tokens('output'),
    reasoning: tokens('reasoning'),
  };
}

/** A slice that was there and is there no longer. */
export const gone = (dimension: Code, value: Code): SliceTally => ({ dimension, value, tally: ZERO });
