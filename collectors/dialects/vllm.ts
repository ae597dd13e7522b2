import { type Dialect, seconds, value } from './dialect.ts';

/**
 * The servers vLLM and SGLang, which write one span a request, with neither an operation nor a provider, nor a model at times.
 * @see https://github.com/vllm-project/vllm vllm/tracing/utils.py
 */
export const vllm: Dialect = {
  name: 'vLLM, SGLang',
  markers: ['gen_ai.latency.e2e'],
  kinds: 'model',
  column: 4,
  fields: {
    cachedInputTokens: [value('gen_ai.usage.cached_tokens')],
    timeToFirstTokenMs: [seconds('gen_ai.latency.time_to_first_token')],
  },
  names: {},
};
