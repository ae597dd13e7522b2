import type { Kind } from '../../src/model/span.ts';
import { type Dialect, value } from './dialect.ts';

/** Functions of its, by whose names it calls what it was asked for: those that its proxy calls begin with an `a`. */
const CALLS: Readonly<Record<string, Kind>> = {
  completion: 'model',
  text_completion: 'model',
  responses: 'model',
  anthropic_messages: 'model',
  generate_content: 'model',
  generate_content_stream: 'model',
  embedding: 'embedding',
  rerank: 'rerank',
};

/** The values of `gen_ai.operation.name`, and of `llm.request.type`, which it writes both. */
export const LITELLM_OPERATIONS: Readonly<Record<string, Kind>> = {
  ...CALLS,
  ...Object.fromEntries(Object.entries(CALLS).map(([name, kind]) => [`a${name}`, kind])),
  call_mcp_tool: 'tool',
};

/**
 * What the second version of its callback writes on every span of a request once it knows who asks, the requested model among it: of its
 * databases, its guardrails and what it instruments. Calls have an operation there.
 * @see https://github.com/BerriAI/litellm litellm/integrations/otel/model/baggage.py
 */
export const LITELLM_BAGGAGE = ['litellm.service.name', 'litellm.api_key.hash', 'litellm.provider.model'];

/**
 * LiteLLM's own callback, as library and as proxy: OpenTelemetry GenAI, until its second version with operations of its own.
 * @see https://github.com/BerriAI/litellm litellm/integrations/opentelemetry.py
 */
export const litellm: Dialect = {
  name: 'LiteLLM',
  markers: [],
  kinds: 'none',
  column: 4,
  fields: { cost: [value('gen_ai.cost.total_cost'), value('litellm.cost.total')] },
  names: { guardrail: [value('guardrail_name')] },
};

/** Of its second version. Of their status `guardrail_intervened` says of what they stopped and of what they changed alike: it is not read. */
export const litellmGuardrails: Dialect = {
  name: 'LiteLLM, guardrails',
  markers: ['litellm.guardrail.name'],
  kinds: 'guardrail',
  column: 4,
  fields: {},
  names: { guardrail: [value('litellm.guardrail.name')] },
};
