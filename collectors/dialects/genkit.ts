import { type Dialect, json, maker, model, value } from './dialect.ts';

/**
 * Genkit: an action's name is `maker/model` where it is a model, and its usage stands inside of its output, which is
 * content otherwise.
 * @see https://genkit.dev/docs/observability/authentication/
 */
export const genkit: Dialect = {
  name: 'Genkit',
  markers: ['genkit:metadata:subtype'],
  kinds: {
    values: {
      flow: 'chain',
      model: 'model',
      'background-model': 'model',
      tool: 'tool',
      'tool.v2': 'tool',
      embedder: 'embedding',
      retriever: 'retrieval',
      reranker: 'rerank',
    },
    otherwise: 'step',
  },
  column: 4,
  fields: {
    provider: [maker('genkit:name')],
    requestModel: [model('genkit:name')],
    finishReason: [json('genkit:output', 'finishReason')],
    inputTokens: [json('genkit:output', 'usage', 'inputTokens')],
    outputTokens: [json('genkit:output', 'usage', 'outputTokens')],
    cachedInputTokens: [json('genkit:output', 'usage', 'cachedContentTokens')],
    reasoningTokens: [json('genkit:output', 'usage', 'thoughtsTokens')],
  },
  names: {
    tool: [value('genkit:name')],
    retrieval: [value('genkit:name')],
    rerank: [value('genkit:name')],
  },
  failures: { 'genkit:state': 'error' },
};

/** Its spans that are no actions: helpers, and the flows of early versions. */
export const genkitHelpers: Dialect = {
  name: 'Genkit, without subtype',
  markers: ['genkit:type'],
  kinds: { values: { flow: 'chain' }, otherwise: 'step' },
  column: 4,
  fields: {},
  names: {},
};
