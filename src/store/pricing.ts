import type { PricesData } from '../catalog/plan-book.ts';
import type { Code } from '../model/dictionary.ts';
import type { ModelUse } from '../model/interaction.ts';
import { COST_NANOS_MAX, nanosOf } from '../model/prices/cost.ts';
import { PriceBook } from '../model/prices/price-book.ts';
import type { Millis } from '../model/time.ts';
import type { CostPlan } from '../tally/plan.ts';

/** What uses of models cost by a price list. A cost that telemetry sends wins; what is not known of one is not known of all. */
export function pricing(
  { currency, layers }: PricesData,
  textOf: (code: Code) => string,
): Pick<CostPlan, 'currency' | 'nanosOf'> {
  const book = new PriceBook(currency, layers);
  const costOf = (use: ModelUse, at: Millis): number | null => {
    if (use.costNanos !== null && book.takesSentCosts) return use.costNanos;
    const price = book.find(textOf(use.provider), textOf(use.requestModel), textOf(use.responseModel), at);
    return price === null ? null : nanosOf(use, price);
  };
  return {
    currency,
    nanosOf: (uses, at) => {
      if (uses.length === 0) return null;
      let sum = 0;
      for (const use of uses) {
        const cost = costOf(use, at);
        if (cost === null) return null;
        sum += cost;
      }
      const nanos = Math.round(sum);
      return nanos <= COST_NANOS_MAX ? nanos : null;
    },
  };
}
