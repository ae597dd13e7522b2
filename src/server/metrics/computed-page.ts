import { type Computed, showComputed } from './computed.ts';
import { paced } from './paced.ts';
import type { SeriesTable } from './series-table.ts';

/** Made ahead of those who ask, unless nobody has for so many ticks. */
const AHEAD_TICKS = 5;

type Source = () => Promise<Computed>;

/**
 * The part of the page that follows from a tick: made once a tick, in slices, so that what comes in is answered meanwhile. While somebody
 * reads it, it is made as soon as the tick is over and lies ready; otherwise when somebody asks.
 */
export class ComputedPage {
  readonly #table: SeriesTable;
  /** What is known as of the last tick; null while that is nothing. */
  #source: Source | null = null;
  /** Made of it; of null it was given up, because there is a newer one. */
  #made: Promise<readonly Buffer[] | null> | null = null;
  /** The end of what was begun last: the table holds one round at a time. */
  #busy: Promise<unknown> = Promise.resolve();
  #ticksUnread = AHEAD_TICKS;

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  /** After a tick. */
  replace(source: Source): void {
    this.#source = source;
    this.#made = this.#ticksUnread < AHEAD_TICKS ? this.#make(source) : null;
    this.#ticksUnread++;
  }

  /** Nothing is known any more. */
  forget(): void {
    this.#source = null;
    this.#made = null;
    this.#table.clear();
  }

  async pieces(): Promise<readonly Buffer[]> {
    this.#ticksUnread = 0;
    while (this.#source !== null) {
      this.#made ??= this.#make(this.#source);
      const made = await this.#made;
      if (made !== null) return made;
    }
    return [];
  }

  #make(source: Source): Promise<readonly Buffer[] | null> {
    const made = this.#busy.then(() => this.#render(source));
    this.#busy = made.catch(() => {
      if (this.#made === made) this.#made = null;
    });
    return made;
  }

  async #render(source: Source): Promise<readonly Buffer[] | null> {
    const isWanted = (): boolean => this.#source === source;
    if (!isWanted()) return null;
    const computed = await source();
    if (!isWanted()) return null;
    const pieces: Buffer[] = [];
    const isWhole =
      (await paced(showComputed(this.#table, computed), () => {}, isWanted)) &&
      (await paced(this.#table.render(), (piece) => pieces.push(piece), isWanted));
    return isWhole ? pieces : null;
  }
}
