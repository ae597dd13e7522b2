import type { Deployment } from '../../model/config/deployment.ts';
import { hooks as hookTypes } from '../../sinks/hooks.ts';
import { destinationsOf } from '../delivery/ways.ts';
import type { Reporter } from './carry-out.ts';

/** A tool that tells something, with what it is configured by. */
export interface Caller extends Reporter {
  readonly options: unknown;
}

/** Destinations that what people do in them comes back from, and tools that only tell. */
export const callersOf = (deployment: Deployment): Caller[] => [
  ...destinationsOf(deployment).flatMap(({ name, sink, options }) =>
    sink.inbound === undefined ? [] : [{ name, inbound: sink.inbound, options }],
  ),
  ...deployment.hooks.map(({ name, type, ...options }) => ({ name, inbound: hookTypes[type], options })),
];
