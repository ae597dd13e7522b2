import { createHash } from 'node:crypto';

/** Numbers in [0, 1), multiples of 2^-53. */
export type Random = () => number;

/**
 * A stream of its own for each path below a seed: what a replicate draws depends on where it stands, not on which thread runs it or
 * when. sfc32, whose state begins as 96 bits of a SHA-256 of seed and path, so two streams overlap with a chance that can be forgotten.
 * @see Doty-Humphrey, PractRand, http://pracrand.sourceforge.net/RNG_engines.txt (sfc32: passes beyond 32 TB, period at least 2^32)
 */
export function streamOf(seed: number, ...path: readonly (string | number)[]): Random {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...path]))
    .digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let counter = 1;
  const next = (): number => {
    const value = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + value;
    c |= 0;
    return value >>> 0;
  };
  for (let i = 0; i < 15; i++) next();
  return () => (next() >>> 5) * 2 ** -27 + (next() >>> 6) * 2 ** -53;
}
