import { type Dialect, seconds, value } from './dialect.ts';

/**
 * Pipecat: OpenTelemetry GenAI, with the time to the first token and the conversation under names of its own. What hears and speaks are
 * the operations `stt` and `tts`, and no calls of language models.
 * @see https://github.com/pipecat-ai/pipecat src/pipecat/utils/tracing
 */
export const pipecat: Dialect = {
  name: 'Pipecat',
  markers: [],
  kinds: 'none',
  column: 4,
  fields: {
    conversationId: [value('conversation.id')],
    timeToFirstTokenMs: [seconds('metrics.ttfb')],
  },
  names: {},
};

export const pipecatTools: Dialect = {
  name: 'Pipecat, tools',
  markers: ['tool.function_name'],
  scopes: ['pipecat'],
  kinds: 'tool',
  column: 4,
  fields: {},
  names: { tool: [value('tool.function_name')] },
  failuresOfOwn: { 'tool.result_status': 'error' },
};
