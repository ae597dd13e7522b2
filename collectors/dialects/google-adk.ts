import { type Dialect, json, value } from './dialect.ts';

const used = (count: string) => [json('gcp.vertex.agent.llm_response', 'usage_metadata', count)];

/**
 * Google's Agent Development Kit: OpenTelemetry GenAI, with some names of its own.
 * @see https://github.com/google/adk-python src/google/adk/models/llm_response.py
 * @see https://github.com/google/adk-js core/src/models/llm_response.ts
 */
export const googleAdk: Dialect = {
  name: 'Google ADK',
  markers: [],
  kinds: 'none',
  column: 4,
  fields: {
    conversationId: [value('gcp.vertex.agent.session_id')],
    // Its first versions name what was used in the answer alone.
    inputTokens: used('prompt_token_count'),
    outputTokens: used('candidates_token_count'),
    cachedInputTokens: used('cached_content_token_count'),
    reasoningTokens: [value('gen_ai.usage.experimental.reasoning_tokens'), ...used('thoughts_token_count')],
    // Of a question that was blocked there is no finish reason: what blocked it is the answer's error, in Python's words or JavaScript's.
    finishReason: [
      json('gcp.vertex.agent.llm_response', 'error_code'),
      json('gcp.vertex.agent.llm_response', 'errorCode'),
    ],
  },
  names: {},
  // Of tools that ran at once: what its web interface asks for, and no run of a tool.
  instead: { 'gen_ai.tool.name': { '(merged tools)': 'step' } },
};

/** Of before 1.4, whose spans of tools name no operation: `tool_call [order_status]`. */
export const googleAdkTools: Dialect = {
  name: 'Google ADK tools',
  markers: ['gcp.vertex.agent.tool_call_args'],
  kinds: 'tool',
  column: 4,
  fields: {},
  names: { tool: [] },
  namedBehind: 'tool_call [',
};

/** What they answered: a span beside the tool's own. */
export const googleAdkToolAnswers: Dialect = {
  name: 'Google ADK tool answers',
  markers: ['gcp.vertex.agent.tool_response'],
  kinds: 'step',
  column: 4,
  fields: {},
  names: {},
};
