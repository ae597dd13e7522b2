import type { Listener } from '../../incidents/audience.ts';
import type { IncidentBook, Written } from '../../incidents/book.ts';
import { type Illegal, type Move, move } from '../../incidents/lifecycle.ts';
import { reworded } from '../../incidents/text.ts';
import type { Actor, Incident } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import { readIncident, writeIncident } from '../../store/records/incidents.ts';
import type { Records } from '../../store/records/records.ts';
import type { Events } from '../api/events.ts';

/** What a record is changed with, whoever changes it. */
export interface IncidentDesk {
  readonly book: IncidentBook;
  readonly records: Records;
  readonly listeners: readonly Listener[];
  readonly now: () => Millis;
  /** One transaction of what changes incidents. */
  readonly writeIncidents: (statements: readonly Statement[]) => Promise<unknown>;
  readonly wakeDelivery: () => void;
  readonly events: Events;
}

export type Applied = { readonly illegal: false; readonly incident: Incident } | Illegal;

/** An incident as it is now, also one that can't change any more; null when there is none. */
export const incidentNow = async ({ book, records }: IncidentDesk, id: string): Promise<Incident | null> =>
  book.byId(id) ?? (await readIncident(records, id));

/** One step that an incident was moved, and who has to hear of it. */
export interface Step {
  readonly moved: Written;
  readonly by: Actor;
  readonly listeners: readonly Listener[];
}

/**
 * Does to an incident what a person or a tool asked for: the record, its audit entry and the outbox are one transaction. The caller is
 * alone while it runs (`ApiContext.alone`).
 */
export async function applyMove(desk: IncidentDesk, incident: Incident, step: Move, by: Actor): Promise<Applied> {
  const moved = move(incident, step, by, desk.now());
  if (moved.illegal) return moved;
  const [worded] = await writeSteps(desk, [{ moved, by, listeners: desk.listeners }]);
  return { illegal: false, incident: worded! };
}

/**
 * Writes steps as one transaction, those of one incident in their order.
 * @param also  more of the same transaction
 * @returns the incidents as they were after each step
 */
export async function writeSteps(
  desk: IncidentDesk,
  steps: readonly Step[],
  also: readonly Statement[] = [],
): Promise<Incident[]> {
  const now = desk.now();
  const worded = steps.map(({ moved }) => reworded(moved.incident));
  await desk.writeIncidents([
    ...steps.flatMap(({ moved: { transition }, by, listeners }, i) =>
      writeIncident(desk.records, { incident: worded[i]!, transition }, by, listeners, now),
    ),
    ...also,
  ]);
  for (const incident of worded) {
    desk.book.put(incident);
    desk.events.send('incident', { id: incident.id, state: incident.state }, incident.service);
  }
  desk.wakeDelivery();
  return worded;
}
