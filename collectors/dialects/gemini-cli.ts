import type { Kind } from '../../src/model/span.ts';

/**
 * Gemini CLI's operations that are calls; its others (`user_prompt`, `schedule_tool_calls` ...) are structure.
 * @see https://github.com/google-gemini/gemini-cli packages/core/src/telemetry/constants.ts
 */
export const GEMINI_CLI_OPERATIONS: Readonly<Record<string, Kind>> = {
  llm_call: 'model',
  tool_call: 'tool',
  agent_call: 'agent',
};
