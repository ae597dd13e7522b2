/** Where a quantity may lie, both ends included. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** What is known of a share before anything was seen. */
export const ANY_SHARE: Interval = { low: 0, high: 1 };

/** Share of the cases in which an interval holds the truth, unless said otherwise. */
export const LEVEL = 0.95;

/** The same interval seen from the other side: of 1 - x. */
export const mirrored = (interval: Interval): Interval => ({ low: 1 - interval.high, high: 1 - interval.low });

export const clippedToShare = (low: number, high: number): Interval => ({
  low: Math.min(1, Math.max(0, low)),
  high: Math.min(1, Math.max(0, high)),
});

/** The same interval, and the value within it: rounding, or another method, may leave it outside. */
export const holding = (value: number, { low, high }: Interval): Interval => ({
  low: Math.min(low, value),
  high: Math.max(high, value),
});
