import { requireOpenShare } from '../model/numbers.ts';

/** How many times the budgeted odds each alternative supposes; from 17 on each is four times the one before. */
const ODDS_RATIOS = [1.25, 1.5, 2, 3, 5, 9, 17] as const;
const FARTHEST = 0.9;
const HALF = 0.5;

/**
 * The bad shares a detector bets on when the promise allows q0: a grid in odds, up to and including the first >= 0.9. 6 to 15 for
 * q0 in [1e-5, 0.5]. How far the truth lies from its nearest neighbour costs little, so the grid needs no tuning.
 */
export function alternatives(q0: number): number[] {
  requireOpenShare('q0', q0);
  const odds = q0 / (1 - q0);
  // Of a promise that allows more bad than good (a response rate) down to a tenth of the good that it asks for.
  const farthest = q0 > HALF ? 1 - (1 - q0) / 10 : FARTHEST;
  const shares: number[] = [];
  for (let j = 0; ; j++) {
    const ratio = ODDS_RATIOS[j] ?? 17 * 4 ** (j - ODDS_RATIOS.length + 1);
    const share = (ratio * odds) / (1 + ratio * odds);
    shares.push(share);
    if (share >= farthest) return shares;
  }
}
