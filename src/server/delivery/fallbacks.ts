import type { Logger } from 'pino';
import type { IncidentBook } from '../../incidents/book.ts';
import { toldInstead } from '../../incidents/fallback.ts';
import { SYSTEM } from '../../model/incident.ts';
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
  /** One that changes incidents. */
  readonly writeIncidents: (statements: readonly Statement[]) => Promise<unknown>;
  /** Runs while nobody else changes a record. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  readonly wakeDelivery: () => void;
  readonly now: () => Millis;
}

/** Tells the stand-in of a destination what that one did not hear, or what nobody acknowledged there: once for each incident. */
export class Fallbacks {
  readonly #options: FallbacksOptions;

  constructor(options: FallbacksOptions) {
    this.#options = options;
  }

  /**
   * From here on the stand-in hears of the incident as other destinations do.
   * @param why  one phrase for the timeline: `pagerduty has not taken it for five minutes`
   * @returns who is told; null: nobody stands in, or nobody needs to hear of it any more
   */
  async tell(incident: string, sink: string, why: string): Promise<string | null> {
    const { log, records, book, events, fallbackOf, writeIncidents, alone, wakeDelivery, now } = this.#options;
    const fallback = fallbackOf(sink);
    if (fallback === null) return null;
    return alone(async () => {
      const known = book.byId(incident) ?? (await readIncident(records, incident));
      const at = now();
      const told = known === null ? null : toldInstead(known, fallback, why, at);
      if (told === null) return null;
      // For who has not heard of it yet it is opened now, whatever has happened before.
      const message = { incident: told, sink: fallback, seq: told.timeline.length, transition: 'opened' } as const;
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
