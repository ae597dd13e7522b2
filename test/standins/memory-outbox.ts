import type { Remote } from '../../src/model/delivery.ts';
import type { Incident, Transition } from '../../src/model/incident.ts';
import type { Millis } from '../../src/model/time.ts';
import { type OutboxRow, type OutboxState, streamOf } from '../../src/store/outbox/row.ts';
import type { Departure, OutboxStore, ProblemDeparture, Settlement } from '../../src/store/outbox/store.ts';

export interface StoredRow {
  readonly id: string;
  readonly incident: string;
  readonly sink: string;
  readonly seq: number;
  readonly transition: Transition;
  readonly payload: string;
  readonly createdAt: Millis;
  readonly waitsSince: Millis;
  attempts: number;
  nextAttemptAt: Millis;
  state: OutboxState;
  uncertain: boolean;
  lastError: string | null;
  supersededBy: string | null;
}

/** The outbox as a table in memory: outlives dispatchers, as the real one does. */
export class MemoryOutbox implements OutboxStore {
  readonly rows: StoredRow[] = [];
  readonly records = new Map<string, string>();
  readonly #byId = new Map<string, StoredRow>();
  readonly #streams = new Map<string, StoredRow[]>();
  /** Streams of which something waits. */
  readonly #waiting = new Set<string>();
  readonly #remotes = new Map<string, string>();

  /** The transaction that writes an incident: the record, and a row for each destination. */
  async commit(
    incident: Incident,
    seq: number,
    transition: Transition,
    at: Millis,
    sinks: readonly string[],
  ): Promise<void> {
    const payload = JSON.stringify(incident);
    this.records.set(incident.id, payload);
    for (const sink of sinks) {
      const row: StoredRow = {
        id: `${sink}/${incident.id}/${seq}`,
        incident: incident.id,
        sink,
        seq,
        transition,
        payload,
        createdAt: at,
        waitsSince: at,
        attempts: 0,
        nextAttemptAt: at,
        state: 'pending',
        uncertain: false,
        lastError: null,
        supersededBy: null,
      };
      this.rows.push(row);
      this.#byId.set(row.id, row);
      this.#streams.set(streamOf(row), [...(this.#streams.get(streamOf(row)) ?? []), row]);
      this.#waiting.add(streamOf(row));
    }
  }

  async pending(streamsPerSink: number): Promise<readonly OutboxRow[]> {
    const streams = [...this.#waiting].map((key) => this.#streams.get(key)!.filter((row) => row.state === 'pending'));
    const oldest = (stream: StoredRow[]): Millis => Math.min(...stream.map((row) => row.createdAt));
    streams.sort((a, b) => oldest(a) - oldest(b));
    const taken = new Map<string, number>();
    return streams
      .filter(([first]) => {
        taken.set(first!.sink, (taken.get(first!.sink) ?? 0) + 1);
        return taken.get(first!.sink)! <= streamsPerSink;
      })
      .flat()
      .map(({ payload, state, lastError, supersededBy, ...row }) => ({
        ...row,
        announced: this.#streams
          .get(streamOf(row))!
          .some((other) => other.seq < row.seq && (other.state === 'delivered' || other.uncertain)),
      }));
  }

  async begin(id: string): Promise<Departure | ProblemDeparture | null> {
    const row = this.#row(id);
    if (row.state !== 'pending') return null;
    row.attempts++;
    row.uncertain = true;
    return { incident: JSON.parse(row.payload) as Incident, remote: this.remoteOf(row.sink, row.incident) };
  }

  async settle(id: string, settlement: Settlement): Promise<void> {
    const row = this.#row(id);
    if (row.state !== 'pending') return;
    row.state = settlement.state;
    if (settlement.state === 'delivered' && settlement.remote !== null)
      this.#remotes.set(`${row.sink} ${row.incident}`, JSON.stringify(settlement.remote));
    if (settlement.state === 'pending') row.nextAttemptAt = settlement.nextAttemptAt;
    if (settlement.state === 'pending' || settlement.state === 'dead') {
      row.lastError = settlement.lastError;
      row.uncertain = settlement.uncertain ?? row.uncertain;
      if (settlement.remote !== undefined)
        this.#remotes.set(`${row.sink} ${row.incident}`, JSON.stringify(settlement.remote));
    }
    if (settlement.state === 'superseded') row.supersededBy = settlement.by;
    const key = streamOf(row);
    if (this.#streams.get(key)!.every(({ state }) => state !== 'pending')) this.#waiting.delete(key);
  }

  async refreshable(sink: string, now: Millis): Promise<readonly Departure[]> {
    return [...this.records].flatMap(([id, record]) => {
      const remote = this.remoteOf(sink, id);
      if ((remote?.refreshUntil ?? 0) <= now) return [];
      return [{ incident: JSON.parse(record) as Incident, remote }];
    });
  }

  remoteOf(sink: string, incident: string): Remote | null {
    const remote = this.#remotes.get(`${sink} ${incident}`);
    return remote === undefined ? null : (JSON.parse(remote) as Remote);
  }

  #row(id: string): StoredRow {
    const row = this.#byId.get(id);
    if (row === undefined) throw new Error(`no row has the id ${id}`);
    return row;
  }
}
