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

/** Logfire's instrumentation of the Python SDK before 2: the client's side, in the words of JSON-RPC. */
export const logfireMcp: Dialect = {
  name: 'MCP by Logfire',
  markers: ['rpc.method'],
  scopes: ['logfire.mcp'],
  kinds: { values: { 'tools/call': 'tool' }, otherwise: 'step' },
  column: 1,
  fields: {},
  names: { tool: [] },
  namedBehind: 'tools/call ',
};
