import { giveUp } from './give-up.ts';

const SMALLEST = 2 ** 16;
const LARGEST = 2 ** 26;

/**
 * Buffers to read bodies into, by size: powers of two from 64 KiB to 64 MiB. They are lent, given back and lent again, so
 * that a steady stream of bodies needs no fresh memory.
 */
export class BufferPool {
  readonly #idle = new Map<number, Buffer[]>();
  readonly #maxIdleBytes: number;
  #idleBytes = 0;

  /** @param maxIdleBytes  what is kept for the next at most; the rest is freed */
  constructor(maxIdleBytes: number) {
    this.#maxIdleBytes = maxIdleBytes;
  }

  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** The size of the buffer that `take` lends for so many bytes. */
  static sizeFor(bytes: number): number {
    if (bytes > LARGEST) return bytes;
    return bytes <= SMALLEST ? SMALLEST : 2 ** Math.ceil(Math.log2(bytes));
  }

  take(bytes: number): Buffer {
    const size = BufferPool.sizeFor(bytes);
    const buffer = this.#idle.get(size)?.pop();
    if (buffer === undefined) return Buffer.allocUnsafeSlow(size);
    this.#idleBytes -= size;
    return buffer;
  }

  giveBack(buffer: Buffer): void {
    const size = buffer.length;
    if (size > LARGEST || this.#idleBytes + size > this.#maxIdleBytes) {
      giveUp(buffer);
      return;
    }
    const idle = this.#idle.get(size);
    if (idle === undefined) this.#idle.set(size, [buffer]);
    else idle.push(buffer);
    this.#idleBytes += size;
  }
}
