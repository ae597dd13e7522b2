import type { ConfiguredSink } from '../delivery/dispatcher.ts';
import type { Reporter } from './carry-out.ts';

/** Destinations that what people do in them comes back from. */
export const reportersOf = (sinks: readonly ConfiguredSink[]): Reporter[] =>
  sinks.flatMap(({ name, sink }) => (sink.inbound === undefined ? [] : [{ name, inbound: sink.inbound }]));
