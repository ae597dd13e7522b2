import { requireOpenShare, requirePart } from '../model/numbers.ts';
import { betaQuantile } from './distributions.ts';
import { ANY_SHARE, type Interval, LEVEL } from './interval.ts';

/**
 * Jeffreys' interval of a share: quantiles of Beta(good + 1/2, n - good + 1/2), 0 below when good = 0, 1 above when good = n.
 * For shares near 0 or 1; asymptotic, for one look.
 * @see Brown, Cai, DasGupta (2001), Stat. Sci. 16:101-133, sec. 3.1
 */
export function jeffreys(good: number, n: number, level = LEVEL): Interval {
  requirePart('good', good, 'n', n);
  requireOpenShare('level', level);
  if (n === 0) return ANY_SHARE;
  const tail = (1 - level) / 2;
  return {
    low: good === 0 ? 0 : betaQuantile(tail, good + 0.5, n - good + 0.5),
    high: good === n ? 1 : 1 - betaQuantile(tail, n - good + 0.5, good + 0.5),
  };
}
