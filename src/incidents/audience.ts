import type { SinkClass } from '../model/delivery.ts';
import type { Incident, Transition } from '../model/incident.ts';
import { isOwnerSink } from './owner-sink.ts';

/** A configured destination, as far as it decides what it is told of. */
export interface Listener {
  readonly name: string;
  readonly class: SinkClass;
  /** It is told of everything, also that half of a time has passed. */
  readonly everyTransition: boolean;
  /** A level of an escalation policy names it. */
  readonly isOfLevel: boolean;
}

/**
 * Names of the destinations that are told of a transition, in the order of the configuration: of an incident that escalates
 * those of a level only from when that level was reached, and the owner only when no level was left.
 */
export function audienceOf(
  incident: Incident,
  _transition: Transition,
  listeners: readonly Listener[],
): readonly string[] {
  const isWarning = incident.timeline.at(-1)?.event === 'sla_warning';
  const told = incident.escalation?.told ?? null;
  const hears = ({ name, everyTransition, isOfLevel }: Listener): boolean =>
    (!isWarning || everyTransition) && (!isOfLevel || told === null || told.includes(name));
  const owners = isWarning || told === null ? [] : told.filter(isOwnerSink);
  return [...listeners.filter(hears).map(({ name }) => name), ...owners];
}
