import { bucketOf } from './exponential.ts';

/**
 * The keys by which features are counted before there is a baseline: a quantity by powers of two, scores by fiftieths of their scale,
 * categories by their codes. Counts by key are tallies: they add in any order, and become bins when a baseline is frozen.
 */

/** Interactions without the feature. */
export const MISSING_KEY = -1_000_000;
/** A quantity of zero. */
export const ZERO_KEY = -1000;
/** The key of (2^i, 2^(i+1)] is i, for i in this range; what lies beyond counts at its end. */
export const POWERS = [-10, 40] as const;
export const SCORE_KEYS = 50;

/** The key of a power of two that has been told from its neighbours more finely. */
export const cappedPower = (power: number): number => Math.min(POWERS[1], Math.max(POWERS[0], power));

/** @param value  finite, >= 0 */
export const powerKey = (value: number): number => (value === 0 ? ZERO_KEY : cappedPower(bucketOf(value, 0)));

/** @param score  in [0, 1]; the best alone is no bin of its own */
export const scoreKey = (score: number): number =>
  Math.min(SCORE_KEYS - 1, Math.max(0, Math.ceil(score * SCORE_KEYS) - 1));
