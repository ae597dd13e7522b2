import type { Millis } from '../../model/time.ts';
import { HOUR_MS } from '../../model/time.ts';
import type { RemoteEvent } from '../../sinks/inbound.ts';
import type { Statement } from '../../store/items.ts';
import { forgetStandings } from '../../store/records/change-standings.ts';
import {
  forgetEvents,
  type InboxRow,
  isWaiting,
  receive,
  type Settled,
  settleEvent,
  waitingEvents,
} from '../../store/records/inbox.ts';
import { carryOut, type InboundDesk, type Reporter } from './carry-out.ts';

export interface InboxOptions {
  readonly desk: InboundDesk;
  /** One transaction; answers how many rows each statement changed. */
  readonly write: (statements: readonly Statement[]) => Promise<readonly number[]>;
  /** Runs while nobody else changes a record. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  /** Destinations that report back, by the operator's names for them. */
  readonly reporters: () => readonly Reporter[];
  readonly schedule: (ms: Millis, run: () => void) => () => void;
  readonly onSettled: (sink: string, settled: Settled) => void;
  readonly report: (error: unknown) => void;
}

/** An event that is told again within this time after it was settled is known. */
export const KNOWN_FOR: Millis = 7 * 24 * HOUR_MS;
/** A change is registered here within this time after its tool has told of it last, or is not known to be approved there. */
export const STANDING_KNOWN_FOR: Millis = 30 * 24 * HOUR_MS;
const FORGET_EVERY: Millis = HOUR_MS;
const GIVE_UP_AFTER: Millis = 6 * HOUR_MS;
const READ_AT_ONCE = 200;
const AGAIN_MS: Millis = 2_000;

/** What tools have told: kept first, answered then, and dealt with after that, one by one in the order in which it came. */
export class Inbox {
  readonly #options: InboxOptions;
  #running: Promise<void> | null = null;
  #again = false;
  #cancel: () => void = () => {};
  #isStopped = false;
  #forgotAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Statements that keep events; each changes no row when it is known. */
  keep(sink: string, events: readonly RemoteEvent[]): Statement[] {
    const { desk } = this.#options;
    return events.map((event) => receive(desk.records, sink, event.id, event, desk.now()));
  }

  /** Keeps events. @returns how many of them are new */
  async take(sink: string, events: readonly RemoteEvent[]): Promise<number> {
    const { write } = this.#options;
    if (events.length === 0) return 0;
    const changes = await write(this.keep(sink, events));
    this.wake();
    return changes.filter((rows) => rows > 0).length;
  }

  /** Something waits, maybe. */
  wake(): void {
    void this.settle().catch(this.#options.report);
  }

  /** Deals with all that waits; resolves when what can be done now is done. */
  async settle(): Promise<void> {
    if (this.#isStopped) return;
    this.#again = true;
    this.#running ??= this.#run();
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#running?.catch(() => {});
  }

  async #run(): Promise<void> {
    try {
      while (this.#again && !this.#isStopped) {
        this.#again = false;
        this.#cancel();
        const isAllDone = await this.#pass();
        if (!isAllDone && !this.#isStopped) this.#cancel = this.#options.schedule(AGAIN_MS, () => this.wake());
        await this.#forget();
      }
    } finally {
      // At once: whoever comes from here on finds nothing running.
      this.#running = null;
    }
  }

  /** @returns whether nothing was left for later */
  async #pass(): Promise<boolean> {
    /** Tickets of which something is left for later: what came after it waits behind it. */
    const held = new Set<string>();
    for (let after = 0; !this.#isStopped; ) {
      const rows = await waitingEvents(this.#options.desk.records, after, READ_AT_ONCE);
      if (rows.length === 0) break;
      for (const row of rows) {
        after = row.id;
        const event = JSON.parse(row.content) as RemoteEvent;
        const ticket = `${row.sink} ${JSON.stringify(event.about)}`;
        if (held.has(ticket)) continue;
        if ((await this.#one(row, event)) === 'later') held.add(ticket);
      }
    }
    return held.size === 0;
  }

  async #one(row: InboxRow, event: RemoteEvent): Promise<Settled | 'later'> {
    const { desk, alone, write, reporters, onSettled, report } = this.#options;
    try {
      const settled = await alone(async () => {
        // Another replica may have been quicker.
        if (!(await isWaiting(desk.records, row.id))) return null;
        const reporter = reporters().find(({ name }) => name === row.sink);
        if (reporter !== undefined) return carryOut(desk, reporter, { row: row.id, receivedAt: row.receivedAt, event });
        await write([settleEvent(desk.records, row.id, 'unknown', desk.now())]);
        return 'unknown';
      });
      if (settled !== null && settled !== 'later') onSettled(row.sink, settled);
      return settled ?? 'nothing';
    } catch (error) {
      // The store takes nothing just now, most likely: it stays, and is dealt with later.
      report(error);
      return this.#giveUp(row);
    }
  }

  /** What fails for hours will not be better for it, and holds up what is behind it. */
  async #giveUp({ id, receivedAt }: InboxRow): Promise<Settled | 'later'> {
    const { desk, write, report } = this.#options;
    const now = desk.now();
    if (now - receivedAt < GIVE_UP_AFTER) return 'later';
    return write([settleEvent(desk.records, id, 'unknown', now)]).then(
      () => 'unknown',
      (error) => {
        report(error);
        return 'later';
      },
    );
  }

  async #forget(): Promise<void> {
    const { desk, write } = this.#options;
    const now = desk.now();
    if (now - this.#forgotAt < FORGET_EVERY || this.#isStopped) return;
    this.#forgotAt = now;
    await write([forgetEvents(desk.records, now - KNOWN_FOR), forgetStandings(desk.records, now - STANDING_KNOWN_FOR)]);
  }
}
