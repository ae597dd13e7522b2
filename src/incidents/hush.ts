import { type Incident, isOpen } from '../model/incident.ts';
import type { Millis } from '../model/time.ts';
import { isForTheRecord } from './audience.ts';
import type { IncidentBook, Written } from './book.ts';
import {
  heardAnew,
  reassessed,
  type SuppressionSources,
  suppressionsOf,
  withFlapping,
  withheldAfter,
} from './suppression.ts';
import { descriptionOf } from './text.ts';

/**
 * What a tick has found, as it is told: what opens is suppressed by all that holds at the tick's end, in whatever order it was found.
 * Then what has begun or ended to be suppressed. The book knows all of it.
 */
export function hushed(
  written: readonly Written[],
  book: IncidentBook,
  sources: SuppressionSources,
  now: Millis,
): Written[] {
  const known = new Map<string, Pick<Incident, 'suppressedBy' | 'withheld' | 'priority'>>();
  const told = written.map(({ incident, transition }): Written => {
    const { parent } = book.byId(incident.id) ?? incident;
    const before = known.get(incident.id) ?? incident;
    const suppressedBy = heardAnew(before, incident.priority);
    const { withheld } = before;
    const begins = transition === 'opened' || transition === 'reopened';
    const standing = { ...incident, parent: begins ? parent : incident.parent, suppressedBy, withheld };
    const seen = worded(begins ? { ...standing, suppressedBy: suppressionsOf(standing, sources, now) } : standing);
    const isNews = transition !== null && !isForTheRecord(seen);
    const kept = isNews ? { ...seen, withheld: withheldAfter(seen, transition) } : seen;
    known.set(incident.id, kept);
    return { incident: kept, transition };
  });
  for (const [id, { suppressedBy, withheld }] of known) {
    const incident = book.byId(id);
    if (incident !== undefined) book.put(worded({ ...incident, suppressedBy, withheld }));
  }
  return [...told, ...reassess(book, sources, now)];
}

/** The book knows of what opens in a tick that it is suppressed, before anybody is called: nobody is to be named who is not told. */
export function foresee(
  found: readonly Written[],
  book: Pick<IncidentBook, 'byId' | 'put'>,
  sources: SuppressionSources,
  now: Millis,
): void {
  const beginning = found.filter(({ transition }) => transition === 'opened' || transition === 'reopened');
  for (const id of new Set(beginning.map(({ incident }) => incident.id))) {
    const known = book.byId(id);
    if (known !== undefined && isOpen(known)) book.put({ ...known, suppressedBy: suppressionsOf(known, sources, now) });
  }
}

/** That people are not told is said to those who are. */
const worded = (incident: Incident): Incident =>
  incident.suppressedBy.length === 0 ? incident : { ...incident, description: descriptionOf(incident) };

/** What has begun or ended to be suppressed, of all that can still change: after a silence was made or ended, too. */
export function reassess(book: IncidentBook, sources: SuppressionSources, now: Millis): Written[] {
  return book.incidents.flatMap((known) => {
    const changed = reassessed(known, standingOf(known, sources, now), now);
    if (changed === null) return [];
    const incident = { ...changed.incident, description: descriptionOf(changed.incident) };
    book.put(incident);
    return [{ ...changed, incident }];
  });
}

function standingOf(incident: Incident, sources: SuppressionSources, now: Millis): Incident['suppressedBy'] {
  const { suppressedBy } = incident;
  if (isOpen(incident)) return withFlapping(incident, suppressionsOf(incident, sources, now));
  // What is over gains nothing; what it had stands for when it is opened again.
  if (suppressedBy.length === 0 || incident.state !== 'resolved') return [];
  const standing = suppressionsOf(incident, sources, now);
  return standing.filter(({ kind, id }) => suppressedBy.some((one) => one.kind === kind && one.id === id));
}
