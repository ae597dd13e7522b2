import { HOUR_MS, type Millis } from '../../model/time.ts';
import type { Look, Poll } from '../../sinks/inbound.ts';
import type { SinkContext } from '../../sinks/sink.ts';
import { Failed } from '../../sinks/steps.ts';
import type { Statement } from '../../store/items.ts';
import { backoffMs } from '../../store/outbox/backoff.ts';
import { toldTo } from '../../store/records/inbox.ts';
import { type Records, statement } from '../../store/records/records.ts';
import type { ConfiguredSink } from '../delivery/dispatcher.ts';
import type { Ways } from '../delivery/watched.ts';
import type { Inbox } from './inbox.ts';
import { referredTo } from './standings.ts';

export interface PollerOptions {
  readonly records: Records;
  readonly inbox: Pick<Inbox, 'keep' | 'wake'>;
  /** One transaction of who leads. */
  readonly write: (statements: readonly Statement[]) => Promise<unknown>;
  readonly sinks: () => readonly ConfiguredSink[];
  readonly ways: () => Ways;
  readonly secret: (reference: string) => Promise<string>;
  readonly deployment: string;
  readonly consoleUrl: () => string;
  readonly now: () => Millis;
  /** In [0, 1). */
  readonly random: () => number;
  readonly schedule: (ms: Millis, run: () => void) => () => void;
  /** Whether this process judges and delivers: it alone asks. */
  readonly leads: () => boolean;
  readonly onPolled: (sink: string, result: 'ok' | 'failed', reason: string | null) => void;
  readonly warn: (sink: string, code: string, text: string) => void;
}

/** How things are with one destination that is asked. */
interface Line {
  at: Millis;
  failures: number;
  isBusy: boolean;
}

const LOOK_EVERY: Millis = 5_000;
const SAME_WARNING_MS: Millis = HOUR_MS;

/** Asks tools that don't call: each every so often, and less and less often while it fails. What it finds goes through the inbox. */
export class Poller {
  readonly #options: PollerOptions;
  readonly #lines = new Map<string, Line>();
  readonly #warnedAt = new Map<string, Millis>();
  readonly #work = new Set<Promise<void>>();
  #cancel: () => void = () => {};
  #isRunning = false;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** Looks by itself from now on. */
  run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#later();
  }

  #later(): void {
    if (!this.#isRunning) return;
    this.#cancel = this.#options.schedule(LOOK_EVERY, () => {
      void this.round();
      this.#later();
    });
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancel();
    await Promise.all(this.#work);
  }

  /** Asks all whose time has come; resolves when they have answered. */
  async round(): Promise<void> {
    const { sinks, now, leads } = this.#options;
    if (!leads()) return;
    const due = sinks().flatMap((configured) => {
      const poll = configured.sink.inbound?.poll;
      const everyMs = poll?.everyMs(configured.options) ?? null;
      if (poll === undefined || everyMs === null) return [];
      const line = this.#lineOf(configured.name);
      if (line.isBusy || now() < line.at) return [];
      return [this.#ask(configured, poll, everyMs, line)];
    });
    for (const work of due) {
      this.#work.add(work);
      void work.finally(() => this.#work.delete(work));
    }
    await Promise.all(due);
  }

  #lineOf(name: string): Line {
    const known = this.#lines.get(name);
    if (known !== undefined) return known;
    const line: Line = { at: Number.NEGATIVE_INFINITY, failures: 0, isBusy: false };
    this.#lines.set(name, line);
    return line;
  }

  async #ask(configured: ConfiguredSink, poll: Poll<unknown>, everyMs: Millis, line: Line): Promise<void> {
    const { now, random, onPolled } = this.#options;
    const { name } = configured;
    line.isBusy = true;
    try {
      await this.#look(configured, poll);
      line.failures = 0;
      line.at = now() + everyMs;
      onPolled(name, 'ok', null);
    } catch (error) {
      line.failures++;
      const { reason, afterMs } = failureOf(error);
      // Never sooner than when all is well.
      line.at = now() + everyMs + backoffMs(line.failures + PATIENCE, random(), afterMs);
      onPolled(name, 'failed', reason);
    } finally {
      line.isBusy = false;
    }
  }

  /** What was found and where the next look begins are one transaction: nothing is passed over, whatever happens in between. */
  async #look(configured: ConfiguredSink, poll: Poll<unknown>): Promise<void> {
    const { records } = this.#options;
    const { name } = configured;
    const context = this.#contextOf(configured);
    try {
      await this.#lookAtChanges(name, poll, context);
    } finally {
      await this.#keep(name, `poll ${name}`, async (cursor) => poll.look(cursor, await toldTo(records, name), context));
    }
  }

  async #lookAtChanges(name: string, poll: Poll<unknown>, context: SinkContext<unknown>): Promise<void> {
    const { changes } = poll;
    if (changes === undefined) return;
    const asked = (await referredTo(this.#options.records, name)).map(({ id, externalRefs, timeline }) => ({
      reference: externalRefs[name]!,
      mark: `${timeline.length} ${id}`,
    }));
    if (asked.length > 0) await this.#keep(name, `poll changes ${name}`, (cursor) => changes(cursor, asked, context));
  }

  async #keep(name: string, setting: string, look: (cursor: unknown) => Promise<Look>): Promise<void> {
    const { records, inbox, write } = this.#options;
    const stored = await records.selectFrom('setting').select('value').where('name', '=', setting).executeTakeFirst();
    const { events, cursor } = await look(cursorIn(stored?.value));
    const value = JSON.stringify(cursor);
    if (events.length === 0 && value === stored?.value) return;
    await write([
      ...inbox.keep(name, events),
      statement(
        records
          .insertInto('setting')
          .values({ name: setting, value })
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ value })),
      ),
    ]);
    if (events.length > 0) inbox.wake();
  }

  #contextOf({ name, options }: ConfiguredSink): SinkContext<unknown> {
    const { ways, now, secret, deployment, consoleUrl } = this.#options;
    const warn = (code: string, text: string): void => {
      const key = `${name} ${code}`;
      if (now() - (this.#warnedAt.get(key) ?? Number.NEGATIVE_INFINITY) < SAME_WARNING_MS) return;
      this.#warnedAt.set(key, now());
      this.#options.warn(name, code, text);
    };
    return { options, ...ways(), now, secret, deployment, consoleUrl: consoleUrl(), warn };
  }
}

/** The first failure waits for up to half a minute more, the fifth for up to a quarter of an hour. */
const PATIENCE = 5;

const cursorIn = (text: string | undefined): unknown => (text === undefined ? null : JSON.parse(text));

/** A fault of ours may hold anything in its message. */
function failureOf(error: unknown): { reason: string; afterMs: Millis | undefined } {
  if (!(error instanceof Failed)) return { reason: 'it could not be looked at', afterMs: undefined };
  const { reason } = error.outcome;
  return { reason, afterMs: 'afterMs' in error.outcome ? error.outcome.afterMs : undefined };
}
