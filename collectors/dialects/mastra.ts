import { type Dialect, time, value } from './dialect.ts';
import { conversationsUnder, usersUnder } from './metadata.ts';

/**
 * Mastra's exporter, which writes `gen_ai.*` for all but the structure. A `model_generation` (`llm_generation` before 1.0) is the
 * call itself in older cores, and around the `model_inference` in newer ones. Failed calls have the status OK and the finish reason `error`.
 * @see https://mastra.ai/docs/observability/tracing/exporters/otel
 */
export const mastra: Dialect = {
  name: 'Mastra',
  markers: ['mastra.span.type'],
  kinds: {
    values: {
      agent_run: 'agent',
      workflow_run: 'chain',
      model_inference: 'model',
      model_generation: 'model',
      llm_generation: 'model',
      rag_embedding: 'embedding',
      tool_call: 'tool',
      mcp_tool_call: 'tool',
      provider_tool_call: 'tool',
      model_step: 'step',
      model_chunk: 'step',
    },
    otherwise: 'step',
  },
  column: 4,
  fields: {
    // Before 1.0 metadata had no prefix, and an agent was named by its id.
    conversationId: [...conversationsUnder('mastra.metadata.'), value('sessionId'), value('threadId')],
    userId: [...usersUnder('mastra.metadata.'), value('userId')],
    agent: [value('agent.id')],
    cachedInputTokens: [value('gen_ai.usage.cached_input_tokens')],
    timeToFirstTokenMs: [time('mastra.completion_start_time')],
  },
  names: { agent: [value('agent.id')] },
};
