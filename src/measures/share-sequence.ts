import { requireOpenShare, requirePositive, requireWithin } from '../model/numbers.ts';
import { ANY_SHARE, type Interval } from './interval.ts';
import { solve } from './root.ts';
import { lnBeta } from './special.ts';

/** Shape of the Beta mixture a confidence sequence bets with; 1/2, 1/2 is that of Krichevsky and Trofimov (1981). */
export interface BetaMixture {
  readonly a: number;
  readonly b: number;
}

/**
 * A confidence sequence of a share: the truth is in all of the intervals at once with probability 1 - alpha, however often one
 * looks and whenever one stops. {p : ln M_n(p) < ln(1/alpha)}, M the wealth of a Beta mixture against p. A theorem at every n,
 * for any values in [0, 1]; only (good, n) matter, so merging replicas is harmless.
 * @param good, n  0 <= good <= n: counts, or what sampled ones are worth (then it is an approximation)
 * @see Robbins (1970), Ann. Math. Stat. 41:1397-1409; Howard, Ramdas, McAuliffe, Sekhon (2021), Ann. Stat. 49:1055-1080
 */
export function shareSequence(
  good: number,
  n: number,
  alpha = 0.05,
  mixture: BetaMixture = { a: 0.5, b: 0.5 },
): Interval {
  requireWithin('good', good, 'n', n);
  requireOpenShare('alpha', alpha);
  requirePositive('a', mixture.a);
  requirePositive('b', mixture.b);
  if (n === 0) return ANY_SHARE;
  return {
    low: lowerEnd(good, n, alpha, mixture),
    high: 1 - lowerEnd(n - good, n, alpha, { a: mixture.b, b: mixture.a }),
  };
}

/**
 * The root of ln M_n(p) = ln(1/alpha) below good/n, on the logit of p: there ln M is convex with slope n p - good.
 */
function lowerEnd(good: number, n: number, alpha: number, { a, b }: BetaMixture): number {
  if (good === 0) return 0;
  const bad = n - good;
  const wealth = lnBeta(a + good, b + bad) - lnBeta(a, b) + Math.log(alpha);
  const share = good / n;
  const highest = bad === 0 ? 700 : Math.log(good / bad);
  const logit = solve(
    (u) => {
      const lnP = -Math.log1p(Math.exp(-u));
      const lnQ = -Math.log1p(Math.exp(u));
      return [wealth - good * lnP - (bad === 0 ? 0 : bad * lnQ), n * Math.exp(lnP) - good];
    },
    false,
    -700,
    highest,
    highest - Math.sqrt((2 * Math.log(n / alpha)) / Math.max(1, good * (1 - share))),
  );
  return Math.min(share, 1 / (1 + Math.exp(-logit)));
}
