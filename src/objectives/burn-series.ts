import type { Minute } from '../model/time.ts';
import { type BurnTier, type Counts, fires } from './burn-rate.ts';

/** When one tier fired over a series of minutes. */
export interface TierFiring {
  readonly tier: BurnTier;
  /** Index of the first minute in which it fired. */
  readonly first: Minute | null;
  readonly minutes: number;
  readonly atEnd: boolean;
}

/**
 * What burn-rate rules would have done minute by minute: for backtests, and for the comparison that `check` shows. Windows end with
 * the minute judged, which they include, and are shorter at the start of the series.
 */
export function burnSeries(series: readonly Counts[], tiers: readonly BurnTier[], q0: number): TierFiring[] {
  const n = [0];
  const bad = [0];
  for (const minute of series) {
    n.push(n.at(-1)! + minute.n);
    bad.push(bad.at(-1)! + minute.bad);
  }
  const window = (end: number, length: number): Counts => {
    const start = Math.max(0, end - length);
    return { n: n[end]! - n[start]!, bad: bad[end]! - bad[start]! };
  };
  return tiers.map((tier) => {
    let first: Minute | null = null;
    let minutes = 0;
    let atEnd = false;
    for (let end = 1; end <= series.length; end++) {
      atEnd = fires(tier, window(end, tier.longMinutes), window(end, tier.shortMinutes), q0);
      if (!atEnd) continue;
      minutes++;
      first ??= end - 1;
    }
    return { tier, first, minutes, atEnd };
  });
}
