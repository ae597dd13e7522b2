import type { Code } from '../model/dictionary.ts';
import type { Counter } from '../tally/counters.ts';
import type { RatingCounts } from './rating.ts';

/**
 * What came in with one committed group, added up by service: what live counters move by. Each interaction and each rating
 * is in it once, when it is first joined; what later spans correct of it is not, because such counters only ever rise.
 */
export interface Arrivals {
  readonly interactions: readonly InteractionArrivals[];
  readonly tokens: readonly TokenArrivals[];
  readonly counts: readonly CountArrivals[];
  /** Ratings that have found their interaction, judged or not. */
  readonly joined: RatingCounts;
}

export interface InteractionArrivals {
  /** What it is counted under. */
  readonly service: Code;
  readonly operation: Code;
  /** By index of the class of error. */
  readonly failed: readonly number[];
  /** Upper bounds of the duration buckets in whole ms, ascending; every latency limit of the service is one. */
  readonly boundsMs: readonly number[];
  /** Of those that did not fail, by bucket; the last one has no upper bound. */
  readonly durations: readonly number[];
  /** Their sum. */
  readonly durationNanos: number;
}

/** The kinds do not overlap: they add up to all tokens. */
export const TOKEN_TYPES = ['input_uncached', 'input_cached', 'output', 'reasoning'] as const;

export interface TokenArrivals {
  readonly service: Code;
  readonly requestModel: Code;
  readonly responseModel: Code;
  /** By index of `TOKEN_TYPES`. */
  readonly counts: readonly number[];
}

/** What was said of interactions, and requests that failed without any AI span. */
export interface CountArrivals {
  readonly service: Code;
  readonly counts: readonly (readonly [Counter, number])[];
}
