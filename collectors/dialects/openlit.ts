import { type Dialect, value } from './dialect.ts';

/** OpenLIT: its spans are OpenTelemetry GenAI; the version of an agent and the length of embeddings have names of its own. */
export const openlit: Dialect = {
  name: 'OpenLIT',
  markers: [],
  kinds: 'none',
  column: 4,
  fields: {
    serviceVersion: [value('openlit.agent.version_hash')],
    embeddingDimensions: [value('gen_ai.request.embedding_dimension')],
  },
  names: {},
};
