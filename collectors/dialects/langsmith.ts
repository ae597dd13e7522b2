import { type Dialect, json, value } from './dialect.ts';
import { conversationsUnder, usersUnder } from './metadata.ts';

const USAGE = 'langsmith.usage_metadata';
const METADATA = 'langsmith.metadata.';

/**
 * LangSmith's tracing over OpenTelemetry. It writes `gen_ai.*` beside its own, at times with the operation or the system of
 * something else (`embeddings` on a retriever, `langchain` on a chain). Prompts from its hub are named in the metadata.
 * @see https://docs.langchain.com/langsmith/trace-with-opentelemetry
 */
export const langsmith: Dialect = {
  name: 'LangSmith',
  markers: ['langsmith.span.kind'],
  kinds: {
    values: {
      llm: 'model',
      retriever: 'retrieval',
      tool: 'tool',
      chain: 'chain',
      embedding: 'embedding',
      prompt: 'step',
      parser: 'step',
    },
    otherwise: 'step',
  },
  column: 4,
  fields: {
    provider: [value(`${METADATA}ls_provider`)],
    requestModel: [value(`${METADATA}ls_model_name`)],
    conversationId: conversationsUnder(METADATA),
    userId: usersUnder(METADATA),
    promptName: [value(`${METADATA}lc_hub_repo`)],
    promptVersion: [value(`${METADATA}lc_hub_commit_hash`)],
    inputTokens: [json(USAGE, 'input_tokens')],
    outputTokens: [json(USAGE, 'output_tokens')],
    cachedInputTokens: [
      json('gen_ai.usage.input_token_details', 'cache_read'),
      json(USAGE, 'input_token_details', 'cache_read'),
    ],
    cacheWriteTokens: [
      json('gen_ai.usage.input_token_details', 'cache_creation'),
      json(USAGE, 'input_token_details', 'cache_creation'),
    ],
    reasoningTokens: [
      json('gen_ai.usage.output_token_details', 'reasoning'),
      json(USAGE, 'output_token_details', 'reasoning'),
    ],
  },
  names: {},
  namedBySpan: ['tool', 'retrieval'],
  // Runs that failed end with the status OK.
  failedByException: ['langsmith'],
};
