import type { SinkClass } from '../model/delivery.ts';
import type { Incident, Transition } from '../model/incident.ts';
import { isCalming } from './suppression.ts';

/** A configured destination, as far as it decides what it is told of. */
export interface Listener {
  readonly name: string;
  readonly class: SinkClass;
}

/** Names of the destinations that are told of a transition, in the order of the configuration. */
export const audienceOf = (
  incident: Incident,
  transition: Transition,
  listeners: readonly Listener[],
): readonly string[] =>
  listeners.filter((listener) => !reachesPeople(listener) || !isHushed(incident, transition)).map(({ name }) => name);

/** Records and marks in time are kept whatever people are spared. */
const reachesPeople = (listener: Listener): boolean => listener.class === 'page' || listener.class === 'chat';

/** What wakes nobody passes a suppression, where it is about something that people were told before; and so does its end. */
function isHushed({ suppressedBy, withheld, timeline }: Incident, transition: Transition): boolean {
  if (withheld === 'opening') return true;
  if (suppressedBy.length > 0) return !isCalming(transition);
  return timeline.at(-1)?.event === 'unsuppressed';
}
