import type { BytesInFlight } from './in-flight.ts';
import { BufferPool } from './pool.ts';
import { comeAgain, Refusal } from './refusal.ts';

/** What bodies share: memory, and the count of what is in use. */
export interface BodyRoom {
  readonly pool: BufferPool;
  readonly inFlight: BytesInFlight;
  readonly maxBodyBytes: number;
}

/** A body while it comes in, in a lent buffer that grows; the bytes lent count as in flight until `release`. */
export class BodyBuffer {
  readonly #room: BodyRoom;
  #buffer: Buffer;
  #length = 0;

  /** @throws Refusal when there is no room for `expected` bytes */
  constructor(room: BodyRoom, expected: number) {
    this.#room = room;
    if (!room.inFlight.take(BufferPool.sizeFor(expected))) throw crowded(room);
    this.#buffer = room.pool.take(expected);
  }

  /** Valid until `release`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** @throws Refusal when that is more than a body may have, or more than there is room for */
  append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#room.maxBodyBytes) throw tooLarge(this.#room.maxBodyBytes, 'unpacked');
    if (length > this.#buffer.length) this.#grow(length);
    chunk.copy(this.#buffer, this.#length);
    this.#length = length;
  }

  release(): void {
    this.#room.inFlight.giveBack(this.#buffer.length);
    this.#room.pool.giveBack(this.#buffer);
    this.#buffer = NOTHING;
    this.#length = 0;
  }

  #grow(length: number): void {
    const { pool, inFlight } = this.#room;
    const size = BufferPool.sizeFor(length);
    if (!inFlight.take(size - this.#buffer.length)) throw crowded(this.#room);
    const grown = pool.take(size);
    this.#buffer.copy(grown, 0, 0, this.#length);
    pool.giveBack(this.#buffer);
    this.#buffer = grown;
  }
}

const NOTHING = Buffer.alloc(0);

export const crowded = ({ inFlight }: Pick<BodyRoom, 'inFlight'>): Refusal =>
  comeAgain(
    'PLIM_OTLP_OVERLOADED',
    `${inFlight.used} bytes of requests are being read, ${inFlight.max} is the most`,
    1,
    'bodiesInFlight',
  );

export const tooLarge = (maxBodyBytes: number, how: string): Refusal =>
  new Refusal(
    'PLIM_OTLP_TOO_LARGE',
    `the body has more than ${maxBodyBytes} bytes ${how}`,
    'send fewer spans at a time (OTEL_BSP_MAX_EXPORT_BATCH_SIZE, or send_batch_max_size of the Collector)',
    {},
    'body',
  );
