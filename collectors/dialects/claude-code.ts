import { type Dialect, value } from './dialect.ts';

const SCOPES = ['com.anthropic.claude_code.tracing', 'com.anthropic.claude_code.traces'];

/**
 * Claude Code, whose counts have plain names. A tool's own run is a span without a name inside of the tool's, which has the waiting for
 * somebody's leave in it, too. What failed says so by `success` alone; of tools the run does.
 * @see https://code.claude.com/docs/en/monitoring-usage
 */
export const claudeCode: Dialect = {
  name: 'Claude Code',
  // Others have an attribute of that name, too.
  markers: ['span.type'],
  scopes: SCOPES,
  kinds: {
    values: { interaction: 'agent', llm_request: 'model', tool: 'tool', 'tool.execution': 'tool' },
    otherwise: 'step',
  },
  column: 4,
  fields: {
    finishReason: [value('stop_reason')],
    inputTokens: [value('input_tokens')],
    outputTokens: [value('output_tokens')],
    cachedInputTokens: [value('cache_read_tokens')],
    cacheWriteTokens: [value('cache_creation_tokens')],
    timeToFirstTokenMs: [value('ttft_ms')],
  },
  names: { tool: [value('tool_name')] },
  failuresOfOwn: { success: 'false' },
  inputWithoutCache: SCOPES,
};
