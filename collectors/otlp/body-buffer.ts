import { BytesInFlight } from './in-flight.ts';
import { BufferPool } from './pool.ts';
import { comeAgain, Refusal } from './refusal.ts';
import { Turns } from './turns.ts';

/** What bodies share: memory, and the count of what is in use. */
export interface BodyRoom {
  readonly pool: BufferPool;
  readonly inFlight: BytesInFlight;
  readonly turns: Turns;
  readonly maxBodyBytes: number;
  readonly maxFirstBytes: number;
}

/** What is lent for a body before any of it has come: what a sender declares costs it nothing. */
const MAX_FIRST_BYTES = 1_048_576;

/**
 * @param readAtOnce  bytes of the bodies that are read together; for the next ones as much is kept idle, and what they grew through
 * @param maxFirstBytes  of what is lent before any of a body has come
 */
export const bodyRoom = (
  maxBodyBytes: number,
  maxBytesInFlight: number,
  readAtOnce: number,
  maxFirstBytes = MAX_FIRST_BYTES,
): BodyRoom => ({
  pool: new BufferPool(2 * readAtOnce),
  inFlight: new BytesInFlight(maxBytesInFlight),
  turns: new Turns(readAtOnce),
  maxBodyBytes,
  maxFirstBytes,
});

/** A body while it comes in, in a lent buffer that grows; the bytes lent count as in flight until `release`. */
export class BodyBuffer {
  readonly #room: BodyRoom;
  readonly #endTurn: () => void;
  #buffer: Buffer;
  #length = 0;

  private constructor(room: BodyRoom, first: number, endTurn: () => void) {
    this.#room = room;
    this.#endTurn = endTurn;
    this.#buffer = room.pool.take(first);
  }

  /** Resolves when it is the turn of a body of about so many bytes. @throws Refusal when there is no room for it */
  static async lend(room: BodyRoom, expected: number): Promise<BodyBuffer> {
    const endTurn = await room.turns.take(BufferPool.sizeFor(Math.min(expected, room.maxBodyBytes)));
    const first = Math.min(expected, room.maxFirstBytes);
    if (room.inFlight.take(BufferPool.sizeFor(first))) return new BodyBuffer(room, first, endTurn);
    endTurn();
    throw crowded(room);
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
    this.#endTurn();
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
