import { durationHistogram } from '../../measures/durations.ts';
import { type QuantileRank, quantiles } from '../../measures/quantiles.ts';
import type { Code } from '../../model/dictionary.ts';
import { headOf, lineOf, RefusedPoint } from '../../sinks/influx/line.ts';
import { COUNT, costNanos, PRICED, type TokenPart, tokensRepresented } from '../../tally/counters.ts';
import { count, type Tally, ZERO } from '../../tally/group.ts';
import { type HistoryService, wholeCounts } from './measures.ts';
import { type OnRefused, refusable } from './refused.ts';

const NANOS_PER_MICRO = 1000;
const ALL = 'all';
/** Of what used no model, or named none. */
const NO_MODEL = '(none)';

/** A tally of a service at one time: `slice` is `all` or `dimension=value`. */
export interface SliceTally {
  readonly dimension: Code;
  readonly value: Code;
  readonly tally: Tally;
}

type Head = string | RefusedPoint;

/** How the lines of a slice of a service begin, from when they are first needed. */
interface Heads {
  /** In the order of the service's measures. */
  readonly tally: Head[];
  readonly latency: Partial<Record<QuantileRank, Head>>;
  cost: Head | null;
}

/** Makes the lines of tallies. The beginning of a line is put together once for a series. */
export class TallyPoints {
  readonly #textOf: (code: Code) => string;
  readonly #onRefused: OnRefused;
  /** By service, dimension and value: a service that is made anew has none. */
  #heads = new WeakMap<HistoryService, Map<Code, Map<Code, Heads>>>();

  /** @param textOf  of values of dimensions */
  constructor(textOf: (code: Code) => string, onRefused: OnRefused) {
    this.#textOf = textOf;
    this.#onRefused = onRefused;
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
    for (const { dimension, value, tally } of slices) {
      const heads = this.#headsOf(of, dimension, value);
      for (const [i, { label, events }] of of.measures.entries()) {
        const counts = wholeCounts(events, tally);
        if (dimension !== 0 && counts.valid === 0 && counts.eligible === 0 && !isAgain) continue;
        heads.tally[i] ??= refusable(() =>
          headOf('tally', {
            service: of.service,
            environment: of.environment,
            measure: label,
            slice: this.#slice(of, dimension, value),
          }),
        );
        yield* this.#line(heads.tally[i], (known) => lineOf('tally', known, { ...counts, revision }, at));
      }
    }
  }

  /** Quantiles whose interval is closed, of the durations of an hour. */
  *latency(of: HistoryService, slices: readonly SliceTally[], at: number, revision: number): Generator<string> {
    for (const { dimension, value, tally } of slices) {
      const found = quantiles(durationHistogram(tally));
      const heads = this.#headsOf(of, dimension, value).latency;
      for (const rank of ['p50', 'p95', 'p99'] as const satisfies readonly QuantileRank[]) {
        const quantile = found[rank];
        if (quantile === null || quantile.low === null || quantile.high === null) continue;
        const { low, high } = quantile;
        heads[rank] ??= refusable(() =>
          headOf('latency', {
            service: of.service,
            environment: of.environment,
            slice: this.#slice(of, dimension, value),
            rank,
          }),
        );
        const fields = { lower: low / 1000, value: quantile.value / 1000, upper: high / 1000, n: found.n, revision };
        yield* this.#line(heads[rank], (known) => lineOf('latency', known, fields, at));
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
    for (const { dimension, value, tally } of byModel) {
      const spent = used(tally, of.currency);
      for (const name of USED) rest[name] -= spent[name];
      yield* this.#cost(of, dimension, value, spent, at, revision, isAgain);
    }
    yield* this.#cost(of, 0, 0, rest, at, revision, isAgain);
  }

  *#cost(
    of: HistoryService,
    dimension: Code,
    value: Code,
    spent: Used,
    at: number,
    revision: number,
    isAgain: boolean,
  ): Generator<string> {
    if (!isAgain && USED.every((name) => spent[name] === 0)) return;
    const { currency } = of;
    const heads = this.#headsOf(of, dimension, value);
    const model = dimension === 0 ? NO_MODEL : this.#textOf(value);
    heads.cost ??= refusable(() =>
      headOf('cost', { service: of.service, environment: of.environment, model, currency }),
    );
    yield* this.#line(heads.cost, (known) => lineOf('cost', known, { ...spent, revision }, at));
  }

  #slice({ dimensions }: HistoryService, dimension: Code, value: Code): string {
    return dimension === 0 ? ALL : `${dimensions.get(dimension)!}=${this.#textOf(value)}`;
  }

  #headsOf(of: HistoryService, dimension: Code, value: Code): Heads {
    let dimensions = this.#heads.get(of);
    if (dimensions === undefined) {
      dimensions = new Map();
      this.#heads.set(of, dimensions);
    }
    let values = dimensions.get(dimension);
    if (values === undefined) {
      values = new Map();
      dimensions.set(dimension, values);
    }
    let heads = values.get(value);
    if (heads === undefined) {
      heads = { tally: [], latency: {}, cost: null };
      values.set(value, heads);
    }
    return heads;
  }

  *#line(head: Head, make: (head: string) => string): Generator<string> {
    const line = head instanceof RefusedPoint ? head : refusable(() => make(head));
    if (line instanceof RefusedPoint) this.#onRefused(line.message);
    else yield line;
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
