import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { IncidentBook } from '../incidents/book.ts';
import type { Incident } from '../model/incident.ts';
import type { Millis } from '../model/time.ts';
import type { Statement } from '../store/items.ts';
import { type FencingToken, type Lease, NOT_THE_LEADER } from '../store/lease.ts';
import type { Records } from '../store/records/records.ts';
import { Leadership, type Role } from './leadership.ts';
import { ALONE, Outrun, onCurrent, type RecordsGuard, SharedRecords } from './shared-records.ts';

type Write = (statements: readonly Statement[]) => Promise<readonly number[]>;

export interface ReplicasOptions {
  /** Null: this process has its store for itself. */
  readonly lease: Lease | null;
  readonly records: Records;
  readonly book: IncidentBook;
  /** One transaction. */
  readonly write: Write;
  readonly schedule: (ms: Millis, run: () => void) => () => void;
  readonly elapsed: () => Millis;
  /** Others have changed this incident. */
  readonly onIncident: (incident: Incident) => void;
  readonly report: (error: unknown) => void;
}

/** What is to be done when another role begins. */
export interface RoleListener {
  onRole(role: Role): void;
}

/** This process among those that share its store: who leads, and how their writes are kept from each other. */
export class Replicas {
  readonly #options: ReplicasOptions;
  readonly #guard: RecordsGuard;
  readonly #leadership: Leadership | null;
  #last: Promise<unknown> = Promise.resolve();
  #looking: Promise<void> | null = null;
  listener: RoleListener = { onRole: () => {} };

  constructor(options: ReplicasOptions) {
    this.#options = options;
    const { lease, records, book, schedule, elapsed, report } = options;
    this.#leadership =
      lease === null
        ? null
        : new Leadership({
            lease,
            holder: `${hostname()} ${process.pid} ${randomUUID().slice(0, 8)}`,
            elapsed,
            schedule,
            onRound: () => void this.#lookUp().catch(report),
            onChange: (role) => this.listener.onRole(role),
            report,
          });
    this.#guard = lease === null ? ALONE : new SharedRecords(records, book, () => this.token);
  }

  get isAlone(): boolean {
    return this.#leadership === null;
  }

  /** What it leads by; null while another one does, or when it is alone. */
  get token(): FencingToken | null {
    return this.#leadership?.token ?? null;
  }

  get role(): Role | 'alone' {
    return this.#leadership?.role ?? 'alone';
  }

  /** Begins to take part. @param byHand  rounds are asked for from outside */
  async start(byHand: boolean): Promise<void> {
    await this.#leadership?.start(byHand);
  }

  /** Asks once who leads, and what others have changed. */
  async round(): Promise<void> {
    await this.#leadership?.round();
    await this.#lookUp().catch(this.#options.report);
  }

  /** Reads what others have changed, unless somebody is about to. */
  #lookUp(): Promise<void> {
    this.#looking ??= this.alone(async () => {}).finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async stop(): Promise<void> {
    await this.#leadership?.stop();
  }

  /**
   * Runs work that changes records, one after the other, on what is stored when it begins: it begins anew when another replica was
   * quicker.
   */
  readonly alone = <T>(work: () => Promise<T>): Promise<T> => {
    const run = (): Promise<T> => onCurrent(this.#announced, work);
    const next = this.#last.then(run, run);
    this.#last = next.catch(() => {});
    return next;
  };

  readonly #announced: Pick<RecordsGuard, 'refresh'> = {
    refresh: async () => {
      const changed = await this.#guard.refresh();
      for (const incident of changed) this.#options.onIncident(incident);
      return changed;
    },
  };

  /** What only a leader writes. */
  readonly writeLeading: Write = async (statements) =>
    this.#guarded(this.#guard.leading(statements), statements.length);

  /** What changes incidents, whoever leads. */
  readonly writeIncidents: Write = async (statements) => {
    const changes = await this.#guarded(this.#guard.changing(statements), statements.length);
    this.#guard.changed();
    return changes;
  };

  /** What judging writes. */
  readonly writeJudged: Write = async (statements) => {
    const changes = await this.#guarded(this.#guard.leading(this.#guard.changing(statements)), statements.length);
    this.#guard.changed();
    return changes;
  };

  /** @returns what the last `count` of them changed: the others are the guard's */
  async #guarded(statements: readonly Statement[], count: number): Promise<readonly number[]> {
    try {
      return (await this.#options.write(statements)).slice(statements.length - count);
    } catch (error) {
      if (error instanceof Outrun && error.reason === NOT_THE_LEADER) this.#leadership?.deposed();
      throw error;
    }
  }
}
