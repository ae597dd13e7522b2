import { SCORE_KEYS, scoreKey } from './feature-bins.ts';

/** Directions that an embedding is looked at from. */
export const DIRECTIONS = 16;
/** What the directions are drawn from: part of the names that they are counted under, so that those of two seeds never meet. */
export const DIRECTION_SEED = 1;
/** An embedding has from two to so many numbers; what has others is none. */
const DIMENSIONS = [2, 16_384] as const;
/** Lengths of embeddings whose directions are remembered: a service uses one, seldom two. */
const LENGTHS_KEPT = 8;

/** Times its length's root, the projection of a unit vector on a random direction is about standard normal: beyond lies the outermost part. */
const SPREAD = 4;

/** Where a part lies, in standard deviations of random embeddings. @param key  a part, or what is between two */
export const projectionOf = (key: number): number => (key / SCORE_KEYS) * 2 * SPREAD - SPREAD;

const known = new Map<number, Float64Array>();

/**
 * What is kept of an embedding: for each direction the fiftieth in which its projection lies, from 0 to 49. Sixteen such numbers say
 * how the embeddings of a service move together, and nothing of the text that one was made of.
 * @returns null for what is no embedding: of other lengths, of zeros alone, or with something in it that is no number
 * @see Rabin et al. (2012), Wasserstein barycenter and its application to texture mixing (sliced distances)
 */
export function sketchOf(embedding: ArrayLike<number>): number[] | null {
  const { length } = embedding;
  if (length < DIMENSIONS[0] || length > DIMENSIONS[1]) return null;
  let squares = 0;
  for (let i = 0; i < length; i++) squares += embedding[i]! * embedding[i]!;
  if (!(squares > 0 && squares < Number.POSITIVE_INFINITY)) return null;
  const directions = directionsOf(length);
  const scale = Math.sqrt(length / squares);
  const keys: number[] = [];
  for (let k = 0; k < DIRECTIONS; k++) {
    const at = k * length;
    let projection = 0;
    for (let i = 0; i < length; i++) projection += embedding[i]! * directions[at + i]!;
    keys.push(scoreKey((projection * scale + SPREAD) / (2 * SPREAD)));
  }
  return keys;
}

/** Unit Gaussian directions, one behind the other: the same for ever. */
function directionsOf(length: number): Float64Array {
  const cached = known.get(length);
  if (cached !== undefined) return cached;
  const directions = new Float64Array(DIRECTIONS * length);
  for (let k = 0; k < DIRECTIONS; k++) {
    const one = directions.subarray(k * length, (k + 1) * length);
    const next = normals(DIRECTION_SEED * DIRECTIONS + k);
    let squares = 0;
    for (let i = 0; i < length; i++) {
      one[i] = next();
      squares += one[i]! * one[i]!;
    }
    const norm = Math.sqrt(squares);
    for (let i = 0; i < length; i++) one[i]! /= norm;
  }
  if (known.size >= LENGTHS_KEPT) known.delete(known.keys().next().value!);
  known.set(length, directions);
  return directions;
}

/** Standard normal numbers, by Box and Muller (1958) from the generator of Steele, Lea, Flood (2014), SplitMix, in 32 bits. */
function normals(seed: number): () => number {
  let state = (seed * 0x9e3779b9) >>> 0;
  const uniform = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
