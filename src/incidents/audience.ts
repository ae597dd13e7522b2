import type { SinkClass } from '../model/delivery.ts';
import type { Incident, Transition } from '../model/incident.ts';

/** A configured destination, as far as it decides what it is told of. */
export interface Listener {
  readonly name: string;
  readonly class: SinkClass;
  /** It stands in for another one: it hears of an incident from the moment on at which that one could not be told. */
  readonly standsIn?: boolean;
}

/** Names of the destinations that are told of a transition, in the order of the configuration. */
export const audienceOf = (
  incident: Pick<Incident, 'toldInstead'>,
  _transition: Transition,
  listeners: readonly Listener[],
): readonly string[] =>
  listeners
    .filter(({ name, standsIn }) => standsIn !== true || (incident.toldInstead ?? []).includes(name))
    .map(({ name }) => name);
