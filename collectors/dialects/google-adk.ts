import { type Dialect, value } from './dialect.ts';

/** Google's Agent Development Kit: OpenTelemetry GenAI, with some names of its own. */
export const googleAdk: Dialect = {
  name: 'Google ADK',
  markers: [],
  kinds: 'none',
  column: 4,
  fields: {
    conversationId: [value('gcp.vertex.agent.session_id')],
    reasoningTokens: [value('gen_ai.usage.experimental.reasoning_tokens')],
  },
  names: {},
  // Of tools that ran at once: what its web interface asks for, and no run of a tool.
  instead: { 'gen_ai.tool.name': { '(merged tools)': 'step' } },
};
