/**
 * Finds which of a fixed set of keys some bytes are, without making a string of them: a hash of the length and three
 * bytes, then an exact comparison. A key's number is its position in the list.
 */
export class KeyTable {
  /** The bytes of all keys, one behind the other; key number n lies from `#starts[n]` to `#starts[n + 1]`. */
  readonly #bytes: Uint8Array;
  readonly #starts: Int32Array;
  readonly #mask: number;
  readonly #multiplier: number;
  /** Numbers + 1, by hash; 0 is free. A key whose place is taken lies in the next free one. */
  readonly #table: Int16Array;

  constructor(keys: readonly string[]) {
    const encoded = keys.map((key) => Buffer.from(key));
    this.#bytes = new Uint8Array(Buffer.concat(encoded));
    this.#starts = new Int32Array(keys.length + 1);
    for (const [i, key] of encoded.entries()) this.#starts[i + 1] = this.#starts[i]! + key.length;
    let size = 64;
    while (size < keys.length * 8) size *= 2;
    this.#mask = size - 1;
    this.#multiplier = calmest(encoded, this.#mask);
    this.#table = new Int16Array(size);
    for (const [i, key] of encoded.entries()) {
      let place = hash(key, 0, key.length, this.#multiplier) & this.#mask;
      while (this.#table[place] !== 0) place = (place + 1) & this.#mask;
      this.#table[place] = i + 1;
    }
  }

  /** The number of the key that these bytes are, or -1. */
  find(source: Uint8Array, at: number, length: number): number {
    if (length === 0) return -1;
    for (let place = hash(source, at, length, this.#multiplier) & this.#mask; ; place = (place + 1) & this.#mask) {
      const number = this.#table[place]!;
      if (number === 0) return -1;
      if (this.#isKey(number - 1, source, at, length)) return number - 1;
    }
  }

  #isKey(number: number, source: Uint8Array, at: number, length: number): boolean {
    const from = this.#starts[number]!;
    if (this.#starts[number + 1]! - from !== length) return false;
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) if (bytes[from + i] !== source[at + i]) return false;
    return true;
  }
}

/** Among a few hundred multipliers the one under which the fewest keys share a place. */
function calmest(keys: readonly Uint8Array[], mask: number): number {
  let best = GOLDEN;
  let fewest = Number.POSITIVE_INFINITY;
  const mixed = Int32Array.from(keys, (key) => mix(key, 0, key.length));
  /** Under which multiplier a place was taken last. */
  const takenBy = new Int32Array(mask + 1);
  for (let i = 1; i < 1000 && fewest > 0; i += 2) {
    const multiplier = Math.imul(i, GOLDEN);
    let shared = 0;
    for (let k = 0; k < mixed.length && shared < fewest; k++) {
      const place = spread(mixed[k]!, multiplier) & mask;
      if (takenBy[place] === i) shared++;
      else takenBy[place] = i;
    }
    if (shared >= fewest) continue;
    fewest = shared;
    best = multiplier;
  }
  return best;
}

/** 2^32 over the golden ratio, odd: spreads what differs in a few bits. */
const GOLDEN = 0x9e3779b1;

const hash = (source: Uint8Array, at: number, length: number, multiplier: number): number =>
  spread(mix(source, at, length), multiplier);

const spread = (mixed: number, multiplier: number): number => Math.imul(mixed, multiplier) >>> 15;

function mix(source: Uint8Array, at: number, length: number): number {
  const last = source[at + length - 1]!;
  const middle = source[at + (length >> 1)]!;
  const third = source[at + (length > 2 ? length - 3 : 0)]!;
  return (length << 16) ^ (last << 8) ^ middle ^ (third << 4);
}
