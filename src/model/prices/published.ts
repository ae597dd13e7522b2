import type { Price, Rates } from './price.ts';

/**
 * What providers publish for their own interfaces, in US dollars for a million tokens, standard tier. The day is that of the price where one is
 * named, else the day on which it was read there; what was used before it has no price. Cache writes are those of the shortest
 * time kept. Each row has the page where it was read; the providers' own pages are these, and win:
 * https://developers.openai.com/api/docs/pricing, https://platform.claude.com/docs/en/about-claude/pricing,
 * https://ai.google.dev/gemini-api/docs/pricing, https://mistral.ai/pricing. Compiled on 2026-11-26 from those sources.
 *
 * To change a price a row with the new day is added; the old one stays, so that what was counted then stays what it was.
 */
const GENAI_PRICES_OPENAI = 'https://github.com/pydantic/genai-prices/blob/main/prices/providers/openai.yml';
const GENAI_PRICES_ANTHROPIC = 'https://github.com/pydantic/genai-prices/blob/main/prices/providers/anthropic.yml';
const GENAI_PRICES_GOOGLE = 'https://github.com/pydantic/genai-prices/blob/main/prices/providers/google.yml';
const GENAI_PRICES_MISTRAL = 'https://github.com/pydantic/genai-prices/blob/main/prices/providers/mistral.yml';
const CLAUDE_PRICING = 'https://platform.claude.com/docs/en/about-claude/pricing';
const PROMPTFUEL_21 = 'https://github.com/TheKrush/PromptFuel/releases/tag/v1.0.21';
const PROMPTFUEL_22 = 'https://github.com/TheKrush/PromptFuel/releases/tag/v1.0.22';
const PROMPTFUEL_23 = 'https://github.com/TheKrush/PromptFuel/releases/tag/v1.0.23';
const PROMPTFUEL_24 = 'https://github.com/TheKrush/PromptFuel/releases/tag/v1.0.24';
const TOKENMETER_0_17 = 'https://github.com/iyulab/TokenMeter/releases/tag/v0.17.0';
const CLAUDIT_1_9 = 'https://github.com/kurofune/claudit/releases/tag/v1.9.2';

type Row = readonly [
  model: string,
  from: string,
  input: number,
  output: number,
  cachedInput: number | null,
  cacheWrite: number | null,
  source: string,
  long?: Long,
];
/** Above so many tokens of prompt: other prices, or such as no source names. */
type Long =
  | readonly [above: number]
  | readonly [above: number, input: number, output: number, cachedInput: number | null, cacheWrite: number | null];

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  openai: [
    ['gpt-3.5-turbo', '2025-07-04', 0.5, 1.5, null, null, GENAI_PRICES_OPENAI],
    ['gpt-4', '2025-07-04', 30, 60, null, null, GENAI_PRICES_OPENAI],
    ['gpt-4-turbo', '2025-07-04', 10, 30, null, null, GENAI_PRICES_OPENAI],
    ['gpt-4o', '2025-07-04', 2.5, 10, 1.25, null, GENAI_PRICES_OPENAI],
    ['gpt-4o-mini', '2025-07-04', 0.15, 0.6, 0.075, null, GENAI_PRICES_OPENAI],
    ['gpt-4.1', '2025-07-04', 2, 8, 0.5, null, GENAI_PRICES_OPENAI],
    ['gpt-4.1-mini', '2025-07-04', 0.4, 1.6, 0.1, null, GENAI_PRICES_OPENAI],
    ['gpt-4.1-nano', '2025-07-04', 0.1, 0.4, 0.025, null, GENAI_PRICES_OPENAI],
    ['gpt-5', '2025-08-07', 1.25, 10, 0.125, null, GENAI_PRICES_OPENAI],
    ['gpt-5-mini', '2025-08-07', 0.25, 2, 0.025, null, GENAI_PRICES_OPENAI],
    ['gpt-5-nano', '2025-08-07', 0.05, 0.4, 0.005, null, GENAI_PRICES_OPENAI],
    ['gpt-5.1', '2025-11-13', 1.25, 10, 0.125, null, GENAI_PRICES_OPENAI],
    ['gpt-5.2', '2025-12-11', 1.75, 14, 0.175, null, GENAI_PRICES_OPENAI],
    ['gpt-5.4', '2026-03-05', 2.5, 15, 0.25, null, GENAI_PRICES_OPENAI, [272000, 5, 22.5, 0.5, null]],
    ['gpt-5.4-mini', '2026-03-17', 0.75, 4.5, 0.075, null, GENAI_PRICES_OPENAI],
    ['gpt-5.4-nano', '2026-03-17', 0.2, 1.25, 0.02, null, GENAI_PRICES_OPENAI],
    ['gpt-5.5', '2026-04-24', 5, 30, 0.5, null, GENAI_PRICES_OPENAI],
    ['gpt-5.6-luna', '2026-07-30', 0.2, 1.2, 0.02, 0.25, GENAI_PRICES_OPENAI, [272000, 0.4, 1.8, 0.04, 0.5]],
    ['gpt-5.6-terra', '2026-07-30', 2, 12, 0.2, 2.5, GENAI_PRICES_OPENAI, [272000, 4, 18, 0.4, 5]],
    ['gpt-6-sol', '2026-09-22', 2, 10, 0.2, 2.5, PROMPTFUEL_21, [272000]],
    ['gpt-6-luna', '2026-09-22', 0.1, 0.5, 0.01, 0.125, PROMPTFUEL_21, [272000]],
    ['gpt-6.1-sol', '2026-09-29', 2, 10, 0.1, 2.5, PROMPTFUEL_22, [272000]],
    ['gpt-6.1-terra', '2026-10-26', 1, 5, 0.05, 1.25, PROMPTFUEL_24, [272000]],
    ['gpt-6.2-sol', '2026-11-26', 2, 10, 0.1, 2.5, TOKENMETER_0_17, [272000, 4, 15, 0.2, 5]],
    ['gpt-6.2-astra', '2026-11-26', 8, 40, 0.4, 10, TOKENMETER_0_17, [272000, 16, 60, 0.8, 20]],
    ['o1', '2025-07-04', 15, 60, 7.5, null, GENAI_PRICES_OPENAI],
    ['o3', '2025-07-12', 2, 8, 0.5, null, GENAI_PRICES_OPENAI],
    ['o3-mini', '2025-07-04', 1.1, 4.4, 0.55, null, GENAI_PRICES_OPENAI],
    ['o4-mini', '2025-07-04', 1.1, 4.4, 0.275, null, GENAI_PRICES_OPENAI],
    ['text-embedding-3-small', '2025-07-04', 0.02, 0, null, null, GENAI_PRICES_OPENAI],
    ['text-embedding-3-large', '2025-07-04', 0.13, 0, null, null, GENAI_PRICES_OPENAI],
  ],
  anthropic: [
    ['claude-3-haiku', '2026-07-29', 0.25, 1.25, 0.03, 0.3, GENAI_PRICES_ANTHROPIC],
    ['claude-3-5-haiku', '2026-07-29', 0.8, 4, 0.08, 1, GENAI_PRICES_ANTHROPIC],
    ['claude-3-5-sonnet', '2026-07-29', 3, 15, 0.3, 3.75, GENAI_PRICES_ANTHROPIC],
    ['claude-3-7-sonnet', '2026-07-29', 3, 15, 0.3, 3.75, GENAI_PRICES_ANTHROPIC],
    ['claude-sonnet-4', '2026-07-29', 3, 15, 0.3, 3.75, GENAI_PRICES_ANTHROPIC],
    ['claude-sonnet-4-5', '2026-07-29', 3, 15, 0.3, 3.75, GENAI_PRICES_ANTHROPIC, [200000, 6, 22.5, 0.6, 7.5]],
    ['claude-sonnet-4-6', '2026-03-13', 3, 15, 0.3, 3.75, GENAI_PRICES_ANTHROPIC],
    ['claude-sonnet-5', '2026-07-29', 2, 10, 0.2, 2.5, PROMPTFUEL_22],
    ['claude-sonnet-5-5', '2026-09-28', 2, 10, 0.2, 2.5, PROMPTFUEL_22],
    ['claude-sonnet-5-5', '2026-10-07', 2, 10, 0.1, 2.5, PROMPTFUEL_23],
    ['claude-haiku-4-5', '2026-07-29', 1, 5, 0.1, 1.25, GENAI_PRICES_ANTHROPIC],
    ['claude-haiku-5-5', '2026-10-07', 0.1, 0.5, 0.01, 0.125, CLAUDIT_1_9, [100000, 0.5, 2.5, 0.05, 0.625]],
    ['claude-opus-4', '2026-07-29', 15, 75, 1.5, 18.75, CLAUDE_PRICING],
    ['claude-opus-4-1', '2026-07-29', 15, 75, 1.5, 18.75, CLAUDE_PRICING],
    ['claude-opus-4-5', '2026-07-29', 5, 25, 0.5, 6.25, CLAUDE_PRICING],
    ['claude-opus-4-7', '2026-07-29', 5, 25, 0.5, 6.25, CLAUDE_PRICING],
    ['claude-opus-4-8', '2026-07-29', 5, 25, 0.5, 6.25, CLAUDE_PRICING],
    ['claude-opus-5', '2026-07-29', 5, 25, 0.5, 6.25, CLAUDE_PRICING],
    ['claude-opus-4-6', '2026-03-13', 5, 25, 0.5, 6.25, CLAUDE_PRICING],
    ['claude-opus-5-5', '2026-09-22', 4, 20, 0.2, 5, PROMPTFUEL_21],
    ['claude-fable-5', '2026-07-29', 10, 50, 1, 12.5, CLAUDE_PRICING],
    ['claude-fable-5-1', '2026-09-01', 10, 50, 0.25, 12.5, CLAUDE_PRICING],
  ],
  'gcp.gemini': [
    ['gemini-2.0-flash', '2025-07-04', 0.1, 0.4, 0.025, null, GENAI_PRICES_GOOGLE],
    ['gemini-2.0-flash-lite', '2025-07-04', 0.075, 0.3, null, null, GENAI_PRICES_GOOGLE],
    ['gemini-2.5-flash', '2025-10-31', 0.3, 2.5, 0.03, null, GENAI_PRICES_GOOGLE],
    ['gemini-2.5-flash-lite', '2025-10-31', 0.1, 0.4, 0.01, null, GENAI_PRICES_GOOGLE],
    ['gemini-2.5-pro', '2025-10-31', 1.25, 10, 0.125, null, GENAI_PRICES_GOOGLE, [200000, 2.5, 15, 0.25, null]],
    ['gemini-3-flash-preview', '2025-12-19', 0.5, 3, 0.05, null, GENAI_PRICES_GOOGLE],
    ['gemini-3-pro-preview', '2025-11-18', 2, 12, 0.2, null, GENAI_PRICES_GOOGLE, [200000, 4, 18, 0.4, null]],
    ['gemini-3.1-flash-lite', '2026-05-12', 0.25, 1.5, 0.025, null, GENAI_PRICES_GOOGLE],
  ],
  mistral_ai: [
    ['mistral-large-2512', '2026-06-09', 0.5, 1.5, 0.05, null, GENAI_PRICES_MISTRAL],
    ['mistral-small-2603', '2026-06-09', 0.15, 0.6, 0.015, null, GENAI_PRICES_MISTRAL],
  ],
};

const rates = (input: number, output: number, cachedInput: number | null, cacheWrite: number | null): Rates => ({
  input,
  output,
  cachedInput,
  cacheWrite,
  reasoning: null,
});

const priceOf = (
  provider: string,
  [model, from, input, output, cachedInput, cacheWrite, source, long]: Row,
): Price => ({
  provider,
  model,
  from,
  ...rates(input, output, cachedInput, cacheWrite),
  long:
    long === undefined
      ? null
      : { above: long[0], rates: long.length === 1 ? null : rates(long[1], long[2], long[3], long[4]) },
  source,
});

export const PUBLISHED_PRICES: readonly Price[] = Object.entries(ROWS).flatMap(([provider, rows]) =>
  rows.map((row) => priceOf(provider, row)),
);

/** Changes with the table, so that what was counted by an older one is counted again. */
export const PUBLISHED_VERSION = '2026-11-26';
