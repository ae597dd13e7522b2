import { type Actor, SYSTEM } from '../../model/incident.ts';
import { iso, type Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';

/** The same thing is written down once in so long: nobody fills the disk by asking. */
const ONCE_IN: Millis = 60_000;
const KEYS_MAX = 10_000;
/** So many entries a minute are written of those who are refused, from however many addresses; the others are counted. */
export const ENTRIES_MAX = 600;
export interface AccessLogOptions {
  readonly write: (statements: readonly Statement[]) => Promise<unknown>;
  readonly now: () => Millis;
  readonly report: (error: unknown) => void;
}

/** Who came in and who did not, in the audit trail. */
export class AccessLog {
  readonly #options: AccessLogOptions;
  readonly #noted = new Map<string, Millis>();
  #last: Promise<unknown> = Promise.resolve();
  #minute = { since: 0, written: 0, passedOver: 0 };

  constructor(options: AccessLogOptions) {
    this.#options = options;
  }

  /** An entry, to be written in the transaction of what it records. */
  entry(by: Actor, type: string, data: Readonly<Record<string, unknown>>): Statement {
    const { now } = this.#options;
    return auditEntry(by, type, data, now());
  }

  /** Writes an entry of its own, of somebody who was refused; whoever is answered does not wait for it. */
  note(by: Actor, type: string, data: Readonly<Record<string, unknown>>): void {
    const now = this.#options.now();
    if (Math.abs(now - this.#minute.since) >= ONCE_IN) this.#beginMinute(now);
    if (this.#minute.written >= ENTRIES_MAX) this.#minute.passedOver++;
    else {
      this.#minute.written++;
      this.#write(by, type, data);
    }
  }

  #beginMinute(now: Millis): void {
    const { since, passedOver } = this.#minute;
    this.#minute = { since: now, written: 0, passedOver: 0 };
    if (passedOver === 0) return;
    const data = { reason: 'more than are written down', count: passedOver, since: iso(since) };
    this.#write(SYSTEM, 'access.refused', data);
  }

  #write(by: Actor, type: string, data: Readonly<Record<string, unknown>>): void {
    const { write, report } = this.#options;
    this.#last = write([this.entry(by, type, data)]).catch(report);
  }

  /** The same where nothing with this key was noted for a minute. */
  noteOnce(key: string, by: Actor, type: string, data: Readonly<Record<string, unknown>>): void {
    const now = this.#options.now();
    const before = this.#noted.get(key);
    if (before !== undefined && Math.abs(now - before) < ONCE_IN) return;
    this.#noted.delete(key);
    if (this.#noted.size >= KEYS_MAX) this.#noted.delete(this.#noted.keys().next().value!);
    this.#noted.set(key, now);
    this.note(by, type, data);
  }

  /** Resolves when what was noted is stored, or was reported. */
  async written(): Promise<void> {
    this.#beginMinute(this.#options.now());
    await this.#last;
  }
}
