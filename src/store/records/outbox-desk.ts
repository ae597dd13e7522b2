import { type Actor, isOpen, storedIncident } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../items.ts';
import { needless, type Teller } from '../outbox/replay.ts';
import type { OutboxState, Told } from '../outbox/row.ts';
import { auditEntry } from './audit.ts';
import { numberOf } from './incidents.ts';
import { isProblemId, problemId } from './problems.ts';
import { type Records, statement } from './records.ts';

/** A message as people look at it: all but what is in it. */
export interface OutboxMessage {
  readonly id: number;
  readonly sink: string;
  /** Or the problem that it is about. */
  readonly incident: string;
  readonly service: string;
  readonly seq: number;
  readonly transition: Told;
  readonly state: OutboxState;
  readonly attempts: number;
  readonly createdAt: Millis;
  /** When it was delivered, given up or discarded; null while it waits. */
  readonly settledAt: Millis | null;
  readonly nextAttemptAt: Millis | null;
  readonly lastError: string | null;
}

export interface OutboxQuery {
  readonly states: readonly OutboxState[];
  readonly sink?: string | undefined;
  readonly incident?: string | undefined;
  /** Services that may be seen; null: all. */
  readonly services: readonly string[] | null;
  readonly limit: number;
  /** Those with a smaller id alone. */
  readonly before?: number | undefined;
}

/** Newest first. */
export async function readMessages(records: Records, query: OutboxQuery): Promise<OutboxMessage[]> {
  let select = records
    .selectFrom('outbox')
    .select(['id', 'sink', 'incident', 'seq', 'transition', 'state', 'attempts', 'created_at', 'settled_at'])
    .select(['next_attempt_at', 'last_error', 'payload'])
    .where('state', 'in', [...query.states])
    .orderBy('id', 'desc');
  if (query.sink !== undefined) select = select.where('sink', '=', query.sink);
  if (query.incident !== undefined) select = select.where('incident', '=', query.incident);
  if (query.before !== undefined) select = select.where('id', '<', query.before);
  if (query.services !== null) {
    const seen = await namesOfServices(records, query.services);
    if (seen.length === 0) return [];
    select = select.where('incident', 'in', seen);
  }
  return (await select.limit(query.limit).execute()).map(messageOf);
}

/** What there is of some services that messages may be about. */
async function namesOfServices(records: Records, services: readonly string[]): Promise<string[]> {
  const incidents = records.selectFrom('incident').select('number').where('service', 'in', services);
  const problems = records.selectFrom('problem').select('number').where('service', 'in', services);
  return [
    ...(await incidents.execute()).map(({ number }) => `INC-${number}`),
    ...(await problems.execute()).map(({ number }) => problemId(number)),
  ];
}

/** Null: there is none. */
export async function readMessage(records: Records, id: number): Promise<OutboxMessage | null> {
  const row = await records.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : messageOf(row);
}

interface Row {
  readonly id: number;
  readonly sink: string;
  readonly incident: string;
  readonly seq: number;
  readonly transition: string;
  readonly state: string;
  readonly attempts: number;
  readonly created_at: Millis;
  readonly settled_at: Millis | null;
  readonly next_attempt_at: Millis;
  readonly last_error: string | null;
  readonly payload: string;
}

const messageOf = (row: Row): OutboxMessage => ({
  id: row.id,
  sink: row.sink,
  incident: row.incident,
  // Both have it under this name.
  service: (JSON.parse(row.payload) as { readonly service: string }).service,
  seq: row.seq,
  transition: row.transition as Told,
  state: row.state as OutboxState,
  attempts: row.attempts,
  createdAt: row.created_at,
  settledAt: row.state === 'pending' ? null : row.settled_at,
  nextAttemptAt: row.state === 'pending' ? row.next_attempt_at : null,
  lastError: row.last_error,
});

/** Said by the store when a message is no longer what it was when somebody decided about it. */
export const MESSAGE_CHANGED = 'the message has changed in the meantime';
const one = { rows: 1, otherwise: MESSAGE_CHANGED } as const;

/**
 * Puts a dead letter back among those that wait, for another 72 hours; one that needn't be said any more is superseded instead.
 * @returns why it is not sent; null: it will be
 */
export async function replay(
  records: Records,
  message: OutboxMessage,
  teller: Teller,
  by: Actor,
  now: Millis,
): Promise<{ readonly statements: readonly Statement[]; readonly needless: string | null }> {
  const { id, sink, incident, seq, transition } = message;
  const later = await records
    .selectFrom('outbox')
    .select('id')
    .where('sink', '=', sink)
    .where('incident', '=', incident)
    .where('seq', '>', seq)
    .where('state', '=', 'delivered')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const isOver = await isOverNow(records, incident);
  const reason = needless({ transition, isOvertaken: later !== undefined, isOver }, teller);
  const change =
    reason === null
      ? // When it was put back is kept in `settled_at`: from then on it has its 72 hours.
        { state: 'pending' as const, attempts: 0, next_attempt_at: now, settled_at: now }
      : { state: 'superseded' as const, superseded_by: later?.id ?? null, settled_at: now };
  const update = records.updateTable('outbox').set(change).where('id', '=', id).where('state', '=', 'dead');
  return {
    statements: [
      { ...statement(update), expect: one },
      auditEntry(by, 'delivery.replayed', { id, sink, incident, seq, state: change.state }, now),
    ],
    needless: reason,
  };
}

/** Of a problem nobody is woken, so that nothing is too late for it. */
async function isOverNow(records: Records, id: string): Promise<boolean> {
  if (isProblemId(id)) return false;
  const row = await records
    .selectFrom('incident')
    .select('record')
    .where('number', '=', numberOf(id))
    .executeTakeFirst();
  return row !== undefined && !isOpen(storedIncident(row.record));
}

/** A person decides that a message is not to be sent, and says why. */
export function discard(
  records: Records,
  { id, sink, incident, seq, state }: OutboxMessage,
  reason: string,
  by: Actor,
  now: Millis,
): Statement[] {
  const update = records
    .updateTable('outbox')
    .set({ state: 'discarded', settled_at: now })
    .where('id', '=', id)
    .where('state', '=', state);
  return [
    { ...statement(update), expect: one },
    auditEntry(by, 'delivery.discarded', { id, sink, incident, seq, from: state, reason }, now),
  ];
}
