import { type Dialect, value } from './dialect.ts';

/**
 * The Model Context Protocol, client and server: of its methods only the call of a tool is one.
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/
 */
export const mcp: Dialect = {
  name: 'MCP',
  markers: ['mcp.method.name'],
  kinds: { values: { 'tools/call': 'tool' }, otherwise: 'step' },
  column: 1,
  fields: {},
  names: { tool: [value('gen_ai.tool.name'), value('mcp.tool.name')] },
  // The Python SDK has it nowhere else.
  namedBehind: 'tools/call ',
};
