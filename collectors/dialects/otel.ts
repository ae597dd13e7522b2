import { type Dialect, event, first, seconds, value } from './dialect.ts';
import { GEMINI_CLI_OPERATIONS } from './gemini-cli.ts';
import { GUARD_OPERATIONS } from './guardrails.ts';
import { LITELLM_BAGGAGE, LITELLM_OPERATIONS } from './litellm.ts';
import { AI_SDK_OPERATIONS, OPERATION_KINDS } from './operations.ts';
import { AZURE_AGENT_OPERATIONS, SEMANTIC_KERNEL_OPERATIONS } from './semantic-kernel.ts';

/**
 * OpenTelemetry GenAI, the current names and those of before 1.37 that instrumentations still emit beside or instead of
 * them: aliases of one number, never addends.
 */
export const otel: Dialect = {
  name: 'OpenTelemetry GenAI',
  markers: ['gen_ai.operation.name'],
  kinds: {
    values: {
      ...OPERATION_KINDS,
      ...AI_SDK_OPERATIONS,
      ...SEMANTIC_KERNEL_OPERATIONS,
      ...AZURE_AGENT_OPERATIONS,
      ...GUARD_OPERATIONS,
      ...LITELLM_OPERATIONS,
      ...GEMINI_CLI_OPERATIONS,
    },
    otherwise: 'step',
  },
  column: 1,
  columnOf: { promptVersion: 3 },
  fields: {
    provider: [value('gen_ai.provider.name'), value('gen_ai.system')],
    requestModel: [value('gen_ai.request.model')],
    responseModel: [value('gen_ai.response.model')],
    operation: [value('gen_ai.operation.name')],
    finishReason: [
      first('gen_ai.response.finish_reasons'),
      value('anthropic.message.stop_reason'),
      event('gen_ai.choice', 'finish_reason'),
    ],
    responseId: [value('gen_ai.response.id')],
    conversationId: [value('gen_ai.conversation.id'), value('session.id')],
    userId: [value('user.id'), value('enduser.id'), value('gen_ai.request.user')],
    agent: [value('gen_ai.agent.name')],
    promptName: [value('gen_ai.prompt.name')],
    promptVersion: [value('gen_ai.prompt.version')],
    instructions: [value('gen_ai.system_instructions')],
    serviceVersion: [value('gen_ai.agent.version')],
    inputTokens: [value('gen_ai.usage.input_tokens'), value('gen_ai.usage.prompt_tokens')],
    outputTokens: [value('gen_ai.usage.output_tokens'), value('gen_ai.usage.completion_tokens')],
    cachedInputTokens: [value('gen_ai.usage.cache_read.input_tokens'), value('gen_ai.usage.cache_read_input_tokens')],
    cacheWriteTokens: [
      value('gen_ai.usage.cache_write.input_tokens'),
      value('gen_ai.usage.cache_creation.input_tokens'),
      value('gen_ai.usage.cache_creation_input_tokens'),
      value('gen_ai.usage.cache_write_input_tokens'),
    ],
    reasoningTokens: [value('gen_ai.usage.reasoning.output_tokens'), value('gen_ai.usage.reasoning_tokens')],
    timeToFirstTokenMs: [
      seconds('gen_ai.response.time_to_first_chunk'),
      seconds('gen_ai.client.operation.time_to_first_chunk'),
    ],
    cost: [value('gen_ai.usage.cost')],
    embeddingDimensions: [value('gen_ai.embeddings.dimension.count')],
  },
  names: {
    tool: [value('gen_ai.tool.name')],
    agent: [value('gen_ai.agent.name')],
    retrieval: [value('gen_ai.data_source.id')],
  },
};

/**
 * Model calls that name no operation: what is left when no other dialect has claimed the span. OpenLLMetry's span of a whole crew
 * names CrewAI for the system, and nothing else.
 */
export const bareGenAi: Dialect = {
  name: 'bare GenAI',
  markers: ['gen_ai.system', 'gen_ai.provider.name', 'gen_ai.request.model'],
  unless: LITELLM_BAGGAGE,
  kinds: { values: { CREWAI: 'chain' }, otherwise: 'model', upperCase: true },
  column: 1,
  fields: {},
  names: {},
};
