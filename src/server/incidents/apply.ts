import type { Listener } from '../../incidents/audience.ts';
import type { IncidentBook } from '../../incidents/book.ts';
import { type Illegal, type Move, move } from '../../incidents/lifecycle.ts';
import { descriptionOf, summaryOf } from '../../incidents/text.ts';
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

/**
 * Does to an incident what a person or a tool asked for: the record, its audit entry, the outbox and `also` are one transaction. The
 * caller is alone while it runs (`ApiContext.alone`).
 * @param listeners  who may be told; all destinations when nothing is said
 * @param also  more of the same transaction
 */
export async function applyMove(
  desk: IncidentDesk,
  incident: Incident,
  step: Move,
  by: Actor,
  { listeners = desk.listeners, also = [] }: { listeners?: readonly Listener[]; also?: readonly Statement[] } = {},
): Promise<Applied> {
  const now = desk.now();
  const done = move(incident, step, by, now);
  if (done.illegal) return done;
  const worded = { ...done.incident, summary: summaryOf(done.incident), description: descriptionOf(done.incident) };
  await desk.writeIncidents([
    ...writeIncident(desk.records, { incident: worded, transition: done.transition }, by, listeners, now),
    ...also,
  ]);
  desk.book.put(worded);
  desk.wakeDelivery();
  desk.events.send('incident', { id: worded.id, state: worded.state }, worded.service);
  return { illegal: false, incident: worded };
}
