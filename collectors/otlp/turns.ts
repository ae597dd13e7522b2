/** So long a body waits for others at most, ms. */
const PATIENCE_MS = 250;

interface Waiting {
  readonly bytes: number;
  readonly go: () => void;
}

/**
 * Whose body is read next. Many that come in at once would all lie half in memory until the last of them is there: so a few are
 * read, and the others stay with their senders until there is room. Nobody waits for long behind those that send slowly.
 */
export class Turns {
  readonly #max: number;
  #used = 0;
  readonly #waiting = new Set<Waiting>();

  /** @param max  bytes of all that are read together; one alone may have more */
  constructor(max: number) {
    this.#max = max;
  }

  get used(): number {
    return this.#used;
  }

  /** Resolves when a body of so many bytes may be read: with what is to be called, once, when its memory is free again. */
  async take(bytes: number): Promise<() => void> {
    if (!this.#hasRoomFor(bytes)) await this.#wait(bytes);
    else this.#used += bytes;
    return () => this.#giveBack(bytes);
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.#max;
  }

  #wait(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(one);
        this.#used += bytes;
        resolve();
      };
      const one = { bytes, go };
      const timer = setTimeout(go, PATIENCE_MS);
      this.#waiting.add(one);
    });
  }

  #giveBack(bytes: number): void {
    this.#used -= bytes;
    for (const one of this.#waiting) {
      if (!this.#hasRoomFor(one.bytes)) return;
      one.go();
    }
  }
}
