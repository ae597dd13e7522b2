import type { Logger } from 'pino';
import type { ChangeRecord } from '../../model/change.ts';
import type { Outcome } from '../../model/delivery.ts';
import type { SinkContext } from '../../sinks/sink.ts';
import type { Breaker } from '../../store/outbox/breaker.ts';
import type { Write } from '../../store/records/outbox.ts';
import type { Records } from '../../store/records/records.ts';
import { contextOf, type Surroundings } from './contexts.ts';
import type { ConfiguredSink } from './dispatcher.ts';
import type { Ways } from './watched.ts';

/** What is sent beside the messages about incidents: by the one who delivers, again until it was taken. */
export interface ErrandOptions extends Surroundings {
  readonly log: Logger;
  readonly records: Records;
  /** By who leads alone. */
  readonly write: Write;
  /** Of the services that are declared. */
  readonly supportGroups: () => readonly string[];
  readonly sinks: () => readonly ConfiguredSink[];
  readonly ways: () => Ways;
  readonly breakers: () => ReadonlyMap<string, Breaker>;
  /** Who approves the changes of a service, as its file says; null: it does not say. */
  readonly changeGroupOf: (about: Pick<ChangeRecord, 'service' | 'environment'>) => string | null;
}

/** Sends one thing; never throws for what the other side does. */
export async function sendTo(
  sink: ConfiguredSink,
  options: ErrandOptions,
  send: (context: SinkContext<unknown>) => Promise<Outcome>,
): Promise<Outcome> {
  const warn = (code: string, text: string): void => options.log.warn({ sink: sink.name, code }, text);
  try {
    return await send(contextOf(sink, options.ways(), options, warn));
  } catch (error) {
    options.log.error({ sink: sink.name, err: error }, 'a sink failed');
    return { kind: 'permanent', reason: `the sink failed (${error instanceof Error ? error.name : typeof error})` };
  }
}
