import type { SinkClass } from '../model/delivery.ts';
import type { Incident, Transition } from '../model/incident.ts';

/** A configured destination, as far as it decides what it is told of. */
export interface Listener {
  readonly name: string;
  readonly class: SinkClass;
}

/** Names of the destinations that are told of a transition, in the order of the configuration. */
export const audienceOf = (
  _incident: Incident,
  _transition: Transition,
  listeners: readonly Listener[],
): readonly string[] => listeners.map(({ name }) => name);
