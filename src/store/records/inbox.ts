import { sql } from 'kysely';
import type { Remote } from '../../model/delivery.ts';
import { type Incident, storedIncident } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../items.ts';
import { type Records, statement } from './records.ts';

/** An event of a tool outside, on its way into an incident. */
export interface InboxRow {
  readonly id: number;
  readonly sink: string;
  readonly receivedAt: Millis;
  /** JSON, as it was received. */
  readonly content: string;
}

/** `done`: an incident was changed. `nothing`: it was so already, or came too late. `unknown`: no such incident. */
export type Settled = 'done' | 'nothing' | 'unknown';

/** One event; nothing happens when it is known. */
export const receive = (records: Records, sink: string, event: string, content: unknown, now: Millis): Statement =>
  statement(
    records
      .insertInto('inbox')
      .values({ sink, event, received_at: now, content: JSON.stringify(content), settled_at: null })
      .onConflict((conflict) => conflict.columns(['sink', 'event']).doNothing()),
  );

/** In the order in which they came. @param after  an id */
export async function waitingEvents(records: Records, after: number, limit: number): Promise<InboxRow[]> {
  const rows = await records
    .selectFrom('inbox')
    .select(['id', 'sink', 'received_at', 'content'])
    .where('state', '=', 'waiting')
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id, sink, received_at, content }) => ({ id, sink, receivedAt: received_at, content: content! }));
}

export async function isWaiting(records: Records, id: number): Promise<boolean> {
  const row = await records.selectFrom('inbox').select('state').where('id', '=', id).executeTakeFirst();
  return row?.state === 'waiting';
}

/** What it told is forgotten, and that it was there is not. */
export const settleEvent = (records: Records, id: number, state: Settled, now: Millis): Statement =>
  statement(
    records
      .updateTable('inbox')
      .set({ state, content: null, settled_at: now })
      .where('id', '=', id)
      .where('state', '=', 'waiting'),
  );

export const forgetEvents = (records: Records, before: Millis): Statement =>
  statement(records.deleteFrom('inbox').where('settled_at', '<', before));

/** How a destination stands with an incident. */
export interface Standing {
  /** An attempt has begun, and how it ended is not known. */
  readonly isUnderWay: boolean;
  /** Something is still to be told. */
  readonly isBehind: boolean;
  /** When it was last told something. */
  readonly toldAt: Millis | null;
  /** What is known of it there; null: nothing. */
  readonly kept: { readonly row: number; readonly remote: Remote } | null;
}

export async function standingOf(records: Records, sink: string, incident: string): Promise<Standing> {
  const rows = await records
    .selectFrom('outbox')
    .select(['id', 'state', 'uncertain', 'settled_at', 'remote'])
    .where('sink', '=', sink)
    .where('incident', '=', incident)
    .orderBy('seq', 'desc')
    .execute();
  const waiting = rows.filter(({ state }) => state === 'pending');
  const told = rows.flatMap(({ state, settled_at }) => (state === 'delivered' ? (settled_at ?? []) : []));
  const known = rows.find(({ remote }) => remote !== null);
  return {
    isUnderWay: waiting.some(({ uncertain }) => uncertain === 1),
    isBehind: waiting.length > 0,
    toldAt: told.length === 0 ? null : Math.max(...told),
    kept: known === undefined ? null : { row: known.id, remote: JSON.parse(known.remote!) },
  };
}

/** What the destination is known to hold now: its next message is compared with that. */
export const keepRemote = (records: Records, row: number, remote: Remote): Statement =>
  statement(
    records
      .updateTable('outbox')
      .set({ remote: JSON.stringify(remote) })
      .where('id', '=', row),
  );

/** All incidents that can still change and that a destination knows, with what it knows them by. */
export async function toldTo(records: Records, sink: string): Promise<{ incident: Incident; remote: Remote }[]> {
  const { rows } = await sql<{ record: string; remote: string }>`
    select i.record as record, o.remote as remote from incident i
    join outbox o on o.incident = 'INC-' || i.number
    where o.sink = ${sink} and o.remote is not null and i.state not in ('closed', 'cancelled') and not exists (
      select 1 from outbox later
      where later.sink = o.sink and later.incident = o.incident and later.seq > o.seq and later.remote is not null
    )
    order by i.number`.execute(records);
  return rows.map(({ record, remote }) => ({ incident: storedIncident(record), remote: JSON.parse(remote) }));
}
