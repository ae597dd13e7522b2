import { type Dialect, eventTime, value } from './dialect.ts';
import { LITELLM_OPERATIONS } from './litellm.ts';
import { conversationsUnder, usersUnder } from './metadata.ts';

const ASSOCIATION = 'traceloop.association.properties.';

/**
 * OpenLLMetry, of Traceloop: the structure that its decorators give. Its model calls are OpenTelemetry GenAI, or the older
 * form below.
 * @see https://www.traceloop.com/docs/openllmetry/contributing/semantic-conventions
 */
export const openllmetry: Dialect = {
  name: 'OpenLLMetry',
  markers: ['traceloop.span.kind'],
  kinds: { values: { workflow: 'chain', task: 'step', agent: 'agent', tool: 'tool' }, otherwise: 'step' },
  // In Python, LlamaIndex' calls are tasks, too, or workflows where nothing is around them.
  yieldsTo: ['gen_ai.operation.name', 'llm.request.type'],
  column: 4,
  fields: {
    conversationId: conversationsUnder(ASSOCIATION),
    userId: usersUnder(ASSOCIATION),
    promptName: [value('traceloop.prompt.key')],
    promptVersion: [value('traceloop.prompt.version')],
  },
  names: {
    tool: [value('traceloop.entity.name')],
    agent: [value('traceloop.entity.name')],
  },
  inputWithoutCache: ['@traceloop/instrumentation-anthropic'],
};

/**
 * Its model calls of before it wrote `gen_ai.operation.name`, and the names of before it wrote `gen_ai.*`.
 * @see https://github.com/traceloop/openllmetry packages/opentelemetry-semantic-conventions-ai
 */
export const openllmetryCalls: Dialect = {
  name: 'OpenLLMetry, older calls',
  markers: ['llm.request.type'],
  kinds: {
    values: { chat: 'model', completion: 'model', embedding: 'embedding', rerank: 'rerank', ...LITELLM_OPERATIONS },
    otherwise: 'step',
  },
  column: 4,
  fields: {
    provider: [value('llm.vendor')],
    requestModel: [value('llm.request.model')],
    responseModel: [value('llm.response.model')],
    finishReason: [
      value('gen_ai.completion.0.finish_reason'),
      value('llm.response.finish_reason'),
      value('llm.response.stop_reason'),
      value('llm.completions.0.finish_reason'),
    ],
    userId: [value('llm.user')],
    inputTokens: [value('llm.usage.prompt_tokens')],
    outputTokens: [value('llm.usage.completion_tokens')],
    timeToFirstTokenMs: [eventTime('llm.content.completion.chunk')],
  },
  names: {},
};
