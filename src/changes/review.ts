import { normalQuantile } from '../measures/distributions.ts';
import { lnBeta } from '../measures/special.ts';
import { requireOpenShare, requirePart } from '../model/numbers.ts';

/** Good events of one arm. */
export interface Arm {
  readonly n: number;
  readonly good: number;
}

export type ReviewDecision = 'approve' | 'rollback' | 'inconclusive';

export interface ChangeReview {
  /** Evidence that the canary is not worse than the margin allows, and that it is; natural logs of e-values. */
  readonly lnNotWorse: number;
  readonly lnWorse: number;
  readonly decision: ReviewDecision;
}

/**
 * Canary against stable, with as many looks as one likes: at most alpha is the chance of ever approving a canary that loses the margin or
 * more, and of ever rolling back one that loses less. Universal inference with a Beta(1/2, 1/2) mixture. A theorem at every n.
 * @param margin  largest acceptable loss of the good share, in (0, 1)
 * @see Wasserman, Ramdas, Balakrishnan (2020), PNAS 117:16880-16890; Blackwelder (1982), Control. Clin. Trials 3:345-353 (non-inferiority)
 */
export function changeReview(canary: Arm, stable: Arm, margin: number, alpha = 0.05): ChangeReview {
  requirePart('good of the canary', canary.good, 'its n', canary.n);
  requirePart('good of the stable', stable.good, 'its n', stable.n);
  requireOpenShare('margin', margin);
  requireOpenShare('alpha', alpha);
  const mixture = lnMarginal(canary) + lnMarginal(stable);
  const free = lnLikelihood(canary, shareOf(canary)) + lnLikelihood(stable, shareOf(stable));
  const onLine = lnLikelihoodOnLine(canary, stable, margin);
  const unknown = canary.n === 0 || stable.n === 0;
  const loss = shareOf(stable) - shareOf(canary);
  const lnNotWorse = mixture - (unknown || loss >= margin ? free : onLine);
  const lnWorse = mixture - (unknown || loss <= margin ? free : onLine);
  const needed = Math.log(1 / alpha);
  const decision = lnNotWorse >= needed ? 'approve' : lnWorse >= needed ? 'rollback' : 'inconclusive';
  return { lnNotWorse, lnWorse, decision };
}

/** How often a change that loses nothing is approved at the latest with so many events. */
const POWER = 0.8;
const EVENTS_MAX = 1e8;

/**
 * Events of each arm with which a canary that is as good as the stable one is approved with a chance of 80 % or more. Normal approximation of the
 * difference that chance makes; who looks in between finds it no later.
 * @param share  of good events, in [0, 1]   @returns null above a hundred million
 */
export function eventsToApprove(share: number, margin: number, alpha = 0.05): number | null {
  const z = normalQuantile(POWER);
  const isEnough = (n: number): boolean => {
    const unlucky = z * Math.sqrt(2 * n * share * (1 - share));
    const stable = { n, good: Math.round(n * share) };
    const canary = { n, good: Math.max(0, Math.floor(n * share - unlucky)) };
    return changeReview(canary, stable, margin, alpha).lnNotWorse >= Math.log(1 / alpha);
  };
  let low = 0;
  let high = 16;
  for (; !isEnough(high); high *= 2) {
    if (high > EVENTS_MAX) return null;
    low = high;
  }
  while (high - low > Math.max(1, high / 100)) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

const shareOf = ({ n, good }: Arm): number => (n === 0 ? 0.5 : good / n);

const lnMarginal = ({ n, good }: Arm): number => lnBeta(good + 0.5, n - good + 0.5) - lnBeta(0.5, 0.5);

function lnLikelihood({ n, good }: Arm, share: number): number {
  const term = (count: number, p: number): number => (count === 0 ? 0 : count * Math.log(p));
  return term(good, share) + term(n - good, 1 - share);
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
const SECTIONS = 80;

/** The largest likelihood with the canary worse by exactly the margin: concave in the stable's share, found by golden section. */
function lnLikelihoodOnLine(canary: Arm, stable: Arm, margin: number): number {
  const at = (share: number): number => lnLikelihood(stable, share) + lnLikelihood(canary, Math.max(0, share - margin));
  let low = margin;
  let high = 1;
  let left = high - GOLDEN * (high - low);
  let right = low + GOLDEN * (high - low);
  let atLeft = at(left);
  let atRight = at(right);
  for (let i = 0; i < SECTIONS; i++) {
    if (atLeft >= atRight) {
      high = right;
      right = left;
      atRight = atLeft;
      left = high - GOLDEN * (high - low);
      atLeft = at(left);
    } else {
      low = left;
      left = right;
      atLeft = atRight;
      right = low + GOLDEN * (high - low);
      atRight = at(right);
    }
  }
  return Math.max(atLeft, atRight, at(margin), at(1));
}
