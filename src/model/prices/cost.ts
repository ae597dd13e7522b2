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
  const { inputTokens, outputTokens } = use;
  if (inputTokens === null && outputTokens === null) return null;
  const input = inputTokens ?? 0;
  const output = outputTokens ?? 0;
  if (input > TOKENS_MAX || output > TOKENS_MAX) return null;
  const cachedInput = Math.min(input, use.cachedInputTokens ?? 0);
  const cacheWrite = Math.min(input - cachedInput, use.cacheWriteTokens ?? 0);
  const reasoning = Math.min(output, use.reasoningTokens ?? 0);
  return { input: input - cachedInput - cacheWrite, cachedInput, cacheWrite, output: output - reasoning, reasoning };
}

/**
 * What a use costs by a price, in billionths of its currency; not rounded. Null when what it used, or the price for so long a
 * prompt, is not known: no cost is never 0.
 */
export function nanosOf(use: ModelUse, price: Price): number | null {
  // A model's answer without its prompt is not all of what is charged for.
  if (use.inputTokens === null) return null;
  if (use.outputTokens === null && price.output > 0) return null;
  const parts = partsOf(use);
  if (parts === null) return null;
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
