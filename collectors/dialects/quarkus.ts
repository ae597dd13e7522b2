import type { Dialect } from './dialect.ts';

/**
 * LangChain4j in Quarkus: calls of models by the names that OpenTelemetry GenAI had before 1.37, without an operation, and tools. What
 * failed ends with an exception event and no status.
 * @see https://github.com/quarkiverse/quarkus-langchain4j core/runtime: SpanChatModelListener, ToolSpanWrapper
 */
export const quarkus: Dialect = {
  name: 'Quarkus LangChain4j',
  markers: [],
  kinds: 'none',
  column: 4,
  fields: {},
  names: {},
  failedByException: ['io.quarkus.opentelemetry'],
};
