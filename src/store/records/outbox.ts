import { sql } from 'kysely';
import type { Remote } from '../../model/delivery.ts';
import { storedIncident } from '../../model/incident.ts';
import { storedProblem } from '../../model/problem.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../items.ts';
import type { OutboxRow, Told } from '../outbox/row.ts';
import type { DeliveryEntry, Departure, OutboxStore, ProblemDeparture, Settlement } from '../outbox/store.ts';
import { auditEntry } from './audit.ts';
import { isProblemId } from './problems.ts';
import { type Records, statement } from './records.ts';

const SYSTEM = { kind: 'system', id: 'plimsoll' } as const;

/** Writes statements as one transaction; answers how many rows each changed. */
export type Write = (statements: readonly Statement[]) => Promise<readonly number[]>;

/** How it is kept that only one of several processes delivers. */
export interface SharedOutbox {
  /** As `write`, by who leads alone. */
  readonly writeLeading: Write;
  /** Until when who takes over leaves alone what another one has begun to send: that one may still hear what became of it. */
  readonly heldUntil: () => Millis;
}

/** The outbox as the dispatcher works on it, over the record tables. */
export class RecordsOutbox implements OutboxStore {
  readonly #records: Records;
  readonly #write: Write;
  readonly #shared: SharedOutbox | null;
  /** Which attempt of a row is under way here. */
  readonly #begun = new Map<string, number>();

  /** @param shared  null: nobody else works on it */
  constructor(records: Records, write: Write, shared: SharedOutbox | null = null) {
    this.#records = records;
    this.#write = write;
    this.#shared = shared;
  }

  async pending(streamsPerSink: number): Promise<readonly OutboxRow[]> {
    // The empty texts keep SQLite from indexes that look right and are not: what waits is found by that of what waits, a stream by its name.
    const { rows } = await sql<{
      id: number;
      incident: string;
      sink: string;
      seq: number;
      transition: Told;
      created_at: number;
      settled_at: number | null;
      attempts: number;
      next_attempt_at: number;
      uncertain: number;
      announced: number;
    }>`
      with waiting as (
        select min(sink) as sink, incident,
          row_number() over (partition by min(sink) order by min(created_at), incident) as place
        from outbox where state = 'pending' group by sink || '', incident
      )
      select o.id, o.incident, o.sink, o.seq, o.transition, o.created_at, o.settled_at, o.attempts, o.next_attempt_at, o.uncertain,
        exists (
          select 1 from outbox e
          where e.sink = o.sink and e.incident = o.incident and e.seq < o.seq and (e.state = 'delivered' or e.uncertain = 1)
        ) as announced
      from outbox o join waiting w on w.sink = o.sink and w.incident = o.incident
      where o.state || '' = 'pending' and w.place <= ${streamsPerSink}
      order by o.sink, o.incident, o.seq`.execute(this.#records);
    return rows.map((row) => ({
      id: String(row.id),
      incident: row.incident,
      sink: row.sink,
      seq: row.seq,
      transition: row.transition,
      createdAt: row.created_at,
      // What is put back keeps in `settled_at` when that was.
      waitsSince: row.settled_at ?? row.created_at,
      attempts: row.attempts,
      nextAttemptAt: row.next_attempt_at,
      uncertain: row.uncertain === 1,
      announced: row.announced === 1,
    }));
  }

  /** What waits, by destination: how many, and since when the oldest. */
  async backlog(): Promise<{ sink: string; messages: number; oldest: Millis }[]> {
    return this.#records
      .selectFrom('outbox')
      .select((column) => [
        'sink',
        column.fn.countAll<number>().as('messages'),
        column.fn.min('created_at').as('oldest'),
      ])
      .where('state', '=', 'pending')
      .groupBy('sink')
      .execute();
  }

  /** Of each destination: how much was given up, and when it last took something (null: nothing that is still known). */
  async standing(sinks: readonly string[]): Promise<{ sink: string; dead: number; deliveredAt: Millis | null }[]> {
    const table = this.#records.selectFrom('outbox');
    return Promise.all(
      sinks.map(async (sink) => {
        const dead = await table
          .select((column) => column.fn.countAll<number>().as('messages'))
          .where('sink', '=', sink)
          .where('state', '=', 'dead')
          .executeTakeFirst();
        const last = await table
          .select((column) => column.fn.max('settled_at').as('at'))
          .where('sink', '=', sink)
          .where('state', '=', 'delivered')
          .executeTakeFirst();
        return { sink, dead: Number(dead?.messages ?? 0), deliveredAt: last?.at ?? null };
      }),
    );
  }

  async begin(id: string): Promise<Departure | ProblemDeparture | null> {
    const held = this.#shared === null ? {} : { next_attempt_at: this.#shared.heldUntil() };
    const [begun] = await this.#writeLeading([
      statement(
        this.#records
          .updateTable('outbox')
          .set((row) => ({ attempts: row('attempts', '+', 1), uncertain: 1, ...held }))
          .where('id', '=', Number(id))
          .where('state', '=', 'pending'),
      ),
    ]);
    if (begun === 0) return null;
    const row = await this.#records
      .selectFrom('outbox')
      .select(['payload', 'sink', 'incident', 'seq', 'attempts'])
      .where('id', '=', Number(id))
      .executeTakeFirstOrThrow();
    this.#begun.set(id, row.attempts);
    if (isProblemId(row.incident)) return { problem: storedProblem(row.payload) };
    const told = await this.#records
      .selectFrom('outbox')
      .select('remote')
      .where('sink', '=', row.sink)
      .where('incident', '=', row.incident)
      .where('seq', '<=', row.seq)
      .where('remote', 'is not', null)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    return { incident: storedIncident(row.payload), remote: remoteOf(told?.remote ?? null) };
  }

  /**
   * What became of an attempt of one's own is stored whoever leads by then: it is a fact, and keeps the next leader from sending it
   * again. Of one that failed, unless another attempt has begun.
   */
  async settle(id: string, settlement: Settlement, entries: readonly DeliveryEntry[] = []): Promise<void> {
    const noted = entries.map(({ at, type, data }) => auditEntry(SYSTEM, type, data, at));
    const attempt = this.#begun.get(id);
    const update = this.#records
      .updateTable('outbox')
      .set(changesOf(settlement))
      .where('id', '=', Number(id))
      .where('state', '=', 'pending');
    if (attempt === undefined) await this.#writeLeading([statement(update), ...noted]);
    else if (settlement.state === 'delivered') await this.#write([statement(update), ...noted]);
    else await this.#write([statement(update.where('attempts', '=', attempt)), ...noted]);
    this.#begun.delete(id);
  }

  get #writeLeading(): Write {
    return this.#shared?.writeLeading ?? this.#write;
  }

  async refreshable(sink: string, now: Millis): Promise<readonly Departure[]> {
    // Of each stream the last row that left something behind: an earlier one has been overtaken.
    const { rows } = await sql<{ record: string; remote: string }>`
      select i.record as record, o.remote as remote from outbox o
      join incident i on 'INC-' || i.number = o.incident
      where o.sink = ${sink} and o.refresh_until > ${now} and not exists (
        select 1 from outbox later
        where later.sink = o.sink and later.incident = o.incident and later.seq > o.seq
          and later.state = 'delivered' and later.remote is not null
      )`.execute(this.#records);
    return rows.map((row) => ({ incident: storedIncident(row.record), remote: remoteOf(row.remote) }));
  }
}

/** Whether messages of an incident wait for some destinations, none of which may have heard of it. */
export async function isUntold(records: Records, incident: string, sinks: readonly string[]): Promise<boolean> {
  const rows = await records
    .selectFrom('outbox')
    .select(['state', 'uncertain'])
    .where('incident', '=', incident)
    .where('sink', 'in', sinks)
    .execute();
  const waiting = rows.filter(({ state }) => state === 'pending');
  return waiting.length > 0 && rows.every(({ state, uncertain }) => state !== 'delivered' && uncertain === 0);
}

/** What waits for some destinations and was never sent is not sent any more. */
export const takeBack = (records: Records, incident: string, sinks: readonly string[], at: Millis): Statement =>
  statement(
    records
      .updateTable('outbox')
      .set({ state: 'superseded', settled_at: at, superseded_by: null })
      .where('incident', '=', incident)
      .where('sink', 'in', sinks)
      .where('state', '=', 'pending')
      .where('uncertain', '=', 0),
  );

const remoteOf = (json: string | null): Remote | null => (json === null ? null : JSON.parse(json));

const leftBehind = ({ remote }: { readonly remote?: Remote }): { remote?: string } =>
  remote === undefined ? {} : { remote: JSON.stringify(remote) };

function changesOf(settlement: Settlement): Record<string, string | number | null> {
  switch (settlement.state) {
    case 'delivered':
      return {
        state: 'delivered',
        uncertain: 0,
        settled_at: settlement.at,
        ...(settlement.remote === null ? {} : { remote: JSON.stringify(settlement.remote) }),
        refresh_until: settlement.remote?.refreshUntil ?? null,
      };
    case 'pending':
      return {
        next_attempt_at: settlement.nextAttemptAt,
        uncertain: settlement.uncertain ? 1 : 0,
        last_error: settlement.lastError,
        ...leftBehind(settlement),
      };
    case 'dead':
      return {
        state: 'dead',
        settled_at: settlement.at,
        last_error: settlement.lastError,
        ...(settlement.uncertain === undefined ? {} : { uncertain: settlement.uncertain ? 1 : 0 }),
        ...leftBehind(settlement),
      };
    case 'superseded':
      return {
        state: 'superseded',
        settled_at: settlement.at,
        superseded_by: settlement.by === null ? null : Number(settlement.by),
      };
  }
}
