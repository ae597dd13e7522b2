import { expect, it } from 'vitest';
import { isDeclaredAs, sightedType, sightingText } from '../../src/changes/sighting.ts';

const seen = {
  dimension: 'response_model',
  value: 'gpt-5-2026-11-01',
  firstSeen: Date.UTC(2026, 10, 19, 2),
  n: 90,
  all: 1000,
  before: { value: 'gpt-5-2026-08-01', share: 0.98 },
  traces: ['f00d', 'f00e'],
  alias: 'gpt-5',
};

it('a change that was seen says what speaks for it', () => {
  expect(sightingText(seen)).toBe(
    'Nobody has declared it: response model gpt-5-2026-11-01 was first seen at 2026-11-19T02:00:00.000Z; gpt-5 had been asked for; 90 of 1000 interactions in the hour from then; 98 % of the day before had gpt-5-2026-08-01; first traces: f00d, f00e',
  );
  expect(sightingText({ ...seen, before: null, traces: [], alias: null })).toBe(
    'Nobody has declared it: response model gpt-5-2026-11-01 was first seen at 2026-11-19T02:00:00.000Z; 90 of 1000 interactions in the hour from then; nothing was there before',
  );
});

it('an alias that answers as another snapshot is the provider’s change; a model that was asked for is somebody’s own', () => {
  expect(sightedType(seen)).toBe('provider_snapshot');
  expect(sightedType({ ...seen, alias: null })).toBe('model_version');
  expect(sightedType({ dimension: 'prompt_version', alias: null })).toBe('prompt');
});

it('embeddings of another length are another embedding model, which may be declared by its name, by the length, or by both', () => {
  const one = { dimension: 'embedding_dimensions', value: 'text-embedding-3-small: 512', alias: null };
  expect(sightedType(one)).toBe('embedding_model');
  for (const after of ['text-embedding-3-small: 512', 'text-embedding-3-small', '512'])
    expect(isDeclaredAs(one, after)).toBe(true);
  for (const after of ['text-embedding-3', '12', 'text-embedding-3-small: 51'])
    expect(isDeclaredAs(one, after)).toBe(false);
  expect(isDeclaredAs({ dimension: 'prompt_version', value: '8: 512' }, '512')).toBe(false);
});
