import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { WriteItem } from './items.ts';
import type { FromWriter, ToWriter } from './writer-protocol.ts';

/** So long the one who makes plans is waited for, ms. */
const LEARN_MS = 20_000;
const POLL_MS = 1;
const PAUSE = new Int32Array(new SharedArrayBuffer(4));
/** What a writer is told, not asked to store: it may be told again. */
const TELLS: ReadonlySet<WriteItem['type']> = new Set(['dictionary', 'plans']);

/** What a writer's thread is told, in its order. */
export class WriterInbox {
  readonly #port: MessagePort;
  /** Taken from the port, and not done yet. */
  readonly #held: ToWriter[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
  }

  post(message: FromWriter): void {
    this.#port.postMessage(message);
  }

  /** @param work  called when anything has come, and takes all of it */
  onMessages(work: () => void): void {
    this.#port.on('message', (message: ToWriter) => {
      this.#held.push(message);
      work();
    });
  }

  next(): ToWriter | undefined {
    return this.#held.shift() ?? this.#receive();
  }

  /** It is the next one again. */
  putBack(message: ToWriter): void {
    this.#held.unshift(message);
  }

  close(): void {
    this.#port.close();
  }

  /** Asks for what other writers have named, and for the plans that follow from it; what else comes meanwhile waits. */
  learn(): readonly WriteItem[] {
    const learned: WriteItem[] = [];
    this.post({ type: 'behind' });
    for (const until = performance.now() + LEARN_MS; performance.now() < until; ) {
      const message = this.#receive();
      if (message === undefined) Atomics.wait(PAUSE, 0, 0, POLL_MS);
      else if (message.type === 'learned') return learned;
      else {
        this.#held.push(message);
        if (message.type === 'write' && TELLS.has(message.item.type)) learned.push(message.item);
      }
    }
    return learned;
  }

  #receive(): ToWriter | undefined {
    return receiveMessageOnPort(this.#port)?.message as ToWriter | undefined;
  }
}
