import { type Dialect, value } from './dialect.ts';

const DETAILS = 'gen_ai.usage.details.';

/**
 * pydantic-ai, as Logfire shows it: OpenTelemetry GenAI, but until its instrumentation version 4 runs of agents and tools name no
 * operation. Logfire's own attributes (`logfire.msg` ...) say nothing of AI.
 * @see https://ai.pydantic.dev/logfire/
 */
export const pydanticAi: Dialect = {
  name: 'pydantic-ai, older runs',
  markers: ['pydantic_ai.all_messages', 'all_messages_events'],
  kinds: 'agent',
  column: 4,
  fields: {
    // Details have the providers' names, and its own since 0.8. What a run used has the names of calls until version 3.
    cachedInputTokens: [
      value(`${DETAILS}cache_read_tokens`),
      value(`${DETAILS}cache_read_input_tokens`),
      value(`${DETAILS}cached_tokens`),
      value(`${DETAILS}cached_content_tokens`),
    ],
    cacheWriteTokens: [value(`${DETAILS}cache_write_tokens`), value(`${DETAILS}cache_creation_input_tokens`)],
    reasoningTokens: [value(`${DETAILS}reasoning_tokens`), value(`${DETAILS}thoughts_tokens`)],
    cost: [value('operation.cost')],
  },
  names: { agent: [value('agent_name')] },
};

/** Last in the list: others have the id of a tool's call on spans of other kinds. */
export const pydanticAiTools: Dialect = {
  name: 'pydantic-ai, older tools',
  markers: ['gen_ai.tool.call.id'],
  kinds: 'tool',
  column: 4,
  fields: {},
  names: {},
};
