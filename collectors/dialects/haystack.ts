import { type Dialect, value } from './dialect.ts';

/**
 * Haystack's own tracing, where an application sends it by OpenTelemetry: a component is what its class is called. Counts stand in
 * contents alone, and the model calls of its agents since 3.0 in the names of spans.
 * @see https://docs.haystack.deepset.ai/docs/tracing
 */
export const haystack: Dialect = {
  name: 'Haystack',
  markers: ['haystack.component.type'],
  kinds: {
    // Its run is the agent.
    values: { Agent: 'none' },
    endings: { Generator: 'model', Embedder: 'embedding', Retriever: 'retrieval', Ranker: 'rerank' },
    otherwise: 'step',
  },
  column: 4,
  fields: {},
  names: { retrieval: [value('haystack.component.name')], rerank: [value('haystack.component.name')] },
};

export const haystackTools: Dialect = {
  name: 'Haystack, tools',
  markers: ['haystack.tool.name'],
  kinds: 'tool',
  column: 4,
  fields: {},
  names: { tool: [value('haystack.tool.name')] },
};

/** A run of an agent, be it a component or not. */
export const haystackAgents: Dialect = {
  name: 'Haystack, agents',
  markers: ['haystack.agent.max_steps'],
  kinds: 'agent',
  column: 4,
  fields: {},
  names: {},
};
