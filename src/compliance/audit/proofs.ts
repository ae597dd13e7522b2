import { nodeOf } from './compact-range.ts';

/** What leads from one entry to a root: `{"hashes":[...],"leaf_index":7,"tree_size":12}` in files. */
export interface InclusionProof {
  readonly leaf_index: number;
  readonly tree_size: number;
  /** Hex, the lowest first. */
  readonly hashes: readonly string[];
}

/** The root that a leaf and its path lead to; null when the path is not that of such a leaf. @see https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2 */
export function rootByInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Buffer | null {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size)) return null;
  let node: Buffer = Buffer.from(leaf);
  let at = index;
  let last = size - 1;
  for (const hash of path) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      node = nodeOf(hash, node);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else node = nodeOf(node, hash);
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? node : null;
}

export const includes = (
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean => {
  const found = rootByInclusion(leaf, index, size, path);
  return found !== null && Buffer.compare(found, root) === 0;
};

/** Whether the tree of `size` leaves begins with the one of `earlier` leaves. @see https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.2 */
export function extendsRoot(
  earlier: number,
  earlierRoot: Uint8Array,
  size: number,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!(Number.isSafeInteger(earlier) && Number.isSafeInteger(size) && earlier > 0 && earlier <= size)) return false;
  if (earlier === size) return proof.length === 0 && Buffer.compare(earlierRoot, root) === 0;
  const path = isPowerOfTwo(earlier) ? [earlierRoot, ...proof] : [...proof];
  const [start, ...rest] = path;
  if (start === undefined) return false;
  let at = earlier - 1;
  let last = size - 1;
  while (at % 2 === 1) {
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  let before: Buffer = Buffer.from(start);
  let after: Buffer = Buffer.from(start);
  for (const hash of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      before = nodeOf(hash, before);
      after = nodeOf(hash, after);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else after = nodeOf(after, hash);
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && Buffer.compare(before, earlierRoot) === 0 && Buffer.compare(after, root) === 0;
}

const isPowerOfTwo = (n: number): boolean => Number.isInteger(Math.log2(n));
