import { snapshotOf } from '../snapshot.ts';
import type { Millis } from '../time.ts';
import { DEFAULT_CURRENCY, type Price } from './price.ts';
import { PUBLISHED_PRICES } from './published.ts';

/** Entries of one name, the newest first, with the first instant of each. */
export type Entries = readonly { readonly from: Millis; readonly price: Price }[];

/** Prices to look up: a model by its name, at a time. Own entries win over published ones of the same provider and model. */
export class PriceBook {
  readonly currency: string;
  readonly #layers: readonly (readonly Price[])[];

  /** @param own  in `currency`, the first list with a model wins; the published ones are in US dollars and count in no other currency */
  constructor(currency: string, own: readonly (readonly Price[])[], published: readonly Price[] = PUBLISHED_PRICES) {
    this.currency = currency;
    this.#layers = currency === DEFAULT_CURRENCY ? [...own, published] : own;
  }

  /** Costs that telemetry sends are in US dollars. */
  get takesSentCosts(): boolean {
    return this.currency === DEFAULT_CURRENCY;
  }

  /**
   * The prices of the model that answered, then of the one that was asked for: the first that held at a time counts.
   * @param provider, requested, answered  '' when unknown
   */
  of(provider: string, requested: string, answered: string): readonly Entries[] {
    return [answered, requested].map((model) => this.#entriesOf(provider, model));
  }

  /** @param at  when it was used */
  find(provider: string, requested: string, answered: string, at: Millis): Price | null {
    return priceAt(this.of(provider, requested, answered), at);
  }

  #entriesOf(provider: string, model: string): Entries {
    if (model === '') return [];
    return this.#layers.map((layer) => entriesOf(layer, provider, model)).find((found) => found.length > 0) ?? [];
  }
}

export function priceAt(lists: readonly Entries[], at: Millis): Price | null {
  for (const entries of lists) for (const { from, price } of entries) if (from <= at) return price;
  return null;
}

/** Those of the longest name that fits. Where telemetry names no provider, of whichever provider has such a model, if it is one. */
function entriesOf(prices: readonly Price[], provider: string, model: string): Entries {
  const fitting = prices.filter(
    (price) => (provider === '' || price.provider === provider) && fits(price.model, model),
  );
  const longest = Math.max(0, ...fitting.map((price) => lengthOf(price.model)));
  const best = fitting.filter((price) => lengthOf(price.model) === longest);
  if (best.some((price) => price.provider !== best[0]!.provider)) return [];
  return best
    .map((price) => ({ from: price.from === null ? Number.NEGATIVE_INFINITY : Date.parse(price.from), price }))
    .sort((a, b) => b.from - a.from);
}

const lengthOf = (pattern: string): number => pattern.length - (pattern.endsWith('*') ? 1 : 0);

function fits(pattern: string, model: string): boolean {
  if (pattern.endsWith('*')) return model.startsWith(pattern.slice(0, -1));
  return snapshotOf(pattern, model) !== null;
}
