import type { Kind } from '../../src/model/span.ts';
import { type Dialect, first, value } from './dialect.ts';

/** Its names of `chat` and `text_completion`, and of what Microsoft built on it. */
export const SEMANTIC_KERNEL_OPERATIONS: Readonly<Record<string, Kind>> = {
  'chat.completions': 'model',
  'chat.streaming_completions': 'model',
  'text.completions': 'model',
  'text.streaming_completions': 'model',
};

/**
 * Of Azure's agents: a run that is streamed, from its start to the end of the stream. What else they write (`start_thread_run`,
 * `get_thread_run`) is each one request, and no run.
 * @see https://github.com/Azure/azure-sdk-for-python sdk/ai/azure-ai-agents: OperationName
 */
export const AZURE_AGENT_OPERATIONS: Readonly<Record<string, Kind>> = { process_thread_run: 'agent' };

/**
 * Semantic Kernel: OpenTelemetry GenAI with operations and counts of its own. A count that it does not know is -1. With it the
 * first versions of Microsoft.Extensions.AI (`gen_ai.response.input_tokens`), and Azure's agents, whose conversations are threads.
 * @see https://github.com/microsoft/semantic-kernel ModelDiagnostics.cs, model_diagnostics/decorators.py
 */
export const semanticKernel: Dialect = {
  name: 'Semantic Kernel',
  markers: [],
  kinds: 'none',
  column: 4,
  fields: {
    finishReason: [first('gen_ai.response.finish_reason')],
    conversationId: [value('gen_ai.thread.id')],
    inputTokens: [value('gen_ai.response.prompt_tokens'), value('gen_ai.response.input_tokens')],
    outputTokens: [value('gen_ai.response.completion_tokens'), value('gen_ai.response.output_tokens')],
  },
  names: {},
};
