import { wilson } from '../measures/wilson.ts';
import { requireAmount, requireOpenShare, requirePositive, requireWithin } from '../model/numbers.ts';
import { MINUTES_PER_DAY } from '../model/time.ts';

/** Counts over some minutes. */
export interface Counts {
  readonly n: number;
  readonly bad: number;
}

/**
 * How fast the error budget is being spent: 1 spends it exactly by the end of the window; 14.4 for an hour spends 2 % of a 30-day budget.
 * @param q0  the budgeted bad share, 1 - objective
 * @returns a ratio >= 0; null when there was no traffic
 * @see Beyer et al. (2018), The Site Reliability Workbook, ch. 5 "Alerting on SLOs"
 */
export function burnRate({ n, bad }: Counts, q0: number): number | null {
  requireWithin('bad', bad, 'n', n);
  requireOpenShare('q0', q0);
  return n === 0 ? null : bad / n / q0;
}

/** The lower end of the interval of a burn rate: what is burnt at least, as far as so few events can tell. Null without traffic. */
export function burnRateLow({ n, bad }: Counts, q0: number): number | null {
  requireOpenShare('q0', q0);
  return n === 0 ? null : wilson(bad, n).low / q0;
}

export interface BurnTier {
  readonly longMinutes: number;
  readonly shortMinutes: number;
  /** Burn rate that must be exceeded in both windows. */
  readonly threshold: number;
  readonly severity: 'page' | 'ticket';
}

/** The SRE Workbook's recommended parameters: a tier fires at the rate that spends `budget` of the whole within the long window. */
const TIERS = [
  { longMinutes: 60, budget: 0.02, severity: 'page' },
  { longMinutes: 360, budget: 0.05, severity: 'page' },
  { longMinutes: 1440, budget: 0.1, severity: 'ticket' },
  { longMinutes: 4320, budget: 0.1, severity: 'ticket' },
] as const;
const SHORT_FRACTION = 12;

/** The four tiers for an objective's window; thresholds 14.4, 6, 3, 1 at 30 days, never below 1. */
export function burnTiers(windowDays: number): BurnTier[] {
  requirePositive('windowDays', windowDays);
  requireAmount('windowDays', windowDays);
  return TIERS.map(({ longMinutes, budget, severity }) => ({
    longMinutes,
    shortMinutes: longMinutes / SHORT_FRACTION,
    threshold: Math.max(1, (budget * windowDays * MINUTES_PER_DAY) / longMinutes),
    severity,
  }));
}

/** A tier that not even a total outage fires; `check` says so. */
export const isUnreachable = (tier: BurnTier, q0: number): boolean => tier.threshold * q0 > 1;

/** So that a rate of exactly the threshold, computed in floating point, does not fire. */
const SLACK = 1e-9;

/** Whether one window burns faster than the tier allows; an empty one does not. */
export function exceeds(tier: BurnTier, window: Counts, q0: number): boolean {
  const burn = burnRate(window, q0);
  return burn !== null && burn > tier.threshold * (1 + SLACK);
}

/** Whether a tier fires on the counts of its two windows, which end with the same minute. */
export const fires = (tier: BurnTier, long: Counts, short: Counts, q0: number): boolean =>
  exceeds(tier, long, q0) && exceeds(tier, short, q0);
