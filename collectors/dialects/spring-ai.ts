import { type Dialect, value } from './dialect.ts';

/**
 * Spring AI: OpenTelemetry GenAI, but what its tools do is the operation `framework` until version 1.1. Micrometer, which writes it
 * down, has `none` for what has no value.
 * @see https://docs.spring.io/spring-ai/reference/observability/index.html
 */
export const springAi: Dialect = {
  name: 'Spring AI',
  markers: ['spring.ai.tool.definition.name'],
  kinds: 'tool',
  column: 4,
  // Of the chat client; none where the application says none.
  fields: { conversationId: [value('spring.ai.chat.client.conversation.id')] },
  names: { tool: [value('spring.ai.tool.definition.name')] },
};
