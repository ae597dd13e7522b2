import { z } from 'zod';
import { map } from './document.ts';
import { list, refuse } from './fields.ts';

/** A credit is owed when a closed period's attained value is strictly below. */
export interface CreditTier {
  /** In (0, 1). */
  readonly below: number;
  /** In the unit of the contract, usually per cent of the fee. */
  readonly credit: number;
}

const BELOW = 'expected a share between 0 and 1, like 0.999';
const CREDIT = 'expected a number above 0, like 10';
/** Nobody owes more than that, in any unit; so that what is written is a number that was meant. */
const CREDIT_MAX = 1e15;

const below = z.number({ error: BELOW }).superRefine((share, context) => {
  if (share > 1 && share < 100)
    refuse(context, BELOW, { hint: `write ${Number((share / 100).toPrecision(12))} for ${share} %` });
  else if (!(share > 0 && share < 1)) refuse(context, BELOW);
});

const tier = map({
  below,
  credit: z.number({ error: CREDIT }).positive(CREDIT).max(CREDIT_MAX, `expected at most ${CREDIT_MAX}`),
});

/** The tiers of a contract, each further below and dearer than the one before it. */
export const credits = list(tier).superRefine((tiers, context) => {
  for (const [i, { below, credit }] of tiers.entries()) {
    const before = tiers[i - 1];
    if (before === undefined) continue;
    if (below >= before.below)
      refuse(context, `expected less than ${before.below}, which the tier before it says`, { hint: ORDER }, [
        i,
        'below',
      ]);
    if (credit <= before.credit)
      refuse(context, `expected more than ${before.credit}, which the tier before it says`, { hint: ORDER }, [
        i,
        'credit',
      ]);
  }
});
const ORDER = 'write the tiers from the smallest credit to the largest, each with a lower `below`';
