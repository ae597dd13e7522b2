import { type Dialect, eventJson, value } from './dialect.ts';

/**
 * Strands Agents: OpenTelemetry GenAI of before 1.37, with its messages in events and its instructions under a name of their own. By the
 * newest conventions, where they are opted in to, why an answer ended stands in its messages alone.
 * @see https://github.com/strands-agents/sdk-python src/strands/telemetry/tracer.py
 */
export const strands: Dialect = {
  name: 'Strands Agents',
  // Only its first versions need it: later ones name the operation too.
  markers: ['gen_ai.agent.tools'],
  kinds: 'agent',
  column: 4,
  fields: {
    instructions: [value('system_prompt')],
    finishReason: [eventJson('gen_ai.client.inference.operation.details', 'gen_ai.output.messages', 'finish_reason')],
  },
  names: {},
  // A tool that answers with an error has not thrown one: the status of its span is OK.
  failures: { 'gen_ai.tool.status': 'error', 'tool.status': 'error' },
};
