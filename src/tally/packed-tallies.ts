import { ByteReader } from '../model/bytes.ts';
import type { Counter } from './counters.ts';
import type { Tally } from './group.ts';

/**
 * Many encoded tallies, decoded into two arrays instead of a map each: thousands are read once a minute, asked a few times, and
 * forgotten. In their form counters rise, so one is found by halving.
 */
export class PackedTallies {
  #names = new Uint32Array(1024);
  #counts = new Float64Array(1024);
  #used = 0;

  /** @param bytes  as `encodeTally` made them  @throws RangeError when they end within a number */
  add(bytes: Buffer): Tally {
    const from = new ByteReader(bytes);
    const first = this.#used;
    let name = 0;
    while (!from.done) {
      if (this.#used === this.#names.length) this.#grow();
      name += from.varint();
      this.#names[this.#used] = name;
      this.#counts[this.#used] = from.signedVarint();
      this.#used++;
    }
    return new PackedTally(this, first, this.#used);
  }

  name(place: number): Counter {
    return this.#names[place]!;
  }

  count(place: number): number {
    return this.#counts[place]!;
  }

  /** Where a counter stands between two places, the second exclusive; -1: nowhere. */
  placeOf(name: Counter, first: number, end: number): number {
    const names = this.#names;
    let low = first;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (names[middle]! < name) low = middle + 1;
      else high = middle;
    }
    return low < end && names[low] === name ? low : -1;
  }

  #grow(): void {
    const [names, counts] = [this.#names, this.#counts];
    this.#names = new Uint32Array(2 * names.length);
    this.#names.set(names);
    this.#counts = new Float64Array(2 * counts.length);
    this.#counts.set(counts);
  }
}

/** One of them, read as any other tally. */
class PackedTally implements Tally {
  readonly #all: PackedTallies;
  readonly #first: number;
  readonly #end: number;

  constructor(all: PackedTallies, first: number, end: number) {
    this.#all = all;
    this.#first = first;
    this.#end = end;
  }

  get size(): number {
    return this.#end - this.#first;
  }

  get(name: Counter): number | undefined {
    const place = this.#all.placeOf(name, this.#first, this.#end);
    return place < 0 ? undefined : this.#all.count(place);
  }

  has(name: Counter): boolean {
    return this.#all.placeOf(name, this.#first, this.#end) >= 0;
  }

  *entries(): Generator<[Counter, number], undefined> {
    for (let place = this.#first; place < this.#end; place++) yield [this.#all.name(place), this.#all.count(place)];
  }

  *keys(): Generator<Counter, undefined> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): Generator<number, undefined> {
    for (const [, count] of this.entries()) yield count;
  }

  [Symbol.iterator](): Generator<[Counter, number], undefined> {
    return this.entries();
  }

  forEach(told: (count: number, name: Counter, tally: Tally) => void): void {
    for (const [name, count] of this) told(count, name, this);
  }
}
