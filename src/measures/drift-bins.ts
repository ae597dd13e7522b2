import { type Code, OTHER } from '../model/dictionary.ts';
import { DIRECTIONS, projectionOf } from '../tally/embedding-sketch.ts';
import { MISSING_KEY, SCORE_KEYS, ZERO_KEY } from '../tally/feature-bins.ts';

/** What a feature is: see `src/tally/feature-bins.ts` for the keys it is counted by. */
export type FeatureKind = 'quantity' | 'scores' | 'categories' | 'embeddings';

/** Bins as the baseline has frozen them. */
export interface Bins {
  readonly size: number;
  /** Sizes of the groups that bins come in, one behind the other: every event is in one bin of each group. One group but of embeddings. */
  readonly groups: readonly number[];
  /** Of embeddings: the middle of each bin, in standard deviations of a random direction, rising within each group. */
  readonly positions?: readonly number[];
  readonly binOf: (key: number) => number;
  /** What a bin holds, in words. @param textOf  of a category's code */
  readonly nameOf: (bin: number, textOf: (code: Code) => string) => string;
}

const CATEGORIES_MAX = 30;
const QUANTILES = 10;

/** Bins of a baseline. Outermost bins are open, and what the baseline never saw has a bin of its own. @returns null for a baseline without events */
export function binsOf(kind: FeatureKind, baseline: ReadonlyMap<number, number>): Bins | null {
  const counts = [...baseline].filter(([, n]) => n > 0);
  if (counts.length === 0) return null;
  switch (kind) {
    case 'categories':
      return categories(counts);
    case 'quantity':
      return powers(counts);
    case 'scores':
      return quantiles(counts);
    case 'embeddings':
      return directions(counts);
  }
}

/** The thirty most frequent, `other`, and `missing`. */
function categories(counts: readonly (readonly [number, number])[]): Bins {
  const top = counts
    .filter(([key]) => key !== MISSING_KEY && key !== OTHER)
    .sort(([a, n], [b, m]) => m - n || a - b)
    .slice(0, CATEGORIES_MAX)
    .map(([key]) => key);
  const places = new Map(top.map((key, i) => [key, i]));
  const missing = top.length + 1;
  return {
    size: top.length + 2,
    groups: [top.length + 2],
    binOf: (key) => (key === MISSING_KEY ? missing : (places.get(key) ?? top.length)),
    nameOf: (bin, textOf) => (bin === missing ? 'missing' : bin === top.length ? 'other' : textOf(top[bin]!)),
  };
}

/** `missing`, zero, below what was seen, each power of two that was, above. */
function powers(counts: readonly (readonly [number, number])[]): Bins {
  const seen = counts.map(([key]) => key).filter((key) => key > ZERO_KEY);
  const low = seen.length === 0 ? 0 : Math.min(...seen);
  const high = seen.length === 0 ? -1 : Math.max(...seen);
  const size = high - low + 5;
  return {
    size,
    groups: [size],
    binOf: (key) => {
      if (key === MISSING_KEY) return 0;
      if (key === ZERO_KEY) return 1;
      return key < low ? 2 : Math.min(size - 1, key - low + 3);
    },
    nameOf: (bin) => {
      if (bin === 0) return 'missing';
      if (bin === 1) return '0';
      if (bin === 2) return `up to ${numberText(2 ** low)}`;
      const power = low + bin - 3;
      return bin === size - 1
        ? `above ${numberText(2 ** power)}`
        : `${numberText(2 ** power)} to ${numberText(2 ** (power + 1))}`;
    },
  };
}

/** About ten bins of equally many; a fiftieth that alone holds a tenth is a bin of its own. */
function quantiles(counts: readonly (readonly [number, number])[]): Bins & { readonly middles: readonly number[] } {
  const known = new Map(counts);
  const wanted = counts.reduce((sum, [, n]) => sum + n, 0) / QUANTILES;
  const binOfKey: number[] = [];
  const starts: number[] = [0];
  let held = 0;
  for (let key = 0; key < SCORE_KEYS; key++) {
    const n = known.get(key) ?? 0;
    if (starts.at(-1)! < key && n >= wanted) {
      starts.push(key);
      held = 0;
    }
    held += n;
    binOfKey.push(starts.length - 1);
    if (held >= wanted && key + 1 < SCORE_KEYS) {
      starts.push(key + 1);
      held = 0;
    }
  }
  const at = (i: number): string => String((starts[i] ?? SCORE_KEYS) / SCORE_KEYS);
  const size = Math.max(2, starts.length);
  return {
    size,
    groups: [size],
    middles: Array.from({ length: size }, (_, i) => ((starts[i] ?? SCORE_KEYS) + (starts[i + 1] ?? SCORE_KEYS)) / 2),
    binOf: (key) => binOfKey[Math.min(SCORE_KEYS - 1, Math.max(0, key))]!,
    nameOf: (bin) => `${at(bin)} to ${at(bin + 1)}`,
  };
}

/** The key of a part of a direction. */
export const directionKeyOf = (direction: number, bin: number): number => direction * SCORE_KEYS + bin;

/** About ten bins of equally many in each direction. */
function directions(counts: readonly (readonly [number, number])[]): Bins {
  const byDirection = Map.groupBy(counts, ([key]) => Math.floor(key / SCORE_KEYS));
  const parts = Array.from({ length: DIRECTIONS }, (_, k) =>
    quantiles((byDirection.get(k) ?? []).map(([key, n]) => [key - directionKeyOf(k, 0), n])),
  );
  const groups = parts.map(({ size }) => size);
  const starts = groups.map((_, k) => groups.slice(0, k).reduce((sum, size) => sum + size, 0));
  return {
    size: groups.reduce((sum, size) => sum + size, 0),
    groups,
    positions: parts.flatMap(({ middles }) => middles.map((key) => projectionOf(key))),
    binOf: (key) => {
      const k = Math.min(DIRECTIONS - 1, Math.max(0, Math.floor(key / SCORE_KEYS)));
      return starts[k]! + parts[k]!.binOf(key - directionKeyOf(k, 0));
    },
    nameOf: (bin, textOf) => {
      const k = starts.findLastIndex((start) => start <= bin);
      return `direction ${k + 1}, ${parts[k]!.nameOf(bin - starts[k]!, textOf)}`;
    },
  };
}

/** In how many keys an event of a feature is counted. */
export const keysPerEvent = (kind: FeatureKind): number => (kind === 'embeddings' ? DIRECTIONS : 1);

/** What bins hold, group by group. */
export function inGroups<T>(groups: readonly number[], values: ArrayLike<T>): T[][] {
  let at = 0;
  return groups.map((size) => {
    const from = at;
    at += size;
    return Array.from({ length: size }, (_, i) => values[from + i]!);
  });
}

const numberText = (value: number): string => (value >= 1 ? String(value) : String(Number(value.toPrecision(3))));

/** Counts in the bins. */
export function binned(bins: Bins, counts: ReadonlyMap<number, number>): Float64Array {
  const sums = new Float64Array(bins.size);
  for (const [key, n] of counts) sums[bins.binOf(key)]! += n;
  return sums;
}
