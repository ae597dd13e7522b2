import { BytesInFlight } from '../../../collectors/otlp/in-flight.ts';

/** So much of the whole one sender may have at once: the others keep the rest. */
const PART = 1 / 4;

/**
 * Bytes in flight of one sender, within those of all: whoever sends much and slowly, and need not show who they are before it is
 * there, finds no more room before the others do.
 */
class Share extends BytesInFlight {
  readonly #whole: BytesInFlight;

  constructor(whole: BytesInFlight) {
    super(whole.max * PART);
    this.#whole = whole;
  }

  override hasRoomFor(bytes: number): boolean {
    return super.hasRoomFor(bytes) && this.#whole.hasRoomFor(bytes);
  }

  override take(bytes: number): boolean {
    return this.hasRoomFor(bytes) && super.take(bytes) && this.#whole.take(bytes);
  }

  override giveBack(bytes: number): void {
    super.giveBack(bytes);
    this.#whole.giveBack(bytes);
  }
}

/** The shares of senders that have something in flight. */
export class Shares {
  readonly #whole: BytesInFlight;
  readonly #bySender = new Map<string, { readonly share: Share; users: number }>();

  constructor(whole: BytesInFlight) {
    this.#whole = whole;
  }

  /** Runs work with the share of a sender, which is forgotten when nobody works with it. */
  async with<T>(sender: string, work: (share: BytesInFlight) => Promise<T>): Promise<T> {
    const known = this.#bySender.get(sender) ?? { share: new Share(this.#whole), users: 0 };
    this.#bySender.set(sender, known);
    known.users++;
    try {
      return await work(known.share);
    } finally {
      if (--known.users === 0) this.#bySender.delete(sender);
    }
  }
}
