/** Lines that are in no store and wait to be written: where more wait than may, the oldest are lost. */
export class WaitingLines {
  readonly #max: number;
  readonly #onLost: (lines: number) => void;
  #lines: readonly string[] = [];

  constructor(max: number, onLost: (lines: number) => void) {
    this.#max = max;
    this.#onLost = onLost;
  }

  add(lines: readonly string[]): void {
    this.#keep([...this.#lines, ...lines]);
  }

  /** Hands over all that wait. What comes meanwhile is the next one's; when it fails, they go on waiting in front of that. */
  async handOver(write: (lines: readonly string[]) => Promise<void>): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    try {
      await write(lines);
    } catch (error) {
      this.#keep([...lines, ...this.#lines]);
      throw error;
    }
  }

  #keep(lines: readonly string[]): void {
    const lost = lines.length - this.#max;
    this.#lines = lost > 0 ? lines.slice(lost) : lines;
    if (lost > 0) this.#onLost(lost);
  }
}
