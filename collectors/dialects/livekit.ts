import { type Dialect, seconds, value } from './dialect.ts';
import { bareGenAi } from './otel.ts';

const SCOPES = ['livekit-agents'];

/**
 * LiveKit Agents. Its newer versions write OpenTelemetry GenAI; older ones name no operation, and the model on spans of speech, too: of
 * what the user said (`user_turn`) that which heard it, of what is said (`tts_node`) that which spoke.
 * @see https://github.com/livekit/agents livekit-agents/livekit/agents/telemetry/trace_types.py
 */
export const livekit: Dialect = {
  name: 'LiveKit Agents',
  // Only calls of language models have one of these.
  markers: ['gen_ai.usage.input_tokens', 'lk.llm_metrics', 'lk.realtime_model_metrics', 'lk.function_tools'],
  scopes: SCOPES,
  kinds: 'model',
  column: 4,
  fields: {
    cachedInputTokens: [value('gen_ai.usage.input_cached_tokens')],
    timeToFirstTokenMs: [seconds('lk.response.ttft')],
  },
  names: {},
};

export const livekitTools: Dialect = {
  name: 'LiveKit Agents, tools',
  markers: ['lk.function_tool.name'],
  kinds: 'tool',
  column: 4,
  fields: {},
  names: { tool: [value('lk.function_tool.name')] },
  failures: { 'lk.function_tool.is_error': 'true' },
};

/** What names a model and has been none of the above. */
export const livekitSpeech: Dialect = {
  name: 'LiveKit Agents, speech',
  markers: bareGenAi.markers,
  scopes: SCOPES,
  kinds: 'step',
  column: 4,
  fields: {},
  names: {},
};
