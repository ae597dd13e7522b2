import { type Counter, extraSquares, extraWeight } from '../tally/counters.ts';
import { count, type Tally } from '../tally/group.ts';
import { effective } from './sampling.ts';

/** How many of each key. */
export interface WeighedKeys {
  readonly counts: ReadonlyMap<number, number>;
  /** Of sampled traces: then counts are no whole numbers, and how they vary is not known. */
  readonly isWeighted: boolean;
  /** Events seen, and how many they stand for. */
  readonly n: number;
  readonly represents: number;
}

/** Fields of a key in a tally of keys: those seen, and what sampled ones stand for beyond, as in `ExtraWeight`. */
const FIELDS = 4;
const [SEEN, EXTRA, SQUARES] = [0, 1, 2];

const MICRO = 1e6;

/** Counts keys of a feature, and of sampled traces what they stand for. */
export class KeyWeights {
  readonly #cells = new Map<number, number>();

  /** Of a tally that `tally` made, or a sum of such. */
  static ofTally(tally: Tally): KeyWeights {
    const keys = new KeyWeights();
    for (const [name, value] of tally) keys.#cells.set(name, value);
    return keys;
  }

  /** Adds what a counter counted. */
  count(key: number, tally: Tally, name: Counter, sign: 1 | -1 = 1): void {
    this.#add(key, SEEN!, sign * count(tally, name));
    this.#add(key, EXTRA!, sign * extraWeight(tally, name));
    this.#add(key, SQUARES!, sign * extraSquares(tally, name));
  }

  /** As a tally, so that sums of it are sums of what was counted. No counters of the store. */
  tally(): Tally {
    return this.#cells;
  }

  weighed(): WeighedKeys {
    const seen = new Map<number, number>();
    let extra = 0;
    let squares = 0;
    for (const [cell, value] of this.#cells) {
      const field = cell - Math.floor(cell / FIELDS) * FIELDS;
      // What is left when others are taken away is never less than nothing.
      if (field === SEEN && value > 0) seen.set(Math.floor(cell / FIELDS), value);
      if (field === EXTRA) extra += Math.max(0, value);
      if (field === SQUARES) squares += Math.max(0, value);
    }
    const n = seen.values().reduce((sum, one) => sum + one, 0);
    if (extra === 0) return { counts: seen, isWeighted: false, n, represents: n };
    const worth = effective({ n, bad: 0, extra: { n: extra, bad: 0, squares } }).n;
    const represents = n + extra / MICRO;
    const scale = worth / represents;
    const counts = new Map<number, number>();
    for (const [key, one] of seen)
      counts.set(key, (one + Math.max(0, this.#cells.get(key * FIELDS + EXTRA!) ?? 0) / MICRO) * scale);
    return { counts, isWeighted: true, n, represents };
  }

  #add(key: number, field: number, by: number): void {
    if (by === 0) return;
    const cell = key * FIELDS + field;
    const value = (this.#cells.get(cell) ?? 0) + by;
    if (value === 0) this.#cells.delete(cell);
    else this.#cells.set(cell, value);
  }
}
