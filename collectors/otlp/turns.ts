/** So long a body waits for others at most, ms. */
const PATIENCE_MS = 250;

/** One that is read. */
interface Turn {
  /** By the order in which they began. */
  readonly number: number;
  readonly bytes: number;
}

interface Waiting {
  readonly bytes: number;
  readonly go: () => void;
}

/**
 * Whose body is read next. Many that come in at once would all lie half in memory until the last of them is there: so a few are
 * read, and the others stay with their senders until there is room. Nobody waits for long behind those that send slowly: whoever is
 * still read when another one has lost patience with it counts no more, so that those who come next do not wait for it, too.
 */
export class Turns {
  readonly #max: number;
  #used = 0;
  #begun = 0;
  /** Those that count, the oldest first. */
  readonly #turns = new Set<Turn>();
  readonly #waiting = new Set<Waiting>();

  /** @param max  bytes of all that are read together; one alone may have more */
  constructor(max: number) {
    this.#max = max;
  }

  get used(): number {
    return this.#used;
  }

  /** Resolves when a body of so many bytes may be read: with what is to be called when its memory is free again. */
  async take(bytes: number): Promise<() => void> {
    const turn = this.#hasRoomFor(bytes) ? this.#begin(bytes) : await this.#wait(bytes);
    return () => this.#end(turn);
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.#max;
  }

  #begin(bytes: number): Turn {
    const turn = { number: this.#begun++, bytes };
    this.#used += bytes;
    this.#turns.add(turn);
    return turn;
  }

  #wait(bytes: number): Promise<Turn> {
    return new Promise((resolve) => {
      const since = this.#begun;
      const go = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(one);
        resolve(this.#begin(bytes));
      };
      const one = { bytes, go };
      const timer = setTimeout(() => {
        go();
        this.#passOver(since);
      }, PATIENCE_MS);
      this.#waiting.add(one);
    });
  }

  /** Those that have been read since before that one began. */
  #passOver(since: number): void {
    for (const turn of this.#turns) {
      if (turn.number >= since) return;
      this.#end(turn);
    }
  }

  #end(turn: Turn): void {
    if (!this.#turns.delete(turn)) return;
    this.#used -= turn.bytes;
    for (const one of this.#waiting) {
      if (!this.#hasRoomFor(one.bytes)) return;
      one.go();
    }
  }
}
