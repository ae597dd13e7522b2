import { type CompactRange, EMPTY_ROOT, nodeOf } from './compact-range.ts';
import { HASH_BYTES } from './hash.ts';

/**
 * A Merkle tree with all its nodes, for making proofs. Leaves at the front may have been cut off: of them it has the peaks, and
 * proves what lies behind.
 * @see https://www.rfc-editor.org/rfc/rfc6962#section-2.1
 */
export class Tree {
  readonly size: number;
  readonly #base: number;
  readonly #peaks = new Map<string, Buffer>();
  /** Of each level the whole nodes that end behind the base, one behind the other. */
  readonly #levels: readonly { readonly first: number; readonly nodes: Buffer }[];

  /** @param leaves  hashes of the leaves behind those of `base`, one behind the other */
  constructor(base: CompactRange, leaves: Buffer) {
    this.#base = base.size;
    this.size = base.size + leaves.length / HASH_BYTES;
    for (const { level, index, hash } of placed(base)) this.#peaks.set(`${level}:${index}`, hash);
    const levels = [{ first: base.size, nodes: leaves }];
    for (let width = 2; width <= this.size; width *= 2) levels.push(this.#above(levels.at(-1)!, levels.length, width));
    this.#levels = levels;
  }

  #above(below: { first: number; nodes: Buffer }, level: number, width: number): { first: number; nodes: Buffer } {
    const first = Math.floor(this.#base / width);
    const count = Math.max(0, Math.floor(this.size / width) - first);
    const nodes = Buffer.alloc(count * HASH_BYTES);
    const child = (index: number): Buffer =>
      index < below.first ? this.#peak(level - 1, index) : at(below.nodes, index - below.first);
    for (let i = 0; i < count; i++) {
      const left = 2 * (first + i);
      nodeOf(child(left), child(left + 1)).copy(nodes, i * HASH_BYTES);
    }
    return { first, nodes };
  }

  /** @throws RangeError for a node of which nothing is known any more */
  #peak(level: number, index: number): Buffer {
    const peak = this.#peaks.get(`${level}:${index}`);
    if (peak === undefined) throw new RangeError(`node ${index} of level ${level} was cut off`);
    return peak;
  }

  /** The root of the first `size` leaves. */
  root(size = this.size): Buffer {
    return size === 0 ? EMPTY_ROOT : this.#hash(0, size);
  }

  /** Hashes that lead from a leaf to the root of the first `size` leaves, the lowest first. */
  inclusion(index: number, size = this.size): Buffer[] {
    if (!(index >= this.#base && index < size && size <= this.size))
      throw new RangeError(`leaf ${index} is none of ${this.#base} to ${size - 1}`);
    const path = (from: number, to: number): Buffer[] => {
      if (to - from === 1) return [];
      const middle = from + splitOf(to - from);
      return index < middle
        ? [...path(from, middle), this.#hash(middle, to)]
        : [...path(middle, to), this.#hash(from, middle)];
    };
    return path(0, size);
  }

  /** Hashes that lead from the root of the first `earlier` leaves to the root of the first `size`. */
  consistency(earlier: number, size = this.size): Buffer[] {
    if (!(earlier > 0 && earlier >= this.#base && earlier <= size && size <= this.size))
      throw new RangeError(`no proof leads from ${earlier} leaves to ${size}`);
    const proof = (from: number, to: number, isWhole: boolean): Buffer[] => {
      if (to === earlier) return isWhole ? [] : [this.#hash(from, to)];
      const middle = from + splitOf(to - from);
      return earlier <= middle
        ? [...proof(from, middle, isWhole), this.#hash(middle, to)]
        : [...proof(middle, to, false), this.#hash(from, middle)];
    };
    return proof(0, size, true);
  }

  #hash(from: number, to: number): Buffer {
    const width = to - from;
    const level = Math.log2(width);
    if (Number.isInteger(level) && from % width === 0) return this.#node(level, from / width);
    const middle = from + splitOf(width);
    return nodeOf(this.#hash(from, middle), this.#hash(middle, to));
  }

  #node(level: number, index: number): Buffer {
    const known = this.#levels[level];
    if (known === undefined || index < known.first) return this.#peak(level, index);
    // One that ends where the base ends is a peak, too.
    return (index + 1) * 2 ** level <= this.#base ? this.#peak(level, index) : at(known.nodes, index - known.first);
  }
}

const at = (nodes: Buffer, index: number): Buffer => nodes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);

/** The largest power of two below a width. */
export function splitOf(width: number): number {
  let split = 1;
  while (split * 2 < width) split *= 2;
  return split;
}

/** Where in the tree the peaks are. */
function placed({ size, peaks }: CompactRange): { level: number; index: number; hash: Buffer }[] {
  let from = 0;
  return peaks.map((hash) => {
    let width = 1;
    while (from + width * 2 <= size && from % (width * 2) === 0) width *= 2;
    const place = { level: Math.log2(width), index: from / width, hash };
    from += width;
    return place;
  });
}
