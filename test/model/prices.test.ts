import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelUse } from '../../src/model/interaction.ts';
import { nanosOf, partsOf } from '../../src/model/prices/cost.ts';
import { type Price, prices } from '../../src/model/prices/price.ts';
import { PriceBook } from '../../src/model/prices/price-book.ts';
import { PUBLISHED_PRICES } from '../../src/model/prices/published.ts';
import { uses } from '../arbitraries.ts';

const AT = Date.parse('2026-11-20T00:00:00Z');
const book = new PriceBook('USD', []);
const find = (model: string, provider = 'openai', at = AT): Price | null => book.find(provider, '', model, at);

const use = (more: Partial<ModelUse>): ModelUse => ({
  provider: 0,
  requestModel: 0,
  responseModel: 0,
  inputTokens: null,
  outputTokens: null,
  cachedInputTokens: null,
  cacheWriteTokens: null,
  reasoningTokens: null,
  costNanos: null,
  ...more,
});
const price = (more: Partial<Price> = {}): Price => ({
  provider: 'openai',
  model: 'small',
  from: null,
  input: 1,
  output: 4,
  cachedInput: null,
  cacheWrite: null,
  reasoning: null,
  long: null,
  source: null,
  ...more,
});

describe('which price', () => {
  it('a dated version has the price of its model', () => {
    expect(find('gpt-4o-mini-2024-07-18')).toMatchObject({ model: 'gpt-4o-mini', input: 0.15, output: 0.6 });
    expect(find('claude-haiku-4-5-20251001', 'anthropic')).toMatchObject({ model: 'claude-haiku-4-5' });
  });

  it('another model whose name begins alike has not', () => {
    expect(find('gpt-4o-audio-preview')).toBeNull();
    expect(find('gpt-5.9')).toBeNull();
    expect(find('gpt-4o-mini')!.model).toBe('gpt-4o-mini');
  });

  it('the one that answered counts, and the one that was asked where that is not known', () => {
    expect(book.find('openai', 'gpt-4o', 'gpt-4o-mini', AT)).toMatchObject({ model: 'gpt-4o-mini' });
    expect(book.find('openai', 'gpt-4o', 'my-deployment', AT)).toMatchObject({ model: 'gpt-4o' });
  });

  it('a price holds from its day on', () => {
    const at = (day: string): number | null =>
      find('claude-sonnet-5-5', 'anthropic', Date.parse(day))?.cachedInput ?? null;
    expect(at('2026-09-27')).toBeNull();
    expect(at('2026-09-28')).toBe(0.2);
    expect(at('2026-10-06T23:59:59Z')).toBe(0.2);
    expect(at('2026-10-07T00:00:00Z')).toBe(0.1);
  });

  it('without a provider that of the only one that has such a model', () => {
    expect(find('gpt-4o-mini', '')).not.toBeNull();
    const two = new PriceBook('USD', [[price({ model: 'x' }), price({ model: 'x', provider: 'other' })]]);
    expect(two.find('', '', 'x', AT)).toBeNull();
    expect(two.find('other', '', 'x', AT)).not.toBeNull();
  });

  it('own prices win, the first list before the next, and with a star they are for all that begin so', () => {
    const own = new PriceBook('USD', [
      [price({ model: 'gpt-4o*', input: 7 })],
      [price({ model: 'gpt-4o-mini', input: 8 }), price({ model: 'other', input: 9 })],
    ]);
    const input = (model: string): number | undefined => own.find('openai', '', model, AT)?.input;
    expect(input('gpt-4o-mini')).toBe(7);
    expect(input('gpt-4o-audio-preview')).toBe(7);
    expect(input('other')).toBe(9);
    expect(input('gpt-4.1')).toBe(2);
  });

  it('in another currency than dollars neither published prices count nor costs that are sent', () => {
    const euros = new PriceBook('EUR', [[price()]]);
    expect(euros.find('openai', '', 'gpt-4o', AT)).toBeNull();
    expect(euros.find('openai', '', 'small', AT)).not.toBeNull();
    expect(euros.takesSentCosts).toBe(false);
  });
});

describe('what it comes to', () => {
  it.each([
    ['input and output', use({ inputTokens: 1000, outputTokens: 100 }), price(), 1_000_000 + 400_000],
    [
      'cached input apart and not twice',
      use({ inputTokens: 1000, outputTokens: 0, cachedInputTokens: 600 }),
      price({ cachedInput: 0.1 }),
      400_000 + 60_000,
    ],
    [
      'written to the cache',
      use({ inputTokens: 1000, outputTokens: 0, cacheWriteTokens: 1000 }),
      price({ cacheWrite: 1.25 }),
      1_250_000,
    ],
    ['reasoning is output', use({ inputTokens: 0, outputTokens: 100, reasoningTokens: 90 }), price(), 400_000],
    [
      'reasoning that is charged apart',
      use({ inputTokens: 0, outputTokens: 100, reasoningTokens: 90 }),
      price({ reasoning: 10 }),
      40_000 + 900_000,
    ],
    ['an embedding', use({ inputTokens: 50 }), price({ output: 0, input: 0.02 }), 1000],
    [
      'a long prompt',
      use({ inputTokens: 300_000, outputTokens: 0 }),
      price({ long: { above: 200_000, rates: price({ input: 2 }) } }),
      600_000_000,
    ],
  ] as const)('%s', (_name, used, by, nanos) => {
    expect(nanosOf(used, by)).toBeCloseTo(nanos, 6);
  });

  it.each([
    ['no tokens', use({}), price()],
    ['no input', use({ outputTokens: 10 }), price()],
    ['no output of a model that has some', use({ inputTokens: 10 }), price()],
    [
      'a long prompt whose price is not known',
      use({ inputTokens: 300_000, outputTokens: 0 }),
      price({ long: { above: 200_000, rates: null } }),
    ],
    ['more tokens than there are', use({ inputTokens: 1e12, outputTokens: 0 }), price()],
  ] as const)('is not known: %s', (_name, used, by) => {
    expect(nanosOf(used, by)).toBeNull();
  });

  it('parts of tokens never overlap: they add up to input and output', () => {
    fc.assert(
      fc.property(uses, (used) => {
        const parts = partsOf(used);
        if (parts === null) return;
        const { input, cachedInput, cacheWrite, output, reasoning } = parts;
        for (const part of Object.values(parts)) expect(part).toBeGreaterThanOrEqual(0);
        expect(input + cachedInput + cacheWrite).toBe(used.inputTokens ?? 0);
        expect(output + reasoning).toBe(used.outputTokens ?? 0);
      }),
    );
  });
});

describe('the table of published prices', () => {
  it('has each model once a day, with its source, and no price that a file could not have', () => {
    const keys = PUBLISHED_PRICES.map(({ provider, model, from }) => `${provider} ${model} ${from}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { source } of PUBLISHED_PRICES) expect(source).toMatch(/^https:/);
    const written = PUBLISHED_PRICES.map(({ long, ...one }) => ({
      ...Object.fromEntries(Object.entries(one).filter(([, value]) => value !== null)),
      ...(long?.rates && {
        long: {
          above: long.above,
          ...Object.fromEntries(Object.entries(long.rates).filter(([, value]) => value !== null)),
        },
      }),
    }));
    expect(prices.safeParse({ models: written }).error).toBeUndefined();
  });

  it('what is cached is never dearer than what is not', () => {
    for (const { cachedInput, input } of PUBLISHED_PRICES) expect(cachedInput ?? 0).toBeLessThanOrEqual(input);
  });
});
