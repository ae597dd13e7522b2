import { requireOpenShare } from '../model/numbers.ts';
import { normalWidth, studentQuantile } from './distributions.ts';
import { ANY_SHARE, type Interval, LEVEL } from './interval.ts';
import { requireScoreSums, type ScoreSums } from './mean-sequence.ts';
import { wilsonOfShare } from './wilson.ts';

/**
 * The interval of a mean of values in [0, 1], for one look at a complete window: Wilson's with as many values as would be 0 or 1 and vary as
 * much. Never outside [0, 1], never without width, and exactly Wilson's where all values are 0 or 1. The variance is that of the values and
 * of one more that is 0 or 1, so that a few equal values claim nothing. Asymptotic; who looks again and again uses `meanSequence`.
 * @param worth  as how many values of one weight those of sampled traces tell; n otherwise
 * @returns [0, 1] when n = 0
 * @see Korn, Graubard (1998), Survey Methodology 24:193-201 (effective sample size); Wilson (1927), JASA 22:209-212
 */
export function meanInterval(sums: ScoreSums, level = LEVEL, worth = sums.n, mean = sums.sum / sums.n): Interval {
  requireScoreSums(sums);
  requireOpenShare('level', level);
  const { n, sum, squares } = sums;
  if (n === 0) return ANY_SHARE;
  const share = Math.min(1, Math.max(0, mean));
  const likeCounts = share * (1 - share);
  const variance = Math.max(0, squares / n - (sum / n) ** 2);
  const shrunk = (Math.min(variance, likeCounts) * n + likeCounts) / (n + 1);
  if (likeCounts === 0 || shrunk === likeCounts) return wilsonOfShare(share, worth, level);
  // The variance is estimated: Student's t in the place of z.
  const widening = n < 3 ? 1 : (normalWidth(level) / studentQuantile(1 - (1 - level) / 2, n - 1)) ** 2;
  return wilsonOfShare(share, Math.max(worth, worth * (likeCounts / shrunk) * widening), level);
}
