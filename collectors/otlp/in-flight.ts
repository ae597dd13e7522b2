/** How many bytes of bodies are being read, and whether more may come. */
export class BytesInFlight {
  readonly max: number;
  #used = 0;

  constructor(max: number) {
    this.max = max;
  }

  get used(): number {
    return this.#used;
  }

  hasRoomFor(bytes: number): boolean {
    return this.#used + bytes <= this.max;
  }

  /** False when there is no room. */
  take(bytes: number): boolean {
    if (!this.hasRoomFor(bytes)) return false;
    this.#used += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#used -= bytes;
  }
}
