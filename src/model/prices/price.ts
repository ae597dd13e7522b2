import { z } from 'zod';
import { map } from '../config/document.ts';
import { date, httpUrl, list, maybe, refuse, text } from '../config/fields.ts';

/** Dearer than this a million tokens is no price. */
const PRICE_MAX = 1e6;
const EXPECTED = 'expected a price for a million tokens, like 0.15';
const amount = z.number({ error: EXPECTED }).min(0, EXPECTED).max(PRICE_MAX, EXPECTED);
/** Calls with shorter prompts are added up before they are priced (src/interactions/uses.ts). */
const LONG_PROMPT_MIN = 65_536;

/** Prices of one kind of request, each for a million tokens; null: as the one that its tokens would otherwise be part of. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  /** Of input that was read from a cache, and written to one. */
  readonly cachedInput: number | null;
  readonly cacheWrite: number | null;
  /** Of output that was reasoning, where it is charged apart. */
  readonly reasoning: number | null;
}

/** What a model of a provider costs from a day on, until an entry of the same model with a later day. */
export interface Price extends Rates {
  /** As the telemetry conventions name it, or as your telemetry does: `openai`, `anthropic`, `azure.ai.openai`. */
  readonly provider: string;
  /** A model's name, of which dated versions have the price of the name without the date; with `*` at its end all that begin so. */
  readonly model: string;
  /** First day (UTC), like 2026-07-01; null: always. */
  readonly from: string | null;
  /** Requests whose prompt is longer have other prices, for all of their tokens; null: there are such, and what they cost is not known. */
  readonly long: { readonly above: number; readonly rates: Rates | null } | null;
  /** Where it was read. */
  readonly source: string | null;
}

const rates = {
  input: amount,
  output: amount,
  cachedInput: maybe(amount),
  cacheWrite: maybe(amount),
  reasoning: maybe(amount),
};

/** A price of one's own, as it stands in a file. */
const price = map({
  provider: text,
  model: text,
  from: maybe(date),
  ...rates,
  long: maybe(
    map({
      above: z
        .int({ error: `expected a number of tokens, ${LONG_PROMPT_MIN} or more` })
        .min(LONG_PROMPT_MIN, `expected a number of tokens, ${LONG_PROMPT_MIN} or more`),
      ...rates,
    }),
  ),
  source: maybe(httpUrl),
}).transform(
  ({ long, ...one }): Price => ({
    ...one,
    long: long === null ? null : { above: long.above, rates: ratesOf(long) },
  }),
);

const ratesOf = ({ input, output, cachedInput, cacheWrite, reasoning }: Rates): Rates => ({
  input,
  output,
  cachedInput,
  cacheWrite,
  reasoning,
});

/** The currency that costs are counted in unless a file names another: that of the published prices and of telemetry. */
export const DEFAULT_CURRENCY = 'USD';
const CURRENCY = 'expected the three letters of a currency, like USD';

/** `prices` of a deployment or a service: its own win over the published ones. */
export const prices = map({
  currency: z
    .string({ error: CURRENCY })
    .regex(/^[A-Z]{3}$/, CURRENCY)
    .default(DEFAULT_CURRENCY),
  models: list(price).default([]),
}).superRefine(({ models }, context) => {
  const keys = models.map(({ provider, model, from }) => `${provider} ${model} ${from}`);
  for (const [i, key] of keys.entries())
    if (keys.indexOf(key) !== i)
      refuse(context, `a second price of ${models[i]!.provider} ${models[i]!.model} from the same day`, {}, [
        'models',
        i,
      ]);
});
export type Prices = z.output<typeof prices>;
