import type { MaintenanceWindow } from '../model/config/maintenance.ts';
import { type Incident, isOpen, type Suppression, SYSTEM, type Transition } from '../model/incident.ts';
import { logTime } from '../model/log-time.ts';
import { fitsAll, labelsOf, type Silence, silenceState } from '../model/silence.ts';
import type { Millis } from '../model/time.ts';
import { windowEnd } from './maintenance.ts';

/** What may keep people from being told. */
export interface SuppressionSources {
  /** All that are not over. */
  readonly silences: readonly Silence[];
  readonly windowsOf: (service: string, environment: string | null) => readonly MaintenanceWindow[];
  readonly byId: (id: string) => Incident | undefined;
}

/** Why people are not told of an incident at a moment, in a fixed order. What the law may want to be reported is never hidden. */
export function suppressionsOf(incident: Incident, sources: SuppressionSources, now: Millis): Suppression[] {
  if (isOfTheLaw(incident)) return [];
  return [
    ...silencesOf(incident, sources.silences, now),
    ...inhibitionOf(incident, sources.byId),
    ...maintenanceOf(incident, sources.windowsOf(incident.service, incident.environment), now),
    ...incident.suppressedBy.filter(({ kind }) => kind === 'flapping' && isFlapping(incident)),
    ...incident.suppressedBy.filter(({ kind, id, until }) => kind === 'silence' && isElsewhere(id) && until! > now),
  ];
}

/** That it comes and goes is told once, and then that it has stayed away. */
export const withFlapping = (incident: Incident, suppressedBy: readonly Suppression[]): readonly Suppression[] =>
  !isFlapping(incident) || suppressedBy.some(({ kind }) => kind === 'flapping')
    ? suppressedBy
    : [
        ...suppressedBy,
        { kind: 'flapping', id: incident.id, until: null, reason: 'it comes and goes, which has been told' },
      ];

/** What suppresses it when it has got a priority: that something as urgent comes and goes has not been told. */
export const heardAnew = (
  { priority, suppressedBy }: Pick<Incident, 'priority' | 'suppressedBy'>,
  now: Incident['priority'],
): readonly Suppression[] => (now < priority ? suppressedBy.filter(({ kind }) => kind !== 'flapping') : suppressedBy);

const isFlapping = (incident: Incident): boolean =>
  isOpen(incident) && incident.flags.includes('flapping') && !isOfTheLaw(incident);

/**
 * Nobody is to be woken for now: something else is known to be the cause, or it is known and wanted. What comes and goes is neither:
 * that it does is told once, and somebody has to take it up.
 */
export const isMuted = ({ suppressedBy }: Incident): boolean => suppressedBy.some(({ kind }) => kind !== 'flapping');

/** It may be a serious incident, or is held to be one: a clock of the law may be running. */
export const isOfTheLaw = ({ flags, art349, awareAt }: Incident): boolean =>
  flags.includes('serious_candidate') || (art349 !== null && art349 !== 'none') || awareAt !== null;

/** An incident is silenced when each promise that it breaks is, be it by several silences: one hides no other. */
function silencesOf(incident: Incident, silences: readonly Silence[], now: Millis): Suppression[] {
  const active = silences.filter((silence) => silenceState(silence, now) === 'active');
  if (active.length === 0) return [];
  const broken = incident.breaches.filter(({ recoveredAt }) => recoveredAt === null);
  const all = (broken.length > 0 ? broken : incident.breaches).map((breach) => labelsOf(incident, breach));
  const fitting = active.filter((silence) => all.some((labels) => fitsAll(silence, labels)));
  if (!all.every((labels) => fitting.some((silence) => fitsAll(silence, labels)))) return [];
  return fitting.map(({ id, endsAt, createdBy, comment }) => ({
    kind: 'silence',
    id,
    until: endsAt,
    reason: `silenced by ${createdBy.name ?? createdBy.id}: ${comment}`,
  }));
}

/**
 * While the incident of its upstream is open, those of that one are told, and tell what there is to be done. Not where it is more
 * urgent than the upstream's, unless that one is urgent itself.
 */
function inhibitionOf(incident: Incident, byId: SuppressionSources['byId']): Suppression[] {
  const parent = incident.parent === null ? undefined : byId(incident.parent);
  if (parent === undefined || !isOpen(parent)) return [];
  if (parent.priority > 2 && parent.priority > incident.priority) return [];
  const reason = `it follows from ${parent.id}: ${parent.service} is broken, which ${incident.service} depends on`;
  return [{ kind: 'inhibition', id: parent.id, until: null, reason }];
}

function maintenanceOf({ service }: Incident, windows: readonly MaintenanceWindow[], now: Millis): Suppression[] {
  return windows.flatMap((window): Suppression[] => {
    const until = windowEnd(window, now);
    const reason = `maintenance of ${service}${window.reason === null ? '' : `: ${window.reason}`}`;
    return until === null ? [] : [{ kind: 'maintenance', id: service, until, reason }];
  });
}

const ELSEWHERE = 'alertmanager:';
const isElsewhere = (id: string): boolean => id.startsWith(ELSEWHERE);

/** A silence that somebody has made in a tool that is told of incidents. */
export interface SilencedElsewhere {
  /** As that tool knows it. */
  readonly id: string;
  readonly by: string;
  readonly comment: string;
  readonly until: Millis;
}

/** That somebody has silenced it in Alertmanager: pages and chats follow, until it ends there. */
export function silencedElsewhere(incident: Incident, { id, by, comment, until }: SilencedElsewhere): Incident {
  const one = {
    kind: 'silence',
    id: `${ELSEWHERE}${id}`,
    until,
    reason: `silenced in Alertmanager by ${by}: ${comment}`,
  } as const;
  return { ...incident, suppressedBy: [...incident.suppressedBy.filter((known) => known.id !== one.id), one] };
}

/** What pages and chats will not have been told once a transition has been written. */
export function withheldAfter({ suppressedBy, withheld }: Incident, transition: Transition): Incident['withheld'] {
  if (transition === 'reopened' || transition === 'opened') return suppressedBy.length > 0 ? 'opening' : null;
  if (suppressedBy.length === 0 || isCalming(transition)) return withheld;
  return withheld ?? 'news';
}

/** What wakes nobody, and ends or calms what was told before. */
const CALMING: ReadonlySet<string> = new Set<Transition>(['acknowledged', 'held', 'resolved', 'closed']);
export const isCalming = (transition: Transition): boolean => CALMING.has(transition);

const isSame = (a: readonly Suppression[], b: readonly Suppression[]): boolean =>
  a.length === b.length &&
  a.every((one, i) => one.kind === b[i]!.kind && one.id === b[i]!.id && one.until === b[i]!.until);

/** What becomes of a record when what suppresses it has changed. */
export interface Reassessed {
  readonly incident: Incident;
  /** Null: the record alone follows. */
  readonly transition: 'updated' | null;
}

/**
 * An incident as it stands now that these suppress it; null: nothing changes. That it is suppressed, or is not any more, is said to
 * those who are told all the same; when it is still open and something was withheld, to pages and chats as well, once.
 */
export function reassessed(incident: Incident, suppressedBy: readonly Suppression[], now: Millis): Reassessed | null {
  const before = incident.suppressedBy;
  if (isSame(before, suppressedBy)) return null;
  const changed = { ...incident, suppressedBy };
  const entry = (
    event: 'suppressed' | 'unsuppressed' | 'disclosed',
    text: string,
    more: Partial<Incident> = {},
  ): Reassessed => ({
    incident: {
      ...changed,
      ...more,
      timeline: [...incident.timeline, { at: logTime(incident, now), by: SYSTEM, event, text }],
    },
    transition: 'updated',
  });
  if (!isOpen(incident)) return { incident: changed, transition: null };
  if (!isQuiet(suppressedBy))
    return isQuiet(before)
      ? entry('suppressed', suppressedBy.map(({ reason }) => reason).join('; '))
      : { incident: changed, transition: null };
  const isFree = suppressedBy.length === 0;
  if (isQuiet(before) && (!isFree || incident.withheld === null)) return { incident: changed, transition: null };
  if (incident.withheld === null) return entry('unsuppressed', `over is ${namesOf(before)}`);
  // What people are told now is suppressed by nothing; that it flaps is so again after it.
  const freed = { suppressedBy: [], withheld: null };
  return entry('disclosed', `still broken, told now: over is ${namesOf(before)}`, freed);
}

/** Nothing that has to be said. */
const isQuiet = (list: readonly Suppression[]): boolean => list.every(({ kind }) => kind === 'flapping');

const namesOf = (list: readonly Suppression[]): string => list.map(nameOf).join(', ');

function nameOf({ kind, id }: Suppression): string {
  switch (kind) {
    case 'silence':
      return `the silence ${id}`;
    case 'inhibition':
      return `${id}, which it followed from`;
    case 'maintenance':
      return `the maintenance of ${id}`;
    case 'flapping':
      return 'its flapping';
  }
}
