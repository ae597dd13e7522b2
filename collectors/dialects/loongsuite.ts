import { type Dialect, value } from './dialect.ts';

/**
 * LoongSuite's word for what a span is, beside OpenTelemetry GenAI: an extension of Alibaba Cloud, which Dify's own tracing (`ENABLE_OTEL`)
 * writes, too, without naming operations. Some of LoongSuite's operations (`retrieve_documents`) are none that the conventions know.
 * @see https://github.com/alibaba/loongsuite-java-agent GenAiSpanKindValues
 * @see https://github.com/langgenius/dify api/extensions/otel/parser
 */
export const loongsuite: Dialect = {
  name: 'LoongSuite, Dify',
  markers: ['gen_ai.span.kind'],
  kinds: {
    values: {
      LLM: 'model',
      EMBEDDING: 'embedding',
      RETRIEVER: 'retrieval',
      RERANKER: 'rerank',
      TOOL: 'tool',
      AGENT: 'agent',
      CHAIN: 'chain',
      WORKFLOW: 'chain',
      GUARDRAIL: 'guardrail',
    },
    otherwise: 'step',
    upperCase: true,
  },
  // Where others have taken the word over, a task may be a call.
  yieldsTo: ['gen_ai.operation.name'],
  column: 4,
  fields: { conversationId: [value('gen_ai.session.id')], userId: [value('gen_ai.user.id')] },
  names: {},
  namedBySpan: ['retrieval', 'rerank', 'guardrail'],
};
