import { requireFinite } from '../model/numbers.ts';

export interface CreditTier {
  /** The credit is due when attainment is strictly below. */
  readonly below: number;
  /** In the unit of the contract, usually per cent of the fee. */
  readonly credit: number;
}

/**
 * What is owed for a closed period: the largest credit among the tiers that attainment falls below, 0 when it falls below none.
 * Contracts go by the point estimate; its interval is printed beside it.
 */
export function slaCredit(tiers: readonly CreditTier[], attained: number): number {
  requireFinite('attained', attained);
  return tiers.reduce((largest, { below, credit }) => (attained < below ? Math.max(largest, credit) : largest), 0);
}
