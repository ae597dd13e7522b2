import { type JsonObject, parseCanonical } from './canonical-json.ts';
import { leafOf, prevAfter, readEntry } from './entry.ts';
import { hex, isHash, unhex } from './hash.ts';
import { isHeadSigned, type SignedHead } from './head.ts';
import type { PublicKey } from './keys.ts';
import type { LogKeys } from './keys-file.ts';
import type { LogReport, Tampering } from './log-check.ts';
import { rootByInclusion } from './proofs.ts';
import { trustedKeys } from './rotation.ts';

/** Holds entries that were taken out of a log, each with its proof, against one head. */
export class ExcerptCheck {
  readonly #head: SignedHead;
  readonly #from: number;
  readonly #tampering: Tampering[] = [];
  #prev: string | null = null;
  #next: number;

  /**
   * @param from  seq of the first entry
   * @param anchors  heads that were kept elsewhere: one over as many entries must have the same root
   */
  constructor(head: SignedHead, from: number, anchors: readonly SignedHead[] = []) {
    this.#head = head;
    this.#from = from;
    this.#next = from;
    const { size, root } = head.head;
    for (const other of anchors.filter((one) => one.head.size === size && one.head.root !== root))
      this.#tampering.push({
        seq: null,
        what: `the head over ${size} entries is not the one of ${other.head.ts} kept elsewhere`,
      });
  }

  /** The next entry and its proof, as their bytes stand there; null: there is none. */
  take(entry: Uint8Array | null, proof: Uint8Array | null): void {
    const seq = this.#next++;
    const fault = this.#faultOf(entry, proof, seq);
    if (fault !== null) this.#tampering.push({ seq, what: `entry ${seq}: ${fault}` });
  }

  #faultOf(entry: Uint8Array | null, proof: Uint8Array | null, seq: number): string | null {
    if (entry === null || proof === null) return entry === null ? 'it is missing' : 'its proof is missing';
    const leaf = leafOf(entry);
    const before = this.#prev;
    this.#prev = prevAfter(leaf);
    const { head } = this.#head;
    try {
      const read = readEntry(entry);
      if (read.seq !== seq) return `in its place is entry ${read.seq}`;
      if (before !== null && read.prev !== before) return 'it was not written after the one before it';
      const { hashes, leaf_index: index, tree_size: size } = parseCanonical(proof) as JsonObject;
      if (index !== seq || size !== head.size || !Array.isArray(hashes) || !hashes.every(isHash))
        return 'its proof is of something else';
      const root = rootByInclusion(leaf, seq, head.size, hashes.map(unhex));
      return root !== null && hex(root) === head.root ? null : 'its proof does not lead to the root of the head';
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** @param trusted  keys that the verifier believes; empty: those that the export names */
  finish({ keys, rotations }: LogKeys, trusted: readonly PublicKey[]): LogReport {
    const { head, keyId } = this.#head;
    const key = trustedKeys(trusted.length === 0 ? keys : trusted, keys, rotations).get(keyId);
    const isSigned = key !== undefined && isHeadSigned(this.#head, key);
    const isGivenUp = rotations.some(({ oldKeyId }) => oldKeyId === keyId);
    if (!isSigned || isGivenUp)
      this.#tampering.push({
        seq: null,
        what: `the head of ${head.ts} over ${head.size} entries is ${isSigned ? 'signed by a key that was given up before' : 'not signed by a key that is trusted'}`,
      });
    return {
      entries: this.#next - this.#from,
      from: this.#from,
      size: head.size,
      root: head.root,
      heads: 1,
      trustedHeads: isSigned && !isGivenUp ? 1 : 0,
      signedUpTo: isSigned && !isGivenUp ? this.#next : 0,
      olderHeads: 0,
      tampering: this.#tampering,
      warnings: [],
    };
  }
}
