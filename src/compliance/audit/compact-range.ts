import { sha256 } from './hash.ts';

const NODE = Buffer.of(0x01);

/** SHA-256(0x01 ‖ left ‖ right). */
export const nodeOf = (left: Uint8Array, right: Uint8Array): Buffer => sha256(NODE, left, right);
/** The root of no leaves. */
export const EMPTY_ROOT = sha256();

/** How many ones the binary digits of a size have: so many whole trees it falls into. */
export function peakCount(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}

/**
 * A Merkle tree from which everything is forgotten but the roots of its whole subtrees, largest first: enough to append and to
 * say the root, at most 53 hashes.
 * @see https://www.rfc-editor.org/rfc/rfc6962#section-2.1
 */
export class CompactRange {
  #size: number;
  readonly #peaks: Buffer[];

  /** @throws RangeError when so many leaves have not so many peaks */
  constructor(size = 0, peaks: readonly Uint8Array[] = []) {
    if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`${size} leaves`);
    if (peaks.length !== peakCount(size))
      throw new RangeError(`${size} leaves have ${peakCount(size)} peaks, not ${peaks.length}`);
    this.#size = size;
    this.#peaks = peaks.map((peak) => Buffer.from(peak));
  }

  /** Leaves. */
  get size(): number {
    return this.#size;
  }

  get peaks(): readonly Buffer[] {
    return this.#peaks;
  }

  append(leaf: Uint8Array): void {
    let node: Buffer = Buffer.from(leaf);
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) node = nodeOf(this.#peaks.pop()!, node);
    this.#peaks.push(node);
    this.#size++;
  }

  root(): Buffer {
    const last = this.#peaks.at(-1);
    if (last === undefined) return EMPTY_ROOT;
    return this.#peaks.slice(0, -1).reduceRight((right, left) => nodeOf(left, right), last);
  }

  copy(): CompactRange {
    return new CompactRange(this.#size, this.#peaks);
  }
}
