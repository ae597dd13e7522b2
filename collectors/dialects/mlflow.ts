import type { Kind } from '../../src/model/span.ts';
import { type Dialect, eventTime, json } from './dialect.ts';
import { bareGenAi } from './otel.ts';

const USAGE = 'mlflow.chat.tokenUsage';

const KINDS: Readonly<Record<string, Kind>> = {
  LLM: 'model',
  CHAT_MODEL: 'model',
  EMBEDDING: 'embedding',
  RETRIEVER: 'retrieval',
  RERANKER: 'rerank',
  TOOL: 'tool',
  AGENT: 'agent',
  CHAIN: 'chain',
  WORKFLOW: 'chain',
  GUARDRAIL: 'guardrail',
};

/**
 * MLflow's tracing in its own words, which it sends unless `MLFLOW_ENABLE_OTEL_GENAI_SEMCONV` is set. All of its attributes are JSON: a
 * name stands in quotes. A function that is traced and nothing more is `UNKNOWN`; so is, where it shares the tracer provider, what
 * others have written.
 * @see https://mlflow.org/docs/latest/genai/tracing/opentelemetry/export
 * @see https://github.com/mlflow/mlflow mlflow/tracing/constant.py
 */
export const mlflow: Dialect = {
  name: 'MLflow',
  markers: ['mlflow.spanType'],
  kinds: {
    values: Object.fromEntries(Object.entries(KINDS).map(([type, kind]) => [JSON.stringify(type), kind])),
    otherwise: 'step',
  },
  yieldsTo: bareGenAi.markers,
  column: 4,
  fields: {
    provider: [json('mlflow.llm.provider')],
    requestModel: [json('mlflow.llm.model')],
    inputTokens: [json(USAGE, 'input_tokens')],
    outputTokens: [json(USAGE, 'output_tokens')],
    cachedInputTokens: [json(USAGE, 'cache_read_input_tokens')],
    cacheWriteTokens: [json(USAGE, 'cache_creation_input_tokens')],
    timeToFirstTokenMs: [eventTime('mlflow.chunk.item.0')],
    cost: [json('mlflow.llm.cost', 'total_cost')],
  },
  names: {},
  namedBySpan: ['tool', 'agent', 'retrieval', 'rerank', 'guardrail'],
};
