import type { IncidentBook } from '../incidents/book.ts';
import { type Incident, storedIncident } from '../model/incident.ts';
import { Overloaded } from '../model/ingest.ts';
import type { Statement } from '../store/items.ts';
import { asLeader, asOf, type FencingToken, NOT_THE_LEADER, RECORDS_CHANGED } from '../store/lease.ts';
import { nextIncidentNumber, readOpenIncidents } from '../store/records/incidents.ts';
import type { Records } from '../store/records/records.ts';

/** A transaction that was refused because this process leads no more, or because its records were old. Nothing of it is stored. */
export class Outrun extends Error {
  readonly reason: typeof NOT_THE_LEADER | typeof RECORDS_CHANGED;

  constructor(reason: Outrun['reason']) {
    super(reason);
    this.reason = reason;
  }
}

/** What a refusal of the store is thrown as. */
export const refusalOf = (message: string): Error =>
  message === NOT_THE_LEADER || message === RECORDS_CHANGED ? new Outrun(message) : new Error(`not stored: ${message}`);

/** How often a change is thought out anew when others were quicker. */
const TRIES = 5;

/** How writes are kept from each other: alone on its store, a process needs none of it. */
export interface RecordsGuard {
  /** Reads back what others have changed since; answers the incidents that are other ones now. */
  refresh(): Promise<readonly Incident[]>;
  /** What the leader writes: nothing when another one leads. */
  leading(statements: readonly Statement[]): readonly Statement[];
  /** What changes incidents. Their new state is known as soon as it is stored: see `changed`. */
  changing(statements: readonly Statement[]): readonly Statement[];
  /** A transaction with `changing` was stored. */
  changed(): void;
}

/** Of a process that has its store for itself. */
export const ALONE: RecordsGuard = {
  refresh: async () => [],
  leading: (statements) => statements,
  changing: (statements) => statements,
  changed: () => {},
};

/**
 * Several processes change the incidents of one store: people through any of them, the leader as it judges. One number counts
 * these changes; who changes something names the number that it has read, and is refused when that is no longer the
 * number of the store. So nobody overwrites what he has not seen, and what was read is known to be whole.
 */
export class SharedRecords implements RecordsGuard {
  readonly #records: Records;
  readonly #book: IncidentBook;
  readonly #token: () => FencingToken | null;
  #revision = -1;

  /** @param token  what this process leads by; null while it does not */
  constructor(records: Records, book: IncidentBook, token: () => FencingToken | null) {
    this.#records = records;
    this.#book = book;
    this.#token = token;
  }

  async refresh(): Promise<readonly Incident[]> {
    const revision = await this.#stored();
    if (revision === this.#revision) return [];
    const known = new Map(this.#book.incidents.map((incident) => [incident.id, JSON.stringify(incident)]));
    // The number first: what is read may be newer than it, which refuses a change that would have been right, and no other.
    this.#book.replace(await readOpenIncidents(this.#records), await nextIncidentNumber(this.#records));
    this.#revision = revision;
    const open = new Set(this.#book.incidents.map(({ id }) => id));
    const changed = this.#book.incidents.filter((incident) => known.get(incident.id) !== JSON.stringify(incident));
    const gone = [...known].filter(([id]) => !open.has(id)).map(([, text]) => storedIncident(text));
    return [...changed, ...gone];
  }

  leading(statements: readonly Statement[]): readonly Statement[] {
    const token = this.#token();
    if (token === null) throw new Outrun(NOT_THE_LEADER);
    return [asLeader(token), ...statements];
  }

  changing(statements: readonly Statement[]): readonly Statement[] {
    return [asOf(this.#revision), ...statements];
  }

  changed(): void {
    this.#revision++;
  }

  async #stored(): Promise<number> {
    const row = await this.#records.selectFrom('record_revision').select('revision').executeTakeFirstOrThrow();
    return row.revision;
  }
}

/** Runs what changes records on what is stored, and once more on what is stored then when another process was quicker. */
export async function onCurrent<T>(guard: Pick<RecordsGuard, 'refresh'>, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    await guard.refresh();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Outrun) || error.reason !== RECORDS_CHANGED) throw error;
      if (tries === TRIES) throw new Overloaded(error.reason, 1);
    }
  }
}
