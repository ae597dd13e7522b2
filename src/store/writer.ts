import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { PlanData } from '../catalog/plan-book.ts';
import { Overloaded } from '../model/ingest.ts';
import type { Millis } from '../model/time.ts';
import type { Arrivals } from './arrivals.ts';
import type { Statement, WriteItem, WriteResult } from './items.ts';
import { LogSync } from './log-sync.ts';
import type { LedgerStatus, Retention } from './store-ledger.ts';
import type { FromWriter, ToWriter, WriterOptions } from './writer-protocol.ts';

/** Packed rows waiting for the writer: beyond this the doors answer "come again". */
export const QUEUE_MAX_BYTES = 64 << 20;
/**
 * Of the writer's thread, MB. What it makes of a group is garbage when that is committed: of a smaller young generation, which is full before,
 * more is taken for old, and kept until that is collected.
 */
const SEMI_SPACE_MB = 16;
/** When to come again while all is refused, s. */
export const HELD_SECONDS = 2;
/** What a rating or a statement is taken to weigh in the queue. */
const ITEM_BYTES = 512;

export interface WriterListener {
  committed(durationMs: number, arrivals: Arrivals | null): void;
  /** The transaction failed. */
  refused(durationMs: number): void;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly bytes: number;
}

/** A writer of the store, seen from the thread of the doors: everything resolves after it is durable. */
export class Writer {
  /** Of the last commit or settlement. */
  status: LedgerStatus | null = null;
  /** Told of every group: for metrics. */
  listener: WriterListener | null = null;
  /** Told when other writers have given names: this one must be told of them, and of the plans that follow, before it goes on. */
  onBehind: () => void = () => {};
  /** Why the last transaction failed; null when it did not. */
  #refusal: string | null = null;
  readonly #worker: Worker;
  /** Null: what the thread tells of is durable. */
  readonly #log: LogSync | null;
  readonly #now: () => Millis;
  readonly #waiting = new Map<number, Waiting>();
  #queuedBytes = 0;
  #nextId = 1;
  #dead: Error | null = null;
  #isClosing = false;
  /** Why nothing may be written, and what is to be told when it may again; null: it may. */
  #hold: { readonly reason: string; readonly later: (() => void)[] } | null = null;

  private constructor(worker: Worker, log: string | null, now: () => Millis, onDeath: (error: Error) => void) {
    this.#worker = worker;
    this.#now = now;
    worker.on('message', (message: FromWriter) => this.#receive(message));
    const died = (error: Error): void => {
      if (this.#dead !== null) return;
      this.#dead = error;
      for (const waiting of this.#waiting.values()) waiting.reject(error);
      this.#waiting.clear();
      this.#log?.close();
      void worker.terminate();
      onDeath(error);
    };
    worker.on('error', died);
    worker.on('exit', (code) => {
      if (!this.#isClosing) died(new Error(`the writer's thread ended with code ${code}`));
    });
    this.#log =
      log === null
        ? null
        : new LogSync(log, (error) =>
            died(new Error(`what was written to ${log} can't be brought to the disk: ${error.message}`)),
          );
  }

  /** @param onDeath  called once when the thread fails: nothing can be stored any more, the process should end */
  static async open(
    options: WriterOptions,
    now: () => Millis,
    onDeath: (error: Error) => void,
  ): Promise<{ writer: Writer; texts: readonly string[] }> {
    const source = import.meta.url.endsWith('.ts') ? './writer-thread.ts' : './writer-thread.js';
    // The flag of this process would be the limit of its threads, too; it is looked at when a thread begins.
    setFlagsFromString(`--max-semi-space-size=${SEMI_SPACE_MB}`);
    const worker = new Worker(new URL(source, import.meta.url), { workerData: options });
    const { texts, log } = await new Promise<Extract<FromWriter, { type: 'opened' }>>((resolve, reject) => {
      worker.once('message', (message: FromWriter) => {
        if (message.type === 'opened') resolve(message);
        else reject(new Error(`the writer's thread began with ${message.type}`));
      });
      worker.once('error', reject);
    });
    worker.removeAllListeners('error');
    return { writer: new Writer(worker, log, now, onDeath), texts };
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Why nothing can be stored just now; null while it can. */
  get fault(): string | null {
    if (this.#hold !== null) return this.#hold.reason;
    if (this.#refusal !== null) return `the store refuses to write: ${this.#refusal}`;
    return this.isFull ? 'more waits to be written than may wait' : null;
  }

  /** Why everything is refused for a while; null: it is not. */
  get heldFor(): string | null {
    return this.#hold?.reason ?? null;
  }

  /** Refuses from now on what is to be written, so that it is sent again later; what was taken before is still written. */
  hold(reason: string): void {
    this.#hold ??= { reason, later: [] };
  }

  /** Ends `hold`. */
  release(): void {
    const later = this.#hold?.later ?? [];
    this.#hold = null;
    for (const tell of later) tell();
  }

  /** Writes although everything else is refused. */
  writeHeld(statements: readonly Statement[]): Promise<WriteResult> {
    return this.#send(this.#message({ type: 'statements', statements }, 1), 0, []);
  }

  get isFull(): boolean {
    return this.#queuedBytes >= QUEUE_MAX_BYTES || this.#dead !== null;
  }

  /**
   * Hands spans to the writer; the buffer is moved, not copied.
   * @throws Overloaded when too much waits, or when the transaction failed: nothing was stored, sending it again is right
   */
  async writeSpans(records: ArrayBuffer, rows: number): Promise<{ stored: number; duplicates: number }> {
    const result = await this.#write({ type: 'spans', records }, rows, records.byteLength, [records]);
    if (result.type !== 'spans') throw new Error(`spans were answered with ${result.type}`);
    return result;
  }

  /** @throws Overloaded as `writeSpans` */
  write(item: Exclude<WriteItem, { type: 'spans' }>, rows = 1): Promise<WriteResult> {
    return this.#write(item, rows, rows * ITEM_BYTES, []);
  }

  /** Tells the writer something that later items rest on; order is kept, so nobody needs to wait for it. */
  tell(item: Extract<WriteItem, { type: 'dictionary' | 'plans' }>): void {
    this.#write(item, 0, 0, []).catch(() => {
      /* The same failure reaches whatever was sent behind it; the writer keeps what it was told. */
    });
  }

  /** @returns minutes folded again because the last process did not end in order */
  recover(plans: readonly PlanData[]): Promise<number> {
    return this.#ask({ type: 'recover', id: this.#nextId++, now: this.#now(), plans });
  }

  /** Adds the tallies in memory to the stored ones: what readers see is complete up to here. While it is held, nothing is written behind that. */
  async settle(): Promise<void> {
    const isLast = this.#hold !== null;
    try {
      this.status = await this.#ask({ type: 'settle', id: this.#nextId++, now: this.#now(), isLast });
      this.#refusal = null;
    } catch (error) {
      this.#refusal = (error as Error).message;
      throw error;
    }
  }

  /**
   * Another configuration. What came until now is counted as it was; minutes that are counted otherwise from now on are
   * marked to be folded again.
   * @param plans  of all known resources; null: none differs
   */
  reconfigure(retention: Retention, plans: readonly PlanData[] | null): Promise<void> {
    return this.#ask({ type: 'reconfigure', id: this.#nextId++, now: this.#now(), retention, plans });
  }

  /** @returns minutes that are still to be folded again */
  refold(minutes: number): Promise<number> {
    return this.#ask({ type: 'refold', id: this.#nextId++, now: this.#now(), minutes });
  }

  /** The parts in which the trace may be. */
  placesOf(trace: string): Promise<readonly number[]> {
    return this.#ask({ type: 'find', id: this.#nextId++, trace });
  }

  async close(): Promise<void> {
    if (this.#dead !== null || this.#isClosing) return;
    this.#isClosing = true;
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    await this.#ask({ type: 'close', id: this.#nextId++, now: this.#now() });
    this.#dead = new Error('the store is closed');
    await ended;
    this.#log?.close();
  }

  #write(item: WriteItem, rows: number, bytes: number, transfer: ArrayBuffer[]): Promise<WriteResult> {
    if (this.#hold !== null) return this.#refuse(this.#hold, item, bytes);
    if (bytes > 0 && this.#queuedBytes >= QUEUE_MAX_BYTES)
      return Promise.reject(
        new Overloaded(`${this.#queuedBytes} bytes wait for the store, ${QUEUE_MAX_BYTES} are allowed`),
      );
    this.#queuedBytes += bytes;
    return this.#send(this.#message(item, rows), bytes, transfer);
  }

  #message(item: WriteItem, rows: number): ToWriter {
    return { type: 'write', id: this.#nextId++, rows, now: this.#now(), item };
  }

  /** What the writer is only told goes before all that is written afterwards. */
  #refuse(
    { reason, later }: { reason: string; later: (() => void)[] },
    item: WriteItem,
    bytes: number,
  ): Promise<never> {
    if (bytes === 0) later.push(() => void this.#write(item, 0, 0, []).catch(() => {}));
    return Promise.reject(new Overloaded(reason, HELD_SECONDS));
  }

  #ask<T>(message: Exclude<ToWriter, { type: 'write' }>): Promise<T> {
    return this.#send(message, 0, []);
  }

  #send<T>(message: ToWriter, bytes: number, transfer: ArrayBuffer[]): Promise<T> {
    if (this.#dead !== null) return Promise.reject(this.#dead);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(message.id, { resolve: resolve as never, reject, bytes });
      this.#worker.postMessage(message, transfer);
    });
  }

  #receive(message: FromWriter): void {
    if (this.#log === null || message.type === 'behind') this.#told(message, 0);
    else {
      const writtenAt = performance.now();
      this.#log.after(() => this.#told(message, performance.now() - writtenAt));
    }
  }

  /** @param syncMs  what it took until it was durable */
  #told(message: FromWriter, syncMs: number): void {
    switch (message.type) {
      case 'committed':
        this.status = message.status;
        this.#refusal = null;
        this.listener?.committed(message.durationMs + syncMs, message.arrivals);
        for (const { id, result } of message.answers) this.#settleWaiting(id, (one) => one.resolve(result as never));
        return;
      case 'refused':
        this.listener?.refused(message.durationMs);
        this.#refusal = message.detail;
        for (const id of message.ids)
          this.#settleWaiting(id, (one) =>
            one.reject(new Overloaded(`the store refused the transaction: ${message.detail}`, 2)),
          );
        return;
      case 'answer':
        this.#settleWaiting(message.id, (one) =>
          'error' in message ? one.reject(new Error(message.error)) : one.resolve(message.value as never),
        );
        return;
      case 'behind':
        try {
          this.onBehind();
        } catch {
          // The database does not answer: the writer will find out, too, and refuse.
        }
        this.#worker.postMessage({ type: 'learned', id: 0 } satisfies ToWriter);
        return;
      case 'opened':
        return;
    }
  }

  #settleWaiting(id: number, settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    this.#queuedBytes -= waiting.bytes;
    settle(waiting);
  }
}
