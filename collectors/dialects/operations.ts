import type { Kind } from '../../src/model/span.ts';

/**
 * The well-known values of `gen_ai.operation.name` that stand for an operation; every other value is a step.
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
export const OPERATION_KINDS: Readonly<Record<string, Kind>> = {
  chat: 'model',
  text_completion: 'model',
  generate_content: 'model',
  embeddings: 'embedding',
  retrieval: 'retrieval',
  search_memory: 'retrieval',
  rerank: 'rerank',
  execute_tool: 'tool',
  invoke_agent: 'agent',
  invoke_workflow: 'chain',
  apply_guardrail: 'guardrail',
};

/** Operations that the AI SDK 7 adds: a model that chooses between answers. */
export const AI_SDK_OPERATIONS: Readonly<Record<string, Kind>> = { decide: 'model' };
