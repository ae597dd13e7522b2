import { requireCount, requireFinite, requireOpenShare } from '../model/numbers.ts';
import { clippedToShare, type Interval, LEVEL } from './interval.ts';

/**
 * An asymptotic confidence sequence for estimates without bounded summands (PPI, inverse weighting, composites). Good from
 * about n = 100 on; tightest near `tunedAt` observations.
 * @param variance  of one summand: n times the squared standard error of the mean
 * @see Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2024), Ann. Stat. 52, Thm 2.2
 */
export function asymptoticSequence(mean: number, variance: number, n: number, alpha = 0.05, tunedAt = 1000): Interval {
  requireFinite('mean', mean);
  requireCount('n', n);
  requireOpenShare('alpha', alpha);
  if (n === 0 || !(variance >= 0 && variance < Infinity) || !(tunedAt > 0 && tunedAt < Infinity))
    throw new RangeError(`n = ${n}, variance = ${variance}, tunedAt = ${tunedAt}: n and tunedAt > 0, variance >= 0`);
  const rho = (-2 * Math.log(alpha) + Math.log(-2 * Math.log(alpha) + 1)) / tunedAt;
  const spread = n * rho + 1;
  const half = Math.sqrt(variance) * Math.sqrt(((2 * spread) / (n * n * rho)) * Math.log(Math.sqrt(spread) / alpha));
  requireFinite('the half-width', half);
  requireFinite('the lower end', mean - half);
  requireFinite('the upper end', mean + half);
  return { low: mean - half, high: mean + half };
}

/** From so many summands on it is right. */
export const SEQUENCE_EVENTS_MIN = 100;

/** The same around the estimate of a share: for windows with a fixed start, which are looked at again and again while they fill. */
export function estimateSequence(value: number, standardError: number, n: number): Interval {
  const { low, high } = asymptoticSequence(value, standardError ** 2 * n, n, 1 - LEVEL);
  return clippedToShare(low, high);
}

/** Why there is no interval yet. */
export const tooFewForSequence = (n: number, of: string): string =>
  `${n} ${of}, ${SEQUENCE_EVENTS_MIN} are needed while a calendar window fills`;
