import { normalQuantile } from '../../src/measures/distributions.ts';
import { incompleteGamma } from '../../src/measures/special.ts';

export const BINS = 10;
/** Shares of quantile bins before any shift. */
export const UNSHIFTED: readonly number[] = Array.from({ length: BINS }, () => 1 / BINS);
const EDGES = Array.from({ length: BINS - 1 }, (_, i) => normalQuantile((i + 1) / BINS));

const normalCdf = (x: number): number => (1 + Math.sign(x) * incompleteGamma((x * x) / 2, 0.5)) / 2;

/** Shares of the deciles of a standard normal feature when its mean has moved by `shift`. */
function movedBy(shift: number): number[] {
  const upTo = [0, ...EDGES.map((edge) => normalCdf(edge - shift)), 1];
  return UNSHIFTED.map((_, b) => upTo[b + 1]! - upTo[b]!);
}

const indexOf = (shares: readonly number[]): number =>
  shares.reduce((sum, p) => sum + (p - 1 / BINS) * Math.log(p * BINS), 0);

/** Shares of the same bins after a move of the mean that makes this population stability index, by bisection. */
export function shiftedShares(psi: number): readonly number[] {
  if (psi === 0) return UNSHIFTED;
  let low = 0;
  let high = 3;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (indexOf(movedBy(middle)) < psi) low = middle;
    else high = middle;
  }
  return movedBy(low);
}
