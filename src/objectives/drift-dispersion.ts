import { eventTempering, MINUTES_NEEDED } from './dispersion.ts';

/** Sums over the non-empty minutes of days in control, bin by bin. */
export interface BinSums {
  readonly minutes: number;
  readonly counts: Float64Array;
  /** Sums over minutes of count^2 / n. */
  readonly squares: Float64Array;
}

const NONE = new Float64Array(0);
export const NO_BINS: BinSums = { minutes: 0, counts: NONE, squares: NONE };

/** One more minute; an empty one changes nothing. @param groups  that bins come in: every event is in one bin of each */
export function withBinnedMinute(sums: BinSums, counts: Float64Array, groups = 1): BinSums {
  const n = counts.reduce((sum, count) => sum + count, 0) / groups;
  if (n === 0) return sums;
  return plusBins(sums, { minutes: 1, counts, squares: counts.map((count) => (count * count) / n) });
}

export function plusBins(a: BinSums, b: BinSums): BinSums {
  if (a.minutes === 0) return b;
  if (b.minutes === 0) return a;
  return {
    minutes: a.minutes + b.minutes,
    counts: a.counts.map((count, i) => count + b.counts[i]!),
    squares: a.squares.map((square, i) => square + b.squares[i]!),
  };
}

/** Of a bin: rarer ones say nothing about how events vary. */
const COUNT_NEEDED = 20;

/**
 * Tempering of the drift detector's event part; null turns it off, as long as the dispersion is not known or not small, as for shares.
 * Pearson's statistic of the multinomial over its expectation.
 */
export function binDispersion({ minutes, counts, squares }: BinSums, groups = 1): number | null {
  if (minutes < MINUTES_NEEDED) return null;
  const n = counts.reduce((sum, count) => sum + count, 0) / groups;
  let statistic = 0;
  let expected = 0;
  for (const [b, count] of counts.entries()) {
    if (count < COUNT_NEEDED || count === n) continue;
    const p = count / n;
    statistic += Math.max(0, squares[b]! - p * count) / p;
    expected += (minutes - 1) * (1 - p);
  }
  return expected === 0 ? null : eventTempering(statistic / expected);
}
