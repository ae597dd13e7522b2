import { type Dialect, eventTime, json, newModel, value } from './dialect.ts';

/**
 * OpenInference, of Arize Phoenix.
 * @see https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md
 */
export const openinference: Dialect = {
  name: 'OpenInference',
  markers: ['openinference.span.kind'],
  kinds: {
    values: {
      LLM: 'model',
      EMBEDDING: 'embedding',
      RETRIEVER: 'retrieval',
      RERANKER: 'rerank',
      TOOL: 'tool',
      AGENT: 'agent',
      CHAIN: 'chain',
      GUARDRAIL: 'guardrail',
      DECISION: 'model',
    },
    otherwise: 'step',
    upperCase: true,
  },
  column: 2,
  fields: {
    provider: [
      value('llm.provider'),
      value('llm.system'),
      value('decision.provider'),
      value('decision.system'),
      json('metadata', 'ls_provider'),
    ],
    requestModel: [
      value('llm.request.model_name'),
      json('llm.invocation_parameters', 'model'),
      json('llm.invocation_parameters', 'model_name'),
      value('embedding.model_name'),
      value('reranker.model_name'),
      value('decision.request.model_name'),
      value('llm.model_name'),
      value('decision.model_name'),
    ],
    // `llm.model_name` is the response's model with some instrumentations, the request's with others and when streaming.
    responseModel: [
      value('llm.response.model_name'),
      newModel('llm.model_name'),
      value('decision.response.model_name'),
    ],
    finishReason: [value('llm.finish_reason'), value('llm.stop_reason')],
    conversationId: [
      value('session.id'),
      json('metadata', 'session_id'),
      json('metadata', 'thread_id'),
      json('metadata', 'conversation_id'),
    ],
    userId: [value('user.id'), json('metadata', 'user_id')],
    promptVersion: [value('llm.prompt_template.version')],
    instructions: [value('llm.prompt_template.template')],
    inputTokens: [value('llm.token_count.prompt'), value('decision.token_count.input')],
    outputTokens: [value('llm.token_count.completion'), value('decision.token_count.output')],
    cachedInputTokens: [
      value('llm.token_count.prompt_details.cache_read'),
      value('llm.token_count.prompt_details.cache_input'),
    ],
    cacheWriteTokens: [value('llm.token_count.prompt_details.cache_write')],
    reasoningTokens: [value('llm.token_count.completion_details.reasoning')],
    timeToFirstTokenMs: [eventTime('First Token Stream Event')],
    cost: [value('llm.cost.total')],
  },
  names: {
    tool: [value('tool.name')],
    agent: [value('agent.name'), value('graph.node.id')],
    guardrail: [value('tool.name')],
  },
  namedBySpan: ['tool', 'agent', 'retrieval', 'rerank', 'guardrail'],
  // It passes on what Bedrock counts. That of Python does so for one of Bedrock's interfaces, and adds it up for the other.
  inputWithoutCache: ['@arizeai/openinference-instrumentation-bedrock'],
};
