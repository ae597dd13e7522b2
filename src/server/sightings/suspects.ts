import type { IncidentBook } from '../../incidents/book.ts';
import { type Incident, isOpen, type SuspectChange, SYSTEM } from '../../model/incident.ts';
import { logTime } from '../../model/log-time.ts';
import { MINUTE_MS, type Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import { writeIncident } from '../../store/records/incidents.ts';
import type { Records } from '../../store/records/records.ts';

/** A change that nobody has announced, as it was recorded. */
export interface SeenChange {
  readonly id: string;
  readonly service: string;
  readonly environment: string | null;
  readonly type: string;
  readonly before: string | null;
  readonly after: string;
  readonly at: Millis;
  /** The value that is new, or the model whose calls have changed. */
  readonly about: string;
}

export interface SuspectOptions {
  readonly records: Records;
  readonly book: IncidentBook;
  readonly writeIncidents: (statements: readonly Statement[]) => Promise<unknown>;
}

/** A change so long before an onset, and as long after it, may be why: both are estimates. */
const NEAR_MS: Millis = 60 * MINUTE_MS;

/**
 * Incidents that began with a change that became known only now name it, as those do that begin later. Nobody is told of that alone.
 * The caller is alone.
 */
export async function nameInIncidents(
  { records, book, writeIncidents }: SuspectOptions,
  found: readonly SeenChange[],
  now: Millis,
): Promise<void> {
  for (const incident of [...book.incidents]) {
    const suspects = found.filter((change) => isNear(change, incident));
    if (suspects.length === 0) continue;
    const named = suspects.reduce((one, change) => withSuspect(one, change, now), incident);
    await writeIncidents(writeIncident(records, { incident: named, transition: null }, SYSTEM, [], now));
    book.put(named);
  }
}

function isNear({ service, environment, at }: SeenChange, incident: Incident): boolean {
  if (!isOpen(incident) || service !== incident.service) return false;
  if (environment !== null && incident.environment !== null && environment !== incident.environment) return false;
  return at >= incident.startedAt - NEAR_MS && at <= incident.startedAt + NEAR_MS;
}

/** What was seen only until now is on record under that name. A guilty slice that is of the new value is of the change. */
function withSuspect(incident: Incident, change: SeenChange, now: Millis): Incident {
  const { id, type, before, after, at } = change;
  if (incident.changes.some((one) => one.id === id)) return incident;
  const suspect: SuspectChange = { id, type, before, after, at, origin: 'observed' };
  const others = incident.changes.filter((one) => one.id !== null || one.after !== after);
  const isGuilty = incident.slices.some(({ value }) => value.split(' & ').includes(after));
  const text = `${type.replaceAll('_', ' ')} ${after}: seen in the traffic since then, declared by nobody (${id})`;
  return {
    ...incident,
    changes: [suspect, ...others],
    causedByChange: incident.causedByChange ?? (isGuilty ? id : null),
    timeline: [...incident.timeline, { at: logTime(incident, now), by: SYSTEM, event: 'updated', text }],
  };
}
