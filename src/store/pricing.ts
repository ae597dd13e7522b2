import type { PricesData } from '../catalog/plan-book.ts';
import type { Code } from '../model/dictionary.ts';
import type { ModelUse } from '../model/interaction.ts';
import { COST_NANOS_MAX, nanosOf } from '../model/prices/cost.ts';
import { type Entries, PriceBook, priceAt } from '../model/prices/price-book.ts';
import type { Millis } from '../model/time.ts';
import { cost } from '../tally/counters.ts';
import type { CostPlan } from '../tally/plan.ts';

/** More codes than a dictionary gives. */
const CODES = 2 ** 21;
/** Names come from the wire: beyond so many none is remembered. */
const MEMORY_MAX = 10_000;

/** What uses of models cost by a price list. A cost that telemetry sends wins; what is not known of one is not known of all. */
export function pricing({ currency, layers }: PricesData, textOf: (code: Code) => string): Omit<CostPlan, 'limits'> {
  const book = new PriceBook(currency, layers);
  const known = new Map<number, Map<Code, readonly Entries[]>>();
  let size = 0;
  const pricesOf = ({ provider, requestModel, responseModel }: ModelUse): readonly Entries[] => {
    const key = provider * CODES + responseModel;
    let byRequest = known.get(key);
    let found = byRequest?.get(requestModel);
    if (found !== undefined) return found;
    found = book.of(textOf(provider), textOf(requestModel), textOf(responseModel));
    if (size++ >= MEMORY_MAX) return found;
    if (byRequest === undefined) {
      byRequest = new Map();
      known.set(key, byRequest);
    }
    byRequest.set(requestModel, found);
    return found;
  };
  const costOf = (use: ModelUse, at: Millis): number | null => {
    if (use.costNanos !== null && book.takesSentCosts) return use.costNanos;
    const price = priceAt(pricesOf(use), at);
    return price === null ? null : nanosOf(use, price);
  };
  return {
    sum: cost(currency),
    nanosOf: (uses, at) => {
      if (uses.length === 0) return null;
      let sum = 0;
      for (const use of uses) {
        const nanos = costOf(use, at);
        if (nanos === null) return null;
        sum += nanos;
      }
      const nanos = Math.round(sum);
      return nanos <= COST_NANOS_MAX ? nanos : null;
    },
  };
}
