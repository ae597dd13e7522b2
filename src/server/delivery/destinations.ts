import { iso, type Millis } from '../../model/time.ts';
import type { Breaker } from '../../store/outbox/breaker.ts';
import type { RecordsOutbox } from '../../store/records/outbox.ts';
import type { ConfiguredSink } from './dispatcher.ts';
import type { SelfTest } from './self-tests.ts';

/** What is known of deliveries, for the API and for metrics. */
export interface Deliveries {
  readonly sinks: () => readonly ConfiguredSink[];
  readonly outbox: Pick<RecordsOutbox, 'backlog' | 'standing'>;
  readonly fallbackOf: (sink: string) => string | null;
  /** Of the process that delivers; in another one there are none. */
  readonly breakers: () => ReadonlyMap<string, Breaker>;
  /** The last one of each sink that has any. */
  readonly selfTests: () => Promise<ReadonlyMap<string, SelfTest>>;
}

export interface Standing {
  readonly sink: ConfiguredSink;
  readonly fallback: string | null;
  /** Null: another process delivers. */
  readonly breaker: Breaker | null;
  readonly waiting: number;
  readonly oldestAt: Millis | null;
  readonly dead: number;
  /** When it last took a message or a test; null: never. */
  readonly tookAt: Millis | null;
  readonly selfTest: SelfTest | null;
}

type Backlog = Awaited<ReturnType<RecordsOutbox['backlog']>>;

/** @param waits  what waits, where that has been read */
export async function standings(
  { sinks, outbox, fallbackOf, breakers, selfTests }: Deliveries,
  waits: Backlog | Promise<Backlog> = outbox.backlog(),
): Promise<readonly Standing[]> {
  const names = sinks().map(({ name }) => name);
  const [backlog, known, tests] = await Promise.all([waits, outbox.standing(names), selfTests()]);
  return sinks().map((sink) => {
    const waiting = backlog.find((one) => one.sink === sink.name);
    const standing = known.find((one) => one.sink === sink.name);
    const selfTest = tests.get(sink.name) ?? null;
    const took = [standing?.deliveredAt ?? 0, selfTest?.passedAt ?? 0];
    return {
      sink,
      fallback: fallbackOf(sink.name),
      breaker: breakers().get(sink.name) ?? null,
      waiting: Number(waiting?.messages ?? 0),
      oldestAt: waiting?.oldest ?? null,
      dead: standing?.dead ?? 0,
      tookAt: Math.max(...took) === 0 ? null : Math.max(...took),
      selfTest,
    };
  });
}

const isoOf = (at: Millis | null | undefined): string | null => (at == null ? null : iso(at));

/** The way to a destination, in a word: `open` while messages leave, `paused` when it asked for less, `down`, `gone`. */
export function wayOf(breaker: Breaker | null, now: Millis): 'open' | 'paused' | 'down' | 'gone' | null {
  if (breaker === null) return null;
  if (breaker.state === 'disabled') return 'gone';
  if (breaker.state === 'open') return 'down';
  return breaker.pausedUntil > now ? 'paused' : 'open';
}

export const destinationToJson = (standing: Standing, now: Millis) => {
  const { sink, breaker, selfTest } = standing;
  return {
    name: sink.name,
    type: sink.sink.name,
    class: sink.sink.class,
    fallback: standing.fallback,
    way: wayOf(breaker, now),
    since: isoOf(breaker === null || breaker.state === 'closed' ? null : breaker.since),
    waiting: standing.waiting,
    oldestAt: isoOf(standing.oldestAt),
    dead: standing.dead,
    tookAt: isoOf(standing.tookAt),
    selfTest:
      selfTest === null ? null : { at: iso(selfTest.at), passedAt: isoOf(selfTest.passedAt), reason: selfTest.reason },
  };
};
export type DestinationJson = ReturnType<typeof destinationToJson>;
