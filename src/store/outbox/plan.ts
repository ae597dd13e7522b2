import type { SinkClass } from '../../model/delivery.ts';
import { HOUR_MS, type Millis } from '../../model/time.ts';
import { type Breaker, passes, passesAt } from './breaker.ts';
import { coalesce, type Superseded } from './coalesce.ts';
import { type OutboxRow, streamOf } from './row.ts';

/** What waits longer is a dead letter. */
export const DEAD_AFTER_MS: Millis = 72 * HOUR_MS;

/** A configured sink, as the planner sees it. */
export interface Destination {
  readonly class: SinkClass;
  readonly everyTransition: boolean;
  readonly breaker: Breaker;
  /** Incidents of which something is under way, so that nothing else may leave. */
  readonly busy: ReadonlySet<string>;
  /** Attempts under way now, and how many may be at once (>= 1). */
  readonly underWay: number;
  readonly limit: number;
}

export interface Plan {
  /** May be sent now, oldest first. */
  readonly send: readonly OutboxRow[];
  readonly superseded: readonly Superseded[];
  readonly dead: readonly OutboxRow[];
  /** When time alone will change the plan; null: only news will. */
  readonly wakeAt: Millis | null;
}

/**
 * What may leave now. Of each stream (incident, sink) only the oldest row, and nothing while one of it is under way;
 * streams leave side by side up to the limit of their destination, as far as its breaker lets them.
 * @param rows  all pending rows; `destinations` by name: rows of one that isn't configured wait until they are dead
 */
export function planDelivery(
  rows: readonly OutboxRow[],
  now: Millis,
  destinations: ReadonlyMap<string, Destination>,
): Plan {
  const send: OutboxRow[] = [];
  const superseded: Superseded[] = [];
  const dead: OutboxRow[] = [];
  let wakeAt: Millis | null = null;
  const wake = (at: Millis): void => {
    wakeAt = wakeAt === null ? at : Math.min(wakeAt, at);
  };
  const room = new Map<string, number>();
  for (const [name, { breaker, limit, underWay }] of destinations) room.set(name, passes(breaker, limit) - underWay);

  const isOpen = (sink: string): boolean => destinations.get(sink)?.breaker.state === 'open';
  for (const stream of streamsOf(rows, isOpen)) {
    const { sink, incident } = stream[0]!;
    const destination = destinations.get(sink);
    if (destination?.busy.has(incident)) continue;
    const isDead = (row: OutboxRow): boolean => now - row.waitsSince >= DEAD_AFTER_MS;
    const waiting = stream.filter((row) => !isDead(row));
    dead.push(...stream.filter(isDead));
    if (waiting.length === 0) continue;
    wake(waiting[0]!.waitsSince + DEAD_AFTER_MS);
    if (destination === undefined) continue;
    const dropped = destination.everyTransition ? [] : coalesce(waiting, destination.class);
    superseded.push(...dropped);
    const gone = new Set(dropped.map(({ row }) => row));
    const head = waiting.find((row) => !gone.has(row));
    const opensAt = passesAt(destination.breaker);
    if (head === undefined || opensAt === null) continue;
    const dueAt = Math.max(head.nextAttemptAt, opensAt);
    if (dueAt > now) {
      wake(dueAt);
      continue;
    }
    if (room.get(sink)! <= 0) continue;
    room.set(sink, room.get(sink)! - 1);
    send.push(head);
  }
  return { send, superseded, dead, wakeAt };
}

/**
 * Streams in order of their oldest row, each in order of seq. Where one attempt alone may be made, the one that was tried least is
 * the first: a message that the destination can't take must not keep it from being found well again.
 */
function streamsOf(rows: readonly OutboxRow[], isOpen: (sink: string) => boolean): OutboxRow[][] {
  const streams = Map.groupBy(rows, streamOf);
  for (const stream of streams.values()) stream.sort((a, b) => a.seq - b.seq);
  const tries = ([{ sink, attempts }]: [OutboxRow, ...OutboxRow[]]): number => (isOpen(sink) ? attempts : 0);
  return ([...streams.values()] as [OutboxRow, ...OutboxRow[]][]).sort(
    (a, b) => tries(a) - tries(b) || a[0].createdAt - b[0].createdAt,
  );
}
