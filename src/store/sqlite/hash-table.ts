/** A 32-bit hash of an id. */
export type Hash = number;

const SLOTS_MIN = 1 << 12;
/** At most this share of the slots is taken. */
const FULL = 0.6;
/** Numbers lie within this distance of the first one. */
const REACH = 2 ** 30;

/** So many numbers of one hash lie among the others: more would be in the way of all whose place is there. */
const CROWD = 64;

/** Pairs (hash, number) in flat arrays, 8 bytes a slot; a hash may have several numbers. What has very many has a list of its own. */
export class HashTable {
  #hashes: Uint32Array;
  /** Number minus base; 0: the slot is empty. */
  #offsets: Int32Array;
  #base = 0;
  #count = 0;
  /** What did not go among the others, in rising order. */
  readonly #crowds = new Map<Hash, number[]>();
  #crowded = 0;
  /** The largest `weight` that was added. */
  latest = 0;
  /** The smallest and the largest number. */
  first = Number.POSITIVE_INFINITY;
  last = 0;

  /** @param slots  what it is expected to grow to, a power of two: it is not made larger on the way */
  constructor(slots = SLOTS_MIN) {
    this.#hashes = new Uint32Array(slots);
    this.#offsets = new Int32Array(slots);
  }

  get count(): number {
    return this.#count;
  }

  get slots(): number {
    return this.#hashes.length;
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
    const isAdded = this.#place(hash, number - this.#base) ?? this.#addToCrowd(hash, number);
    if (!isAdded) return false;
    if (weight > this.latest) this.latest = weight;
    if (number < this.first) this.first = number;
    if (number > this.last) this.last = number;
    if (++this.#count - this.#crowded > this.#hashes.length * FULL) this.#grow();
    return true;
  }

  has(hash: Hash, number: number): boolean {
    const offset = number - this.#base;
    const mask = this.#hashes.length - 1;
    let seen = 0;
    for (let slot = hash & mask; this.#offsets[slot] !== 0 && seen < CROWD; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] !== hash) continue;
      if (this.#offsets[slot] === offset) return true;
      seen++;
    }
    const crowd = seen < CROWD ? undefined : this.#crowds.get(hash);
    return crowd !== undefined && crowd[placeIn(crowd, number)] === number;
  }

  /** Adds the numbers of a hash to those found. @param max  one more than so many found are enough */
  find(hash: Hash, into: number[], max = Number.POSITIVE_INFINITY): void {
    if (this.#findAmong(hash, into, 0, Number.POSITIVE_INFINITY) < CROWD) return;
    for (const number of this.#crowds.get(hash) ?? []) {
      if (into.length > max) return;
      into.push(number);
    }
  }

  /** The same of those from one number to another, both inclusive. */
  findWithin(hash: Hash, into: number[], first: number, last: number): void {
    if (this.#findAmong(hash, into, first, last) < CROWD) return;
    const crowd = this.#crowds.get(hash) ?? [];
    for (let i = placeIn(crowd, first); i < crowd.length && crowd[i]! <= last; i++) into.push(crowd[i]!);
  }

  /** @returns how many numbers of the hash lie there, in that range or not */
  #findAmong(hash: Hash, into: number[], first: number, last: number): number {
    const mask = this.#hashes.length - 1;
    let seen = 0;
    for (let slot = hash & mask; this.#offsets[slot] !== 0 && seen < CROWD; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] !== hash) continue;
      seen++;
      const number = this.#base + this.#offsets[slot]!;
      if (number >= first && number <= last) into.push(number);
    }
    return seen;
  }

  /** The hash in a slot; -1: it is empty. */
  hashAt(slot: number): Hash | -1 {
    return this.#offsets[slot] === 0 ? -1 : this.#hashes[slot]!;
  }

  /** @returns false when the pair is there already; null: there is no more room for that hash */
  #place(hash: Hash, offset: number): boolean | null {
    const mask = this.#hashes.length - 1;
    let slot = hash & mask;
    for (let seen = 0; this.#offsets[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] !== hash) continue;
      if (this.#offsets[slot] === offset) return false;
      if (++seen === CROWD) return null;
    }
    this.#hashes[slot] = hash;
    this.#offsets[slot] = offset;
    return true;
  }

  #addToCrowd(hash: Hash, number: number): boolean {
    const crowd = this.#crowds.get(hash) ?? [];
    const place = placeIn(crowd, number);
    if (crowd[place] === number) return false;
    if (place === crowd.length) crowd.push(number);
    else crowd.splice(place, 0, number);
    this.#crowds.set(hash, crowd);
    this.#crowded++;
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

/** The first place whose number is not below one. */
function placeIn(numbers: readonly number[], number: number): number {
  let [low, high] = [0, numbers.length];
  // Nearly all come in their order.
  if (high === 0 || numbers[high - 1]! < number) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

const BITS_A_HASH = 16;
/** Of a block: as much as the processor reads at once. */
const BLOCK_WORDS = 16;
const BLOCK_BITS = BLOCK_WORDS * 32;

/**
 * Which hashes tables held: no false "no", one false "yes" in about 700 when it is full. All bits of a hash lie in one
 * block, so that a question costs one look into memory.
 * @see Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007
 */
export class Filter {
  readonly #words: Uint32Array;
  readonly #blocks: number;
  #room: number;
  /** Of all tables together, as each of them has it. */
  latest = 0;
  first = Number.POSITIVE_INFINITY;
  last = 0;

  /** @param capacity  hashes, at least 1 */
  constructor(capacity: number) {
    this.#room = capacity;
    this.#blocks = Math.ceil((capacity * BITS_A_HASH) / BLOCK_BITS);
    this.#words = new Uint32Array(this.#blocks * BLOCK_WORDS);
  }

  hasRoomFor(table: HashTable): boolean {
    return table.count <= this.#room;
  }

  /** Makes room for a table, which `add` then brings in slot by slot. */
  expect(table: HashTable): void {
    this.#room -= table.count;
    this.latest = Math.max(this.latest, table.latest);
    this.first = Math.min(this.first, table.first);
    this.last = Math.max(this.last, table.last);
  }

  add(hash: Hash): void {
    const block = this.#blockOf(hash);
    for (let seed = 0; seed < 2; seed++)
      for (let bits = mixed(hash, seed), i = 0; i < 3; bits >>>= 9, i++)
        this.#words[block + ((bits >>> 5) & 15)]! |= 1 << (bits & 31);
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  mayHold(hash: Hash): boolean {
    const block = this.#blockOf(hash);
    for (let seed = 0; seed < 2; seed++)
      for (let bits = mixed(hash, seed), i = 0; i < 3; bits >>>= 9, i++)
        if ((this.#words[block + ((bits >>> 5) & 15)]! & (1 << (bits & 31))) === 0) return false;
    return true;
  }

  #blockOf(hash: Hash): number {
    return ((Math.imul(hash, 0xc2b2ae35) >>> 0) % this.#blocks) * BLOCK_WORDS;
  }
}

/** Nine bits for each of three places. */
function mixed(hash: Hash, seed: number): number {
  const first = Math.imul(hash ^ (hash >>> 15) ^ seed, 0x85ebca6b);
  return Math.imul(first ^ (first >>> 13), 0x27d4eb2f) >>> 5;
}
