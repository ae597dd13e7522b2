import { type Dialect, value } from './dialect.ts';

/** Strands Agents: OpenTelemetry GenAI of before 1.37, with its messages in events and its instructions under a name of their own. */
export const strands: Dialect = {
  name: 'Strands Agents',
  markers: [],
  kinds: 'none',
  column: 4,
  fields: { instructions: [value('system_prompt')] },
  names: {},
  // A tool that answers with an error has not thrown one: the status of its span is OK.
  failures: { 'gen_ai.tool.status': 'error' },
};
