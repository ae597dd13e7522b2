import { type Dialect, json, parts, time, value } from './dialect.ts';

const USAGE = 'langfuse.observation.usage_details';

/**
 * Langfuse. Its model name is the response's, or the request's when streaming or failing; its usage is divided into parts:
 * `input` leaves out what `input_cached_tokens` counts.
 * @see https://langfuse.com/integrations/native/opentelemetry
 */
export const langfuse: Dialect = {
  name: 'Langfuse',
  markers: ['langfuse.observation.type'],
  kinds: {
    values: {
      generation: 'model',
      embedding: 'embedding',
      retriever: 'retrieval',
      tool: 'tool',
      agent: 'agent',
      chain: 'chain',
      guardrail: 'guardrail',
      evaluator: 'step',
      span: 'step',
      event: 'step',
    },
    otherwise: 'step',
  },
  column: 4,
  columnOf: { promptVersion: 1 },
  fields: {
    responseModel: [value('langfuse.observation.model.name')],
    conversationId: [value('session.id'), value('langfuse.session.id')],
    userId: [value('user.id'), value('langfuse.user.id')],
    promptName: [value('langfuse.observation.prompt.name')],
    promptVersion: [value('langfuse.observation.prompt.version')],
    serviceVersion: [value('langfuse.version'), value('langfuse.release')],
    // A usage that is passed on as OpenAI wrote it has other names, and is no partition.
    inputTokens: [
      parts(USAGE, 'input'),
      json(USAGE, 'input'),
      json(USAGE, 'prompt_tokens'),
      json(USAGE, 'input_tokens'),
    ],
    outputTokens: [
      parts(USAGE, 'output'),
      json(USAGE, 'output'),
      json(USAGE, 'completion_tokens'),
      json(USAGE, 'output_tokens'),
    ],
    cachedInputTokens: [
      json(USAGE, 'input_cached_tokens'),
      json(USAGE, 'input_cache_read'),
      json(USAGE, 'cache_read_input_tokens'),
      json(USAGE, 'prompt_tokens_details', 'cached_tokens'),
      json(USAGE, 'input_tokens_details', 'cached_tokens'),
    ],
    cacheWriteTokens: [
      json(USAGE, 'cache_creation_input_tokens'),
      json(USAGE, 'input_cache_creation'),
      json(USAGE, 'input_cache_write_tokens'),
    ],
    reasoningTokens: [
      json(USAGE, 'output_reasoning_tokens'),
      json(USAGE, 'output_reasoning'),
      json(USAGE, 'completion_tokens_details', 'reasoning_tokens'),
      json(USAGE, 'output_tokens_details', 'reasoning_tokens'),
    ],
    timeToFirstTokenMs: [time('langfuse.observation.completion_start_time')],
    cost: [json('langfuse.observation.cost_details', 'total')],
  },
  names: {},
  namedBySpan: ['tool', 'agent', 'retrieval', 'guardrail'],
  environment: 'langfuse.environment',
  // The status of failed observations stays unset.
  failures: { 'langfuse.observation.level': 'ERROR' },
};
