import type { EstimateParts } from '../measures/estimator.ts';
import type { EventCounts } from '../measures/events.ts';
import { estimateShare, shareInterval } from '../measures/share.ts';
import type { CreditTier } from '../model/config/credits.ts';
import { MINUTES_PER_DAY, type Minute } from '../model/time.ts';
import { countsOfEstimate, errorBudget } from './error-budget.ts';
import type { Budgeted } from './objective.ts';
import type { CalendarPeriod } from './periods.ts';
import { slaCredit } from './sla-credit.ts';

/** Labels that come later than that after the end of a period no longer count for it: seven days. */
export const LABELS_FROZEN_MINUTES = 7 * MINUTES_PER_DAY;

/** `provisional`: over, and labels of it may still come. `final`: it stays so, whatever comes. */
export const PERIOD_STATES = ['current', 'provisional', 'final'] as const;
export type PeriodState = (typeof PERIOD_STATES)[number];

/** @param now  first minute that is not judged yet */
export function periodState({ to }: CalendarPeriod, now: Minute): PeriodState {
  if (now < to) return 'current';
  return now < to + LABELS_FROZEN_MINUTES ? 'provisional' : 'final';
}

/** What was attained in a period of the calendar, and what a contract owes for it. */
export interface PeriodResult extends CalendarPeriod {
  readonly state: PeriodState;
  readonly target: number;
  readonly estimate: EstimateParts;
  /** By the point estimate, as contracts go; null when nothing was counted. */
  readonly met: boolean | null;
  /** What is owed, in the unit of the contract; null where nothing is agreed, for a period that is not over, and when nothing was counted. */
  readonly credit: number | null;
  /** Its service was known before it began: it was counted from its beginning. */
  readonly isWhole: boolean;
}

/**
 * @param now  first minute that is not judged yet   @param knownSince  first minute that anything of the service was counted in
 * @param estimated  where it is no share of the events counted: an interval that may be looked at any time, or once
 */
export function periodResult(
  { target, q0 }: Pick<Budgeted, 'target' | 'q0'>,
  credits: readonly CreditTier[],
  period: CalendarPeriod,
  counts: EventCounts,
  now: Minute,
  knownSince: Minute,
  estimated?: (anyTime: boolean) => EstimateParts,
): PeriodResult {
  const state = periodState(period, now);
  // A closed period is looked at once; one that goes on again and again.
  const isOpen = state === 'current';
  const estimate = estimated?.(isOpen) ?? estimateShare(counts, shareInterval(isOpen));
  const { value } = estimate;
  return {
    ...period,
    state,
    target,
    estimate,
    met: value === null ? null : errorBudget(countsOfEstimate(counts, estimated === undefined ? null : value), q0).met,
    credit: value === null || state === 'current' || credits.length === 0 ? null : slaCredit(credits, rounded(value)),
    isWhole: knownSince <= period.from,
  };
}

/** Without the noise of sums of weights: exactly at the mark is not below it. */
const rounded = (value: number): number => Number(value.toPrecision(15));
