import type { ModelUse } from '../interaction.ts';
import type { Price, Rates } from './price.ts';

/** One US dollar (or euro ...) for a million tokens is a thousand billionths for one. */
const NANOS_PER_TOKEN = 1000;
/** More than a million for one interaction is a mistake of its sender. */
export const COST_NANOS_MAX = 1e15;
/** More tokens no call has: counts beyond are a mistake of their sender, and counted nowhere. */
export const TOKENS_MAX = 1e8;

/** Tokens of one call or several, in parts that do not overlap; null: not all that a price needs is known. */
export interface TokenParts {
  readonly input: number;
  readonly cachedInput: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

type Tokens = Pick<
  ModelUse,
  'inputTokens' | 'outputTokens' | 'cachedInputTokens' | 'cacheWriteTokens' | 'reasoningTokens'
>;

/**
 * Input includes what was cached and output includes reasoning: here each token is in one part only. Output that is not sent is
 * none where input is (embeddings have none).
 */
export function partsOf(use: Tokens): TokenParts | null {
  const parts = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 };
  return takeParts(parts, use, use.cacheWriteTokens) ? parts : null;
}

/** As `partsOf`, into an object that is there already: false where there are none. */
export function takeParts(
  into: { -readonly [Part in keyof TokenParts]: number },
  tokens: Omit<Tokens, 'cacheWriteTokens'>,
  cacheWriteTokens: number | null,
): boolean {
  const { inputTokens, outputTokens } = tokens;
  if (inputTokens === null && outputTokens === null) return false;
  const input = inputTokens ?? 0;
  const output = outputTokens ?? 0;
  if (input > TOKENS_MAX || output > TOKENS_MAX) return false;
  into.cachedInput = Math.min(input, tokens.cachedInputTokens ?? 0);
  into.cacheWrite = Math.min(input - into.cachedInput, cacheWriteTokens ?? 0);
  into.reasoning = Math.min(output, tokens.reasoningTokens ?? 0);
  into.input = input - into.cachedInput - into.cacheWrite;
  into.output = output - into.reasoning;
  return true;
}

/** Of the use that is being priced: one object for all, because so many are. */
const parts = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 };

/**
 * What a use costs by a price, in billionths of its currency; not rounded. Null when what it used, or the price for so long a
 * prompt, is not known: no cost is never 0.
 */
export function nanosOf(use: ModelUse, price: Price): number | null {
  // A model's answer without its prompt is not all of what is charged for.
  if (use.inputTokens === null) return null;
  if (use.outputTokens === null && price.output > 0) return null;
  if (!takeParts(parts, use, use.cacheWriteTokens)) return null;
  const isLong = price.long !== null && use.inputTokens > price.long.above;
  const rates: Rates | null = isLong ? price.long!.rates : price;
  if (rates === null) return null;
  return (
    NANOS_PER_TOKEN *
    (parts.input * rates.input +
      parts.cachedInput * (rates.cachedInput ?? rates.input) +
      parts.cacheWrite * (rates.cacheWrite ?? rates.input) +
      parts.output * rates.output +
      parts.reasoning * (rates.reasoning ?? rates.output))
  );
}
