import type { Logger } from 'pino';
import type { IncidentBook } from '../../incidents/book.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import { readIncident, storeIncident } from '../../store/records/incidents.ts';
import type { Records } from '../../store/records/records.ts';
import type { Events } from '../api/events.ts';
import type { SelfMetrics } from '../metrics/self.ts';
import type { DeliveryEvent } from './dispatcher.ts';
import { type Fallbacks, whyDead } from './fallbacks.ts';

export interface DeliveryListenerOptions {
  readonly log: Logger;
  readonly metrics: Pick<SelfMetrics, 'delivered'>;
  readonly records: Records;
  readonly book: IncidentBook;
  readonly events: Events;
  /** One that changes incidents. */
  readonly writeIncidents: (statements: readonly Statement[]) => Promise<unknown>;
  /** Runs while nobody else changes a record. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  readonly now: () => Millis;
  readonly fallbacks: Pick<Fallbacks, 'tell'>;
  /** Something was given up. */
  readonly onDead: () => void;
}

/** What deliveries leave behind: counts, lines of the log, and in the incident when somebody first heard of it. */
export const deliveryListener =
  (options: DeliveryListenerOptions) =>
  (event: DeliveryEvent): void =>
    onDelivery(event, options);

function onDelivery(event: DeliveryEvent, options: DeliveryListenerOptions): void {
  const { log, metrics, now } = options;
  switch (event.type) {
    case 'attempt': {
      const { row, outcome, attempt, deliveryId, durationMs } = event;
      metrics.delivered(row.sink, RESULTS[outcome.kind], durationMs);
      if (outcome.kind === 'ok') noteNotified(options, row.incident, now());
      else log.warn({ sink: row.sink, deliveryId, attempt, reason: outcome.reason }, 'not delivered');
      return;
    }
    case 'superseded':
      return;
    case 'dead':
      log.error(
        { sink: event.row.sink, incident: event.row.incident, reason: event.reason },
        'given up: a person has to tell this destination',
      );
      options.onDead();
      return;
    case 'breaker':
      log.warn({ sink: event.sink, from: event.from, to: event.to }, 'the way to a destination changed');
      return;
    case 'page_path_down':
      log.error({ sink: event.sink }, 'a destination that wakes people is out of reach');
      return;
    case 'page_missed': {
      const { sink, incident, why } = event;
      const text = why === 'dead' ? whyDead(sink) : `${sink} has not taken it for five minutes`;
      options.fallbacks
        .tell(incident, sink, text)
        .catch((error) => log.error({ err: error, incident, sink }, 'nobody could be told instead'));
      return;
    }
    case 'refresh_failed':
      log.warn({ sink: event.sink, reason: event.reason }, 'open alerts could not be said again');
      return;
    case 'warning':
      log.warn({ sink: event.sink, code: event.code }, event.text);
      return;
    case 'store_failed':
      log.error({ err: event.error }, 'the outbox could not be read or written');
  }
}

const RESULTS = { ok: 'ok', permanent: 'dead', retry: 'retry', unknown: 'unknown' } as const;

/** The first time that a destination took the news. No transition: nobody needs to be told of it. */
function noteNotified(options: DeliveryListenerOptions, id: string, at: Millis): void {
  const { log, records, book, events, writeIncidents, alone } = options;
  alone(async () => {
    const incident = book.byId(id) ?? (await readIncident(records, id));
    if (incident === null || incident.notifiedAt !== null) return;
    const notified = { ...incident, notifiedAt: at };
    await writeIncidents([storeIncident(records, notified)]);
    book.put(notified);
    events.send('incident', { id, state: notified.state }, notified.service);
  }).catch((error) => log.error({ err: error, incident: id }, 'when it was first told was not stored'));
}
