import { requireOpenShare, requirePositive, requireWithin } from '../model/numbers.ts';
import { normalWidth } from './distributions.ts';
import { ANY_SHARE, type Interval, LEVEL } from './interval.ts';

/**
 * Wilson's score interval of a share, the one that is shown by default. Asymptotic, for one look at a closed period: who
 * looks again and again uses `shareSequence`.
 * @param good, n  0 <= good <= n: counts, or what sampled ones are worth; n = 0 knows nothing: [0, 1]
 * @returns exactly 0 below when good = 0, exactly 1 above when good = n
 * @see Wilson (1927), JASA 22:209-212; Brown, Cai, DasGupta (2001), Stat. Sci. 16:101-133, sec. 3.1
 */
export function wilson(good: number, n: number, level = LEVEL): Interval {
  requireWithin('good', good, 'n', n);
  requireOpenShare('level', level);
  if (n === 0) return ANY_SHARE;
  const z = normalWidth(level);
  return { low: lowerEnd(good / n, n, z), high: 1 - lowerEnd((n - good) / n, n, z) };
}

/**
 * The same for a share that is worth `n` independent observations without being a ratio of counts (an effective sample size).
 * @param share  in [0, 1]   @param n  > 0
 */
export function wilsonOfShare(share: number, n: number, level = LEVEL): Interval {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`share is ${share}, it must lie in [0, 1]`);
  requirePositive('n', n);
  requireOpenShare('level', level);
  const z = normalWidth(level);
  return { low: lowerEnd(share, n, z), high: 1 - lowerEnd(1 - share, n, z) };
}

function lowerEnd(share: number, n: number, z: number): number {
  if (share === 0) return 0;
  const shrunk = share * n + (z * z) / 2;
  const spread = z * Math.sqrt(share * (1 - share) * n + (z * z) / 4);
  return Math.min(share, Math.max(0, (shrunk - spread) / (n + z * z)));
}
