import { type ConfiguredSink, type DeliveryEvent, Dispatcher } from '../../src/server/delivery/dispatcher.ts';
import type { Http } from '../../src/sinks/sink.ts';
import type { MemoryOutbox } from '../standins/memory-outbox.ts';
import { noMail } from '../standins/no-mail.ts';
import type { VirtualTime } from '../standins/virtual-time.ts';

export interface Surroundings {
  readonly store: MemoryOutbox;
  readonly sinks: readonly ConfiguredSink[];
  readonly http: Http;
  readonly secret: (reference: string) => Promise<string>;
  readonly time: VirtualTime;
  /** In [0, 1). */
  readonly dice: () => number;
  readonly onEvent: (event: DeliveryEvent) => void;
}

/** Our process. One that was killed hears of nothing more: what it was doing goes on outside. */
export interface Process {
  readonly dispatcher: Dispatcher;
  readonly kill: () => void;
}

export function boot({ store, sinks, http, secret, time, dice, onEvent }: Surroundings): Process {
  let alive = true;
  const mortal = <T extends unknown[], R>(work: (...args: T) => Promise<R>) => {
    return async (...args: T): Promise<R> => {
      if (!alive) return new Promise<never>(() => {});
      const result = await work(...args);
      return alive ? result : new Promise<never>(() => {});
    };
  };
  const dispatcher = new Dispatcher({
    store: {
      pending: mortal((streams) => store.pending(streams)),
      begin: mortal((id) => store.begin(id)),
      settle: mortal((id, settlement) => store.settle(id, settlement)),
      refreshable: mortal((sink, now) => store.refreshable(sink, now)),
    },
    sinks,
    http: mortal(http),
    mail: noMail,
    secret,
    deployment: 'sim',
    consoleUrl: 'https://plimsoll.example.com',
    now: () => time.now,
    random: dice,
    schedule: time.schedule,
    onEvent,
  });
  dispatcher.run();
  return {
    dispatcher,
    kill: () => {
      alive = false;
      void dispatcher.stop();
    },
  };
}
