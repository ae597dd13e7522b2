import { type Dialect, value } from './dialect.ts';

/** OpenLIT: its spans are OpenTelemetry GenAI; the version of an agent, the length of embeddings and the details of counts have names of its own. */
export const openlit: Dialect = {
  name: 'OpenLIT',
  markers: [],
  kinds: 'none',
  column: 4,
  fields: {
    serviceVersion: [value('openlit.agent.version_hash')],
    cachedInputTokens: [value('gen_ai.usage.prompt_tokens_details.cache_read')],
    cacheWriteTokens: [value('gen_ai.usage.prompt_tokens_details.cache_write')],
    reasoningTokens: [value('gen_ai.usage.completion_tokens_details.reasoning')],
    embeddingDimensions: [value('gen_ai.request.embedding_dimension')],
  },
  names: {},
};

/** Its calls of before it wrote `gen_ai.operation.name`. */
export const openlitCalls: Dialect = {
  name: 'OpenLIT, older calls',
  markers: ['gen_ai.type'],
  kinds: { values: { chat: 'model', embedding: 'embedding' }, otherwise: 'step' },
  column: 4,
  fields: {},
  names: {},
};
