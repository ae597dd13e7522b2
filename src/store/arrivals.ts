import type { Code } from '../model/dictionary.ts';
import type { TraceId } from '../model/ids.ts';
import type { Interaction } from '../model/interaction.ts';
import type { Rating } from '../model/rating.ts';
import type { Millis } from '../model/time.ts';
import type { Counter } from '../tally/counters.ts';
import type { RatingCounts } from './rating.ts';

/**
 * What came in with one committed group, added up by service: what live counters move by. Each interaction and each rating
 * is in it once, when it is first joined; what later spans correct of it is not, because such counters only ever rise.
 */
export interface Arrivals {
  /** The clock at its commit. */
  readonly at: Millis;
  readonly interactions: readonly InteractionArrivals[];
  readonly models: readonly ModelArrivals[];
  readonly calls: readonly CallArrivals[];
  readonly counts: readonly CountArrivals[];
  /** Ratings that have found their interaction, judged or not. */
  readonly joined: RatingCounts;
  readonly lags: readonly LagArrivals[];
  /** What was counted before and is counted otherwise now: interactions that later spans changed, ratings that others have replaced. */
  readonly corrected: Readonly<Record<Signal, number>>;
  readonly deployments: readonly DeploymentArrivals[];
}

/** An interaction, or what was said of one. */
export type Signal = 'interaction' | Rating['type'];

/** From the end of interactions until they, or what was said of them, were stored. */
export interface LagArrivals {
  readonly signal: Signal;
  readonly durations: DurationArrivals;
}

/** What answered: of the interactions of a group each combination once. */
export type DeploymentArrivals = Pick<
  Interaction,
  'requestModel' | 'responseModel' | 'promptVersion' | 'serviceVersion'
> & {
  /** What it is counted under. */
  readonly service: Code;
};

/** One to look at. */
export interface Slowest {
  readonly traceId: TraceId;
  readonly ms: number;
}

export interface InteractionArrivals {
  /** What it is counted under. */
  readonly service: Code;
  readonly operation: Code;
  /** By index of the class of error. */
  readonly failed: readonly number[];
  /** Of those that did not fail: every latency limit of the service is a bound. */
  readonly durations: DurationArrivals;
  /** One of those that failed. */
  readonly failedTrace: TraceId | null;
}

/** The kinds do not overlap: they add up to all tokens. */
export const TOKEN_TYPES = ['input_uncached', 'input_cached', 'output', 'reasoning'] as const;

/** What interactions used of a model, and how soon it answered. */
export interface ModelArrivals {
  readonly service: Code;
  readonly requestModel: Code;
  readonly responseModel: Code;
  /** By index of `TOKEN_TYPES`. */
  readonly counts: readonly number[];
  /** In billionths of the currency of the service's prices: of those whose cost is known. */
  readonly costNanos: number;
  /** Of those that did not fail, as far as it is known. */
  readonly firstToken: DurationArrivals;
  /** After the first token, each of one answer alike. */
  readonly perOutputToken: DurationArrivals;
}

/** Calls of one dependency. */
export interface CallArrivals {
  readonly service: Code;
  readonly kind: string;
  readonly provider: Code;
  readonly name: Code;
  /** Those that failed, by index of the class of error. */
  readonly failed: readonly number[];
  /** Of those that did not fail. */
  readonly durations: DurationArrivals;
}

/** Durations by bucket. */
export interface DurationArrivals {
  /** Upper bounds in ms, ascending. */
  readonly boundsMs: readonly number[];
  /** By bucket, the last one has no upper bound. */
  readonly counts: readonly number[];
  readonly sumMs: number;
  /** The longest of them; null when there is none, and where none is to be looked at. */
  readonly slowest: Slowest | null;
}

/** What was said of interactions, and requests that failed without any AI span. */
export interface CountArrivals {
  readonly service: Code;
  readonly counts: readonly (readonly [Counter, number])[];
}
