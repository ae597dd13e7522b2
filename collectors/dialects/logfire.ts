import type { Dialect } from './dialect.ts';

/**
 * Logfire's SDK. Of a streamed answer it writes the request, whose span ends with the headers, and at the end of the stream a log:
 * a span without duration that has the request's attributes once more, at times as the root of a trace of its own. Of each span that
 * is still open it may send a sign, below it and with all its attributes. Neither is a call.
 * @see https://github.com/pydantic/logfire logfire/_internal/integrations/llm_providers/llm_provider.py
 */
export const logfire: Dialect = {
  name: 'Logfire',
  markers: [],
  kinds: 'none',
  column: 4,
  fields: {},
  names: {},
  instead: { 'logfire.span_type': { log: 'step', pending_span: 'none' } },
};
