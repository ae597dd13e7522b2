import type { CreditTier } from '../model/config/credits.ts';
import { requireFinite, requireOpenShare, requirePositive } from '../model/numbers.ts';

/**
 * What is owed for a closed period: the largest credit among the tiers that attainment falls below, 0 when it falls below none.
 * Contracts go by the point estimate; its interval is printed beside it.
 */
export function slaCredit(tiers: readonly CreditTier[], attained: number): number {
  requireFinite('attained', attained);
  for (const { below, credit } of tiers) {
    requireOpenShare('below', below);
    requirePositive('credit', credit);
  }
  return tiers.reduce((largest, { below, credit }) => (attained < below ? Math.max(largest, credit) : largest), 0);
}
