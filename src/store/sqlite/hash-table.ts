/** A 32-bit hash of an id. */
export type Hash = number;

const SLOTS_MIN = 1 << 12;
/** At most this share of the slots is taken. */
const FULL = 0.6;
/** Numbers lie within this distance of the first one. */
const REACH = 2 ** 30;

/** Pairs (hash, number) in flat arrays, 8 bytes a slot; a hash may have several numbers. */
export class HashTable {
  #hashes = new Uint32Array(SLOTS_MIN);
  /** Number minus base; 0: the slot is empty. */
  #offsets = new Int32Array(SLOTS_MIN);
  #base = 0;
  #count = 0;
  /** The largest `weight` that was added. */
  latest = 0;

  get count(): number {
    return this.#count;
  }

  /** Whether a number is within 2^30 of the first one. */
  reaches(number: number): boolean {
    const offset = number - this.#base;
    return this.#count === 0 || (offset > 0 && offset < 2 * REACH);
  }

  /** @returns false when the pair was there already. @throws RangeError for a number that it does not reach */
  add(hash: Hash, number: number, weight: number): boolean {
    if (!this.reaches(number)) throw new RangeError(`${number} is too far from ${this.#base + REACH}`);
    if (this.#count === 0) this.#base = number - REACH;
    const offset = number - this.#base;
    if (!this.#place(hash, offset)) return false;
    if (weight > this.latest) this.latest = weight;
    if (++this.#count > this.#hashes.length * FULL) this.#grow();
    return true;
  }

  has(hash: Hash, number: number): boolean {
    const offset = number - this.#base;
    const mask = this.#hashes.length - 1;
    for (let slot = hash & mask; this.#offsets[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#hashes[slot] === hash && this.#offsets[slot] === offset) return true;
    return false;
  }

  /** Adds the numbers of a hash to those found. */
  find(hash: Hash, into: number[]): void {
    const mask = this.#hashes.length - 1;
    for (let slot = hash & mask; this.#offsets[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#hashes[slot] === hash) into.push(this.#base + this.#offsets[slot]!);
  }

  /** Every hash, as often as it has numbers. */
  *hashes(): Generator<Hash> {
    for (let slot = 0; slot < this.#hashes.length; slot++) if (this.#offsets[slot] !== 0) yield this.#hashes[slot]!;
  }

  #place(hash: Hash, offset: number): boolean {
    const mask = this.#hashes.length - 1;
    let slot = hash & mask;
    for (; this.#offsets[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#hashes[slot] === hash && this.#offsets[slot] === offset) return false;
    this.#hashes[slot] = hash;
    this.#offsets[slot] = offset;
    return true;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const offsets = this.#offsets;
    this.#hashes = new Uint32Array(hashes.length * 2);
    this.#offsets = new Int32Array(hashes.length * 2);
    for (let slot = 0; slot < hashes.length; slot++)
      if (offsets[slot] !== 0) this.#place(hashes[slot]!, offsets[slot]!);
  }
}

const BITS_A_HASH = 13;
const PROBES = 6;

/** Which hashes a table held: no false "no", one false "yes" in about 500. */
export class Filter {
  readonly #bits: Uint8Array;
  /** As of the table. */
  readonly latest: number;

  constructor(table: HashTable) {
    this.#bits = new Uint8Array(Math.ceil((table.count * BITS_A_HASH) / 8) + 1);
    this.latest = table.latest;
    for (const hash of table.hashes()) {
      const step = stepOf(hash);
      for (let i = 0, at = startOf(hash); i < PROBES; i++, at = (at + step) >>> 0) {
        const place = at % (this.#bits.length * 8);
        this.#bits[place >>> 3]! |= 1 << (place & 7);
      }
    }
  }

  get bytes(): number {
    return this.#bits.length;
  }

  mayHold(hash: Hash): boolean {
    const total = this.#bits.length * 8;
    const step = stepOf(hash);
    for (let i = 0, at = startOf(hash); i < PROBES; i++, at = (at + step) >>> 0) {
      const place = at % total;
      if ((this.#bits[place >>> 3]! & (1 << (place & 7))) === 0) return false;
    }
    return true;
  }
}

const startOf = (hash: Hash): number => Math.imul(hash, 0xc2b2ae35) >>> 0;
const stepOf = (hash: Hash): number => (Math.imul(hash, 0x85ebca6b) | 1) >>> 0;
