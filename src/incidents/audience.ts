import type { SinkClass } from '../model/delivery.ts';
import { type Incident, isOpen, type Transition } from '../model/incident.ts';
import { isOwnerSink } from './owner-sink.ts';
import { isCalming } from './suppression.ts';

/** A configured destination, as far as it decides what it is told of. */
export interface Listener {
  readonly name: string;
  readonly class: SinkClass;
  /** It is told of everything, also that half of a time has passed. */
  readonly everyTransition: boolean;
  /** A level of an escalation policy names it. */
  readonly isOfLevel: boolean;
  /** It stands in for another one: it hears of an incident from the moment on at which that one could not be told. */
  readonly standsIn: boolean;
  /** It is told of problems, too. */
  readonly hearsProblems?: boolean;
}

/**
 * Names of the destinations that are told of a transition, in the order of the configuration: pages and chats not of what is
 * suppressed; of an incident that escalates those of a level only from when that level was reached, and the owner only when no
 * level was left; those that stand in for others only when those could not be told.
 */
export function audienceOf(
  incident: Incident,
  transition: Transition,
  listeners: readonly Listener[],
): readonly string[] {
  const isAside = isForTheRecord(incident);
  const isSpared = isHushed(incident, transition);
  const told = incident.escalation?.told ?? null;
  const isCalled = ({ name, isOfLevel, standsIn }: Listener): boolean => {
    if (told?.includes(name) === true) return true;
    if (standsIn && incident.toldInstead?.includes(name) === true) return true;
    return isOfLevel ? told === null && !standsIn : !standsIn;
  };
  const hears = (listener: Listener): boolean =>
    (!isAside || listener.everyTransition) && isCalled(listener) && (!isSpared || !reachesPeople(listener));
  const owners = isAside || isSpared || told === null ? [] : told.filter(isOwnerSink);
  return [...listeners.filter(hears).map(({ name }) => name), ...owners];
}

/** Part of a time has passed, or all of it before anybody looked and it was over: nothing that people need to hear. */
export function isForTheRecord(incident: Incident): boolean {
  const event = incident.timeline.at(-1)?.event;
  return event === 'sla_warning' || (event === 'sla_breached' && !isOpen(incident));
}

/** Records and marks in time are kept whatever people are spared. */
export const reachesPeople = (listener: Pick<Listener, 'class'>): boolean =>
  listener.class === 'page' || listener.class === 'chat';

/** What wakes nobody passes a suppression, where it is about something that people were told before; and so does its end. */
function isHushed(incident: Incident, transition: Transition): boolean {
  if (incident.withheld === 'opening') return true;
  if (incident.suppressedBy.length > 0) return !isCalming(transition) && !isCallInSpite(incident);
  // Nothing was withheld: that it could have been is no news.
  return incident.timeline.at(-1)?.event === 'unsuppressed';
}

/** This is a call of its escalation: that it comes and goes has been told once, but nobody has taken it up. */
const isCallInSpite = ({ suppressedBy, escalation, timeline }: Incident): boolean =>
  suppressedBy.every(({ kind }) => kind === 'flapping') && escalation?.calls.at(-1)?.seq === timeline.length;
