import type { Estimate } from '../model/estimate.ts';
import type { Counter } from '../tally/counters.ts';
import type { Tally } from '../tally/group.ts';

/** An estimate without its name and its window. */
export interface EstimateParts
  extends Pick<
    Estimate,
    'value' | 'low' | 'high' | 'level' | 'n' | 'sampled' | 'coverage' | 'maturity' | 'status' | 'adjusted' | 'between'
  > {
  /** Why there is no value, in words, where the status alone does not say it. */
  readonly why?: string;
}

/** How an estimate is going to be looked at. */
export interface Looks {
  /** Again and again while its window fills: the interval must be a confidence sequence. False: at a window that is complete. */
  readonly anyTime: boolean;
  /** Length of the window, minutes. */
  readonly minutes: number;
}

/**
 * An estimate that is no share of events counted: a mean, a quantile, an index, what judges and labels say together. A pure function
 * of the window's summed tally, so that order, replicas and late data change nothing.
 */
export interface Estimator {
  /** Counters that it reads: of the others nothing is kept for it. */
  readonly reads: (name: Counter) => boolean;
  readonly estimate: (tally: Tally, looks: Looks) => EstimateParts;
}
