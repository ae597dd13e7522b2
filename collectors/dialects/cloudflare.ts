import { type Dialect, value } from './dialect.ts';

/**
 * Cloudflare's AI Gateway: one span a request, by the names of OpenTelemetry GenAI but for the provider's.
 * @see https://developers.cloudflare.com/ai-gateway/observability/otel-integration
 */
export const cloudflare: Dialect = {
  name: 'Cloudflare AI Gateway',
  markers: [],
  kinds: 'none',
  column: 4,
  fields: { provider: [value('gen_ai.model.provider')] },
  names: {},
};
