import type { Failure, Message, Outcome, Remote } from '../model/delivery.ts';
import { isOpen } from '../model/incident.ts';
import type { Millis } from '../model/time.ts';
import type { SinkContext } from './sink.ts';
import { Failed } from './steps.ts';

/** Searches lag behind writes: after a creation without an answer the tool is asked at once, and after each of these gaps. */
export const SEARCH_GAPS_MS: readonly Millis[] = [5_000, 30_000, 120_000];

/** A ticket as its tool shows it now. */
export interface Ticket {
  readonly id: string;
  readonly url?: string;
  /** Nothing of it can be changed any more. */
  readonly isFinal: boolean;
}

/** How one record tool is spoken to about one message. Each step throws `Failed` when it can't be done. */
export interface TicketTool<T extends Ticket, Told> {
  /** Null: there is none any more. */
  readonly read: (id: string) => Promise<T | null>;
  /** Those that carry our correlation id, oldest first, as far as the tool has found out yet. */
  readonly find: () => Promise<readonly T[]>;
  /** @param replaces  the id of one that was deleted, or is closed for good */
  readonly create: (replaces: string | null) => Promise<T>;
  /** What a new ticket says, to compare with. */
  readonly opening: Told;
  /** Brings one up to date that isn't final; it may be so already. `told` is what we said last: what differs from it there was changed by people. */
  readonly tell: (ticket: T, told: Told, isNew: boolean) => Promise<Told>;
}

/** What is kept beside the outbox. */
interface Kept<Told> {
  /** The last message that was told whole. */
  readonly seq?: number;
  readonly told?: Told;
  /** The id of the one before it. */
  readonly replaces?: string;
  readonly search?: Search;
}

/** A series of searches: how many were made, up to which attempt of which message. */
interface Search {
  readonly times: number;
  readonly seq: number;
  readonly attempt: number;
}

/**
 * One ticket for one incident, in a tool that has no idempotency key: it is known by its id once that was heard, looked for
 * before anything is created, and looked for again with growing gaps after a creation without an answer. One that was
 * deleted, or is closed for good when the incident is reopened, is created again, once.
 */
export async function keepTicket<T extends Ticket, Told>(
  message: Message,
  tool: TicketTool<T, Told>,
  warn: SinkContext<unknown>['warn'],
): Promise<Outcome> {
  const visit = new Visit(message, tool, warn);
  try {
    return await visit.make();
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return { ...error.outcome, ...visit.leftBehind(error.outcome) };
  }
}

class Visit<T extends Ticket, Told> {
  readonly #message: Message;
  readonly #tool: TicketTool<T, Told>;
  readonly #warn: SinkContext<unknown>['warn'];
  #ticket: { readonly id?: string; readonly url?: string };
  #kept: Kept<Told>;
  #isCreating = false;

  constructor(message: Message, tool: TicketTool<T, Told>, warn: SinkContext<unknown>['warn']) {
    this.#message = message;
    this.#tool = tool;
    this.#warn = warn;
    this.#ticket = message.remote ?? {};
    this.#kept = (message.remote?.state ?? {}) as Kept<Told>;
  }

  async make(): Promise<Outcome> {
    const { seq } = this.#message;
    if (this.#kept.seq !== undefined && seq <= this.#kept.seq) return { kind: 'ok' };
    const known = await this.#known();
    if (known !== null) return this.#tell(known, false);
    if (this.#ticket.id !== undefined) {
      if (this.#kept.replaces !== undefined)
        return { kind: 'permanent', reason: 'the ticket was deleted or closed for good, like the one before it' };
      this.#kept = { replaces: this.#ticket.id };
      this.#ticket = {};
    }
    const found = await this.#search();
    if (found !== null) return 'kind' in found ? found : this.#tell(found, false);
    this.#isCreating = true;
    const made = await this.#tool.create(this.#kept.replaces ?? null);
    this.#isCreating = false;
    this.#take(made);
    return this.#tell(made, true);
  }

  /** What is known by now, where anything is. A creation without an answer begins a series of searches. */
  leftBehind({ kind }: Failure): { remote?: Remote } {
    const { seq, attempt } = this.#message;
    if (this.#isCreating && kind === 'unknown') this.#kept = { ...this.#kept, search: { times: 0, seq, attempt } };
    return Object.keys(this.#kept).length === 0 ? {} : { remote: this.#remote() };
  }

  async #known(): Promise<T | null> {
    if (this.#ticket.id === undefined) return null;
    const ticket = await this.#tool.read(this.#ticket.id);
    return ticket === null || this.#isSpent(ticket) ? null : ticket;
  }

  /** Of no use any more: an incident that is open again has to have an open ticket. */
  #isSpent({ id, isFinal }: T): boolean {
    return id === this.#kept.replaces || (isFinal && this.#message.transition === 'reopened');
  }

  /** The ticket, or when to look again; null: one may be created now. */
  async #search(): Promise<T | Extract<Outcome, { kind: 'retry' }> | null> {
    const { seq, attempt } = this.#message;
    const times = searchesOf(this.#message, this.#kept);
    if (times !== null) this.#kept = { ...this.#kept, search: { times, seq, attempt } };
    const found = (await this.#tool.find()).find((ticket) => !this.#isSpent(ticket));
    if (found !== undefined) {
      this.#take(found);
      return found;
    }
    const afterMs = times === null ? undefined : SEARCH_GAPS_MS[times];
    if (afterMs === undefined) return null;
    this.#kept = { ...this.#kept, search: { times: times! + 1, seq, attempt } };
    const reason = 'there may be a ticket that searches do not show yet';
    return { kind: 'retry', reason, afterMs, waiting: true, remote: this.#remote() };
  }

  #take(ticket: T): void {
    const { search: _, ...kept } = this.#kept;
    this.#ticket = ticket;
    this.#kept = { ...kept, told: this.#tool.opening };
  }

  async #tell(ticket: T, isNew: boolean): Promise<Outcome> {
    const before = this.#kept.told ?? this.#tool.opening;
    if (ticket.isFinal && isOpen(this.#message.incident))
      this.#warn(
        'closed_there',
        'a ticket is closed for good there while its incident is open: it is told nothing more',
      );
    const told = ticket.isFinal ? before : await this.#tool.tell(ticket, before, isNew);
    this.#ticket = ticket;
    this.#kept = { ...this.#kept, seq: this.#message.seq, told };
    return { kind: 'ok', remote: this.#remote() };
  }

  #remote(): Remote {
    const { id, url } = this.#ticket;
    return { ...(id === undefined ? {} : { id }), ...(url === undefined ? {} : { url }), state: this.#kept };
  }
}

/**
 * How many searches of the series have been made; null: there is nothing to look for. An attempt that left nothing behind
 * was cut off by a crash, and may have created a ticket: the series begins anew.
 */
function searchesOf({ seq, attempt, mayHaveArrived }: Message, { search }: Kept<unknown>): number | null {
  if (search !== undefined && search.seq === seq && search.attempt === attempt - 1) return search.times;
  return search !== undefined || mayHaveArrived ? 0 : null;
}
