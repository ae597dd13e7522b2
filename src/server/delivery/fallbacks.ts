import type { Logger } from 'pino';
import type { IncidentBook } from '../../incidents/book.ts';
import { toldInstead } from '../../incidents/fallback.ts';
import { isOpen, SYSTEM } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { outboxRow, readIncident, storeIncident } from '../../store/records/incidents.ts';
import type { Records } from '../../store/records/records.ts';
import type { Events } from '../api/events.ts';

export interface FallbacksOptions {
  readonly log: Logger;
  readonly records: Records;
  readonly book: IncidentBook;
  readonly events: Events;
  /** Who stands in for a destination, by its name; null: nobody. */
  readonly fallbackOf: (sink: string) => string | null;
  /** Destinations that wake people. */
  readonly pages: () => readonly string[];
  /** One that changes incidents. */
  readonly writeIncidents: (statements: readonly Statement[]) => Promise<unknown>;
  /** Runs while nobody else changes a record. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  readonly wakeDelivery: () => void;
  readonly now: () => Millis;
}

/** What a person has to hear another way. */
interface Missed {
  readonly incident: string;
  readonly sink: string;
  readonly why: string;
}

export const whyDead = (sink: string): string => `${sink} does not take it`;
/** So many of what was given up last. */
const LOOKED_AT = 1000;

function isOpenIn(book: IncidentBook, id: string): boolean {
  const incident = book.byId(id);
  return incident !== undefined && isOpen(incident);
}

/** Tells the stand-in of a destination what that one did not hear, or what nobody acknowledged there: once for each incident. */
export class Fallbacks {
  readonly #options: FallbacksOptions;
  /** Could not be written when it was due. */
  #owed: readonly Missed[] = [];

  constructor(options: FallbacksOptions) {
    this.#options = options;
  }

  /**
   * From here on the stand-in hears of the incident as other destinations do.
   * @param why  one phrase for the timeline: `pagerduty has not taken it for five minutes`
   * @returns who is told; null: nobody stands in, or nobody needs to hear of it any more
   */
  async tell(incident: string, sink: string, why: string): Promise<string | null> {
    try {
      return await this.#tell(incident, sink, why);
    } catch (error) {
      this.#owed = [...this.#owed, { incident, sink, why }];
      throw error;
    }
  }

  /** Tells what could not be written when it was due, and what a process that has ended did not get to: pages that were given up. */
  async catchUp(): Promise<void> {
    const owed = this.#owed;
    this.#owed = [];
    const given = await this.#givenUp().catch((error) => {
      this.#owed = [...owed, ...this.#owed];
      throw error;
    });
    const tried = await Promise.allSettled(
      [...owed, ...given].map(({ incident, sink, why }) => this.tell(incident, sink, why)),
    );
    const failed = tried.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Last pages that will not arrive, of incidents that are open. */
  async #givenUp(): Promise<readonly Missed[]> {
    const { book, records, fallbackOf, pages: destinations } = this.#options;
    const sinks = destinations().filter((sink) => fallbackOf(sink) !== null);
    if (sinks.length === 0 || !book.incidents.some(isOpen)) return [];
    const pages = records
      .selectFrom('outbox')
      .select(['incident', 'sink', 'seq', 'state'])
      .where('transition', 'in', ['opened', 'reopened', 'escalated']);
    const given = pages.where('sink', 'in', sinks).where('state', '=', 'dead').orderBy('settled_at', 'desc');
    const dead = (await given.limit(LOOKED_AT).execute()).filter(({ incident }) => isOpenIn(book, incident));
    const missed: Missed[] = [];
    for (const { incident, sink, seq } of dead) {
      const later = pages.where('incident', '=', incident).where('sink', '=', sink).where('seq', '>', seq);
      if ((await later.executeTakeFirst()) === undefined) missed.push({ incident, sink, why: whyDead(sink) });
    }
    return missed;
  }

  async #tell(incident: string, sink: string, why: string): Promise<string | null> {
    const { log, records, book, events, fallbackOf, writeIncidents, alone, wakeDelivery, now } = this.#options;
    const fallback = fallbackOf(sink);
    if (fallback === null) return null;
    return alone(async () => {
      const known = book.byId(incident) ?? (await readIncident(records, incident));
      const at = now();
      const told = known === null ? null : toldInstead(known, fallback, why, at);
      if (told === null) return null;
      // For who has not heard of it yet it is opened now, whatever has happened before.
      const message = { about: told, sink: fallback, seq: told.timeline.length, transition: 'opened' } as const;
      await writeIncidents([
        storeIncident(records, told),
        auditEntry(SYSTEM, 'delivery.told_instead', { id: incident, sink, fallback, why }, at),
        outboxRow(records, message, at),
      ]);
      book.put(told);
      log.warn({ incident, sink, fallback, why }, 'another destination is told');
      events.send('incident', { id: incident, state: told.state }, told.service);
      wakeDelivery();
      return fallback;
    });
  }
}
