import type { Checkpoint, Outcome } from '../../model/delivery.ts';
import { SYSTEM } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import type { Http, Mail, SinkContext } from '../../sinks/sink.ts';
import { backoffMs } from '../../store/outbox/backoff.ts';
import { DEAD_AFTER_MS } from '../../store/outbox/plan.ts';
import { auditEntry } from '../../store/records/audit.ts';
import type { Write } from '../../store/records/outbox.ts';
import { type Records, statement } from '../../store/records/records.ts';
import type { ConfiguredSink } from '../delivery/dispatcher.ts';

export interface AnchorsOptions {
  readonly records: Records;
  readonly write: Write;
  readonly sinks: readonly ConfiguredSink[];
  readonly http: Http;
  readonly mail: Mail;
  readonly secret: (reference: string) => Promise<string>;
  readonly deployment: string;
  readonly consoleUrl: () => string;
  readonly now: () => Millis;
  /** In [0, 1). */
  readonly random: () => number;
  /** Runs something later, once; the answer takes it back. */
  readonly schedule: (ms: Millis, run: () => void) => () => void;
  readonly onAttempt: (sink: string, result: 'ok' | 'retry' | 'dead', reason: string | null) => void;
  readonly onFailure: (error: unknown) => void;
}

interface Waiting {
  readonly id: number;
  readonly sink: string;
  readonly head: string;
  readonly attempts: number;
  readonly created_at: Millis;
  readonly next_attempt_at: Millis;
}

const LOOK_AGAIN_MS: Millis = 60_000;

/**
 * Takes signed heads to where they are kept outside: at least once, each destination's in order, with the pauses and the end of
 * patience that incidents have. Every attempt is an entry of the log.
 */
export class Anchors {
  readonly #options: AnchorsOptions;
  #work: Promise<void> | null = null;
  #again = false;
  #isStopped = false;
  #cancel: () => void = () => {};

  constructor(options: AnchorsOptions) {
    this.#options = options;
  }

  /** A head waits, perhaps. */
  wake(): void {
    if (this.#isStopped) return;
    this.#again = true;
    this.#cancel();
    this.#work ??= this.#run().finally(() => {
      this.#work = null;
    });
  }

  /** Begins nothing more; resolves when what is under way is settled. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#work;
  }

  /** Goes on after `stop`. */
  resume(): void {
    this.#isStopped = false;
    this.wake();
  }

  /** What is under way and what is due is done. */
  async settled(): Promise<void> {
    while (this.#work !== null) await this.#work;
  }

  async #run(): Promise<void> {
    let wakeAt: Millis | null = null;
    while (this.#again && !this.#isStopped) {
      this.#again = false;
      try {
        const dues = await Promise.all(this.#options.sinks.map((sink) => this.#serve(sink)));
        wakeAt = dues.reduce((first, at) => (at === null ? first : Math.min(first ?? at, at)), null);
      } catch (error) {
        this.#options.onFailure(error);
        wakeAt = this.#options.now() + LOOK_AGAIN_MS;
      }
    }
    if (this.#isStopped || wakeAt === null) return;
    const waitMs = Math.min(LOOK_AGAIN_MS, Math.max(0, wakeAt - this.#options.now()));
    this.#cancel = this.#options.schedule(waitMs, () => this.wake());
  }

  /** Sends what waits for a destination until one fails. @returns when there is more to do; null: nothing waits */
  async #serve(sink: ConfiguredSink): Promise<Millis | null> {
    while (!this.#isStopped) {
      const waiting = await this.#oldest(sink.name);
      if (waiting === null) return null;
      if (waiting.next_attempt_at > this.#options.now()) return waiting.next_attempt_at;
      await this.#attempt(sink, waiting);
    }
    return null;
  }

  async #oldest(sink: string): Promise<Waiting | null> {
    const row = await this.#options.records
      .selectFrom('audit_anchor')
      .select(['id', 'sink', 'head', 'attempts', 'created_at', 'next_attempt_at'])
      .where('sink', '=', sink)
      .where('state', '=', 'pending')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
    return row ?? null;
  }

  async #attempt(sink: ConfiguredSink, waiting: Waiting): Promise<void> {
    const { records, write, now, random, deployment, onAttempt } = this.#options;
    const head = JSON.parse(waiting.head);
    const checkpoint: Checkpoint = {
      deliveryId: `plimsoll-${deployment}-audit-${waiting.id}`,
      log: head.head.log,
      size: head.head.size,
      at: Date.parse(head.head.ts),
      head,
    };
    const outcome = await this.#send(sink, checkpoint);
    const at = now();
    const attempt = waiting.attempts + 1;
    const isDead = outcome.kind === 'permanent' || (outcome.kind !== 'ok' && at - waiting.created_at >= DEAD_AFTER_MS);
    const reason = outcome.kind === 'ok' ? null : outcome.reason;
    const pauseMs =
      outcome.kind === 'retry' || outcome.kind === 'unknown' ? backoffMs(attempt, random(), outcome.afterMs) : 0;
    const state = outcome.kind === 'ok' ? 'delivered' : isDead ? 'dead' : 'pending';
    await write([
      statement(
        records
          .updateTable('audit_anchor')
          .set({
            state,
            attempts: attempt,
            // A clock of whole milliseconds and no pause at all would be a loop without an end.
            next_attempt_at: at + Math.max(1, pauseMs),
            last_error: reason,
            settled_at: state === 'pending' ? null : at,
          })
          .where('id', '=', waiting.id),
      ),
      auditEntry(
        SYSTEM,
        'audit.anchor_attempted',
        {
          sink: sink.name,
          deliveryId: checkpoint.deliveryId,
          size: checkpoint.size,
          attempt,
          outcome: outcome.kind,
          state,
          reason,
        },
        at,
      ),
    ]);
    onAttempt(sink.name, state === 'delivered' ? 'ok' : state === 'dead' ? 'dead' : 'retry', reason);
  }

  async #send({ name, sink, options }: ConfiguredSink, checkpoint: Checkpoint): Promise<Outcome> {
    const { http, mail, now, secret, deployment, consoleUrl, onFailure } = this.#options;
    const context: SinkContext<unknown> = {
      options,
      http,
      mail,
      now,
      secret,
      deployment,
      consoleUrl: consoleUrl(),
      warn: () => {},
    };
    try {
      return await sink.anchor!(checkpoint, context);
    } catch (error) {
      onFailure(error);
      return { kind: 'unknown', reason: `the sink ${name} failed (${(error as Error).name})` };
    }
  }
}
