import { type Dialect, value } from './dialect.ts';

/** OpenLIT: its spans are OpenTelemetry GenAI; only the version of an agent has a name of its own. */
export const openlit: Dialect = {
  name: 'OpenLIT',
  markers: [],
  kinds: 'none',
  column: 4,
  fields: { serviceVersion: [value('openlit.agent.version_hash')] },
  names: {},
};
