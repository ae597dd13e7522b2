import type { Counts } from './burn-rate.ts';

/** Sums in four bytes are kept modulo this: their differences are right as long as what is held adds up to less. */
const MODULUS = 2 ** 32;

/**
 * Two counts at each of the last positions of a series, kept as sums from its beginning on: what any stretch of it holds is one
 * subtraction, however long it is. Counts are integers, so nothing is lost; a late one moves the sums behind it. Four bytes a sum, and
 * eight as soon as what is held no longer fits into four.
 */
export class RunningSums {
  /** The newest position set or passed, -1 before the first. */
  head = -1;
  readonly #slots: number;
  /** Sums up to and including a position: of the first count, of the second. */
  #sums: Uint32Array | Float64Array;
  /** What may be added before it has to be asked again whether the sums fit. */
  #room = MODULUS - 1;

  constructor(slots: number) {
    this.#slots = slots;
    this.#sums = new Uint32Array(2 * slots);
  }

  /** Positions up to here hold nothing more. */
  passTo(at: number): void {
    if (at <= this.head) return;
    if (this.head >= 0) {
      const from = 2 * (this.head % this.#slots);
      const n = this.#sums[from]!;
      const bad = this.#sums[from + 1]!;
      for (let next = Math.max(this.head + 1, at - this.#slots + 1); next <= at; next++) {
        const slot = 2 * (next % this.#slots);
        this.#sums[slot] = n;
        this.#sums[slot + 1] = bad;
      }
    }
    this.head = at;
  }

  /** Whether the counts of a position are still known. */
  holds(at: number): boolean {
    return at > this.head - this.#slots + 1;
  }

  /** Adds to the counts of a position that is held. */
  add(at: number, n: number, bad: number): void {
    this.passTo(at);
    if (n === 0 && bad === 0) return;
    if (this.#sums instanceof Uint32Array && !this.#fits(at, n, bad)) this.#sums = this.#widened(this.#sums);
    for (let next = at; next <= this.head; next++) {
      const slot = 2 * (next % this.#slots);
      this.#sums[slot]! += n;
      this.#sums[slot + 1]! += bad;
    }
  }

  /** Sums of the positions from `first` to the head. */
  since(first: number): Counts {
    return first > this.head ? { n: 0, bad: 0 } : this.#between(first, this.head);
  }

  of(at: number): Counts {
    return at > this.head || !this.holds(at) ? { n: 0, bad: 0 } : this.#between(at, at);
  }

  /** Both inclusive, `last` held; of what is no longer held in front of it nothing. */
  #between(first: number, last: number): Counts {
    const sums = this.#sums;
    const end = 2 * (last % this.#slots);
    let n = sums[end]!;
    let bad = sums[end + 1]!;
    const before = Math.max(first - 1, this.#gone);
    if (before >= 0) {
      const slot = 2 * (before % this.#slots);
      n -= sums[slot]!;
      bad -= sums[slot + 1]!;
    }
    if (sums instanceof Float64Array) return { n, bad };
    return { n: n < 0 ? n + MODULUS : n, bad: bad < 0 ? bad + MODULUS : bad };
  }

  /** The newest position whose counts are no longer known. */
  get #gone(): number {
    return this.head - this.#slots + 1;
  }

  /** Whether the sums still are right in four bytes when so much is added: no position holds less than nothing, all together hold less than 2^32. */
  #fits(at: number, n: number, bad: number): boolean {
    if (n < 0 || bad < 0) {
      const known = this.of(at);
      if (known.n + n < 0 || known.bad + bad < 0) return false;
    }
    const more = Math.max(n, 0) + Math.max(bad, 0);
    this.#room -= more;
    if (this.#room >= 0) return true;
    const held = this.#between(this.#gone + 1, this.head);
    this.#room = MODULUS - 1 - Math.max(held.n, held.bad) - more;
    return this.#room >= 0;
  }

  #widened(sums: Uint32Array): Float64Array {
    const wide = new Float64Array(sums.length);
    const gone = this.#gone;
    const [n, bad] = gone < 0 ? [0, 0] : [sums[2 * (gone % this.#slots)]!, sums[2 * (gone % this.#slots) + 1]!];
    for (let at = Math.max(0, gone); at <= this.head; at++) {
      const slot = 2 * (at % this.#slots);
      wide[slot] = (sums[slot]! - n) >>> 0;
      wide[slot + 1] = (sums[slot + 1]! - bad) >>> 0;
    }
    return wide;
  }
}
