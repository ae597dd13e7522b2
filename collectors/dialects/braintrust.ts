import type { Kind } from '../../src/model/span.ts';
import { type Dialect, json, value } from './dialect.ts';

const METADATA = 'braintrust.metadata';
const METRICS = 'braintrust.metrics';

const KINDS: Readonly<Record<string, Kind>> = { llm: 'model', tool: 'tool', task: 'chain' };

/**
 * Braintrust's SDKs for Go, Java and Ruby, which write what they know as JSON; an application may write the same by keys of their own. The
 * model is the one that answered, or the one asked for where none did.
 * @see https://github.com/braintrustdata/braintrust-sdk-java
 * @see https://www.braintrust.dev/docs/integrations/sdk-integrations/opentelemetry
 */
export const braintrust: Dialect = {
  name: 'Braintrust',
  markers: ['braintrust.span_attributes', 'braintrust.span_attributes.type'],
  kinds: {
    values: Object.fromEntries(
      Object.entries(KINDS).flatMap(([type, kind]) => [
        [JSON.stringify({ type }), kind],
        [type, kind],
      ]),
    ),
    otherwise: 'step',
  },
  column: 4,
  fields: {
    provider: [json(METADATA, 'provider'), value(`${METADATA}.provider`)],
    requestModel: [json(METADATA, 'model'), value(`${METADATA}.model`)],
    finishReason: [json(METADATA, 'stop_reason')],
    inputTokens: [json(METRICS, 'prompt_tokens'), value(`${METRICS}.prompt_tokens`)],
    outputTokens: [json(METRICS, 'completion_tokens'), value(`${METRICS}.completion_tokens`)],
    cachedInputTokens: [json(METRICS, 'prompt_cached_tokens'), value(`${METRICS}.prompt_cached_tokens`)],
    cacheWriteTokens: [json(METRICS, 'prompt_cache_creation_tokens')],
    reasoningTokens: [json(METRICS, 'completion_reasoning_tokens')],
  },
  names: {},
  namedBySpan: ['tool'],
};
