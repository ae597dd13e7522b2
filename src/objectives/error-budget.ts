import { represented, type SeenCounts } from '../measures/sampling.ts';
import { requireOpenShare, requireWithin } from '../model/numbers.ts';
import type { Counts } from './burn-rate.ts';

/** What a window's promise allows and what is left of it. */
export interface ErrorBudget {
  /** Bad events the window may hold. */
  readonly allowed: number;
  /** Share of the budget that is spent, above 1 when overspent; null while nothing was counted. */
  readonly consumed: number | null;
  /** 1 - consumed, negative when overspent. */
  readonly remaining: number | null;
  /** Whether the promise is kept so far; a share of exactly the budget keeps it. */
  readonly met: boolean | null;
}

/** Rounding of q0 and of the product may not break a promise that is kept to the event. */
const SLACK = 1e-9;

/**
 * The error budget of a window. Time-based promises count minutes with data as events and bad minutes as bad.
 * @param expectedRest  valid events still expected until the end of a calendar window; 0 for a rolling one
 */
export function errorBudget({ n, bad }: Counts, q0: number, expectedRest = 0): ErrorBudget {
  requireWithin('bad', bad, 'n', n);
  requireOpenShare('q0', q0);
  if (!(expectedRest >= 0 && expectedRest < Infinity))
    throw new RangeError(`expectedRest is ${expectedRest}, it is 0 or more and finite`);
  const allowed = q0 * (n + expectedRest);
  if (n === 0 || allowed === 0) return { allowed, consumed: null, remaining: null, met: null };
  const consumed = bad / allowed;
  return { allowed, consumed, remaining: 1 - consumed, met: bad <= q0 * n * (1 + SLACK) };
}

/**
 * What a budget and an attainment are reckoned from: the events that those seen stand for. Where their share of good ones is estimated, and not
 * counted (labels that a judge corrects, a mean score), as many of them are bad as the estimate says, so that neither contradicts it.
 * @param value  the estimate, in [0, 1]; null where the share is counted
 */
export function countsOfEstimate(seen: SeenCounts, value: number | null): Counts {
  const counts = represented(seen);
  return value === null ? counts : { n: counts.n, bad: counts.n * (1 - value) };
}
