import type { Code } from '../model/dictionary.ts';
import { ERROR_CLASSES } from '../model/error-class.ts';
import { type Clock, EVENT_CLOCK, LABEL_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import { EXPONENTIAL_SCALE } from '../tally/exponential.ts';
import { cappedPower, MISSING_KEY, ZERO_KEY } from '../tally/feature-bins.ts';
import { count, type Tally } from '../tally/group.ts';
import type { FeatureKind } from './drift-bins.ts';

/** A feature as something that is read from tallies: how many of each key (src/tally/feature-bins.ts). */
export interface Feature {
  readonly kind: FeatureKind;
  /** Of a quantity, in words: what its numbers are of. */
  readonly unit?: string;
  /** Which minutes its detector sees: those of the interactions, or those in which scores became known. */
  readonly detectorClock: Clock;
  readonly reads: (name: counters.Counter) => boolean;
  readonly countsOf: (tally: Tally) => ReadonlyMap<number, number>;
}

type Keys = Map<number, number>;
const addTo = (keys: Keys, key: number, n: number): void => void (n !== 0 && keys.set(key, (keys.get(key) ?? 0) + n));

/** Tokens of interactions that did not fail; those of which no number is known are missing. */
export const tokens = (quantity: counters.Quantity): Feature => ({
  kind: 'quantity',
  unit: 'tokens',
  detectorClock: EVENT_CLOCK,
  reads: (name) => name === counters.COUNT || FAILED.has(name) || counters.keyOfFeatureBin(quantity, name) !== null,
  countsOf: (tally) => {
    const keys: Keys = new Map();
    let missing = count(tally, counters.COUNT);
    for (const name of FAILED) missing -= count(tally, name);
    for (const [name, n] of tally) {
      const key = counters.keyOfFeatureBin(quantity, name);
      if (key === null) continue;
      addTo(keys, key, n);
      missing -= n;
    }
    addTo(keys, MISSING_KEY, Math.max(0, missing));
    return keys;
  },
});
const FAILED: ReadonlySet<counters.Counter> = new Set(ERROR_CLASSES.map((name) => counters.FAILED[name]));

/** Milliseconds of interactions that did not fail: the histogram that there is, made coarser. */
export const duration: Feature = {
  kind: 'quantity',
  unit: 'ms',
  detectorClock: EVENT_CLOCK,
  reads: (name) => name === counters.DURATION_ZERO || counters.isDurationBucket(name),
  countsOf: (tally) => {
    const keys: Keys = new Map();
    for (const [name, n] of tally)
      if (name === counters.DURATION_ZERO) addTo(keys, ZERO_KEY, n);
      else if (counters.isDurationBucket(name))
        addTo(keys, cappedPower(counters.bucketIndexOf(name) >> EXPONENTIAL_SCALE), n);
    return keys;
  },
};

/** Scores of one evaluator version. @param bins  codes of the parts of its scale, the worst first */
export function scoresOf(bins: readonly Code[]): Feature {
  const keyOf = new Map(bins.map((code, key) => [counters.scoreBin(code), key]));
  return {
    kind: 'scores',
    detectorClock: LABEL_CLOCK,
    reads: (name) => keyOf.has(name),
    countsOf: (tally) => {
      const keys: Keys = new Map();
      for (const [name, n] of tally) {
        const key = keyOf.get(name);
        if (key !== undefined) addTo(keys, key, n);
      }
      return keys;
    },
  };
}

/** A category that is a slice dimension: its tallies are made by `categoriesTogether`. */
export const category: Feature = {
  kind: 'categories',
  detectorClock: EVENT_CLOCK,
  reads: () => true,
  countsOf: (tally) => tally,
};

/** The interactions of each value of a dimension, by its code; those without one are missing. No counters of the store. */
export function categoriesTogether(
  slices: readonly { readonly value: Code; readonly tally: Tally }[],
  whole: Tally,
): Tally {
  const keys: Keys = new Map();
  let missing = count(whole, counters.COUNT);
  for (const { value, tally } of slices) {
    const n = count(tally, counters.COUNT);
    addTo(keys, value, n);
    missing -= n;
  }
  addTo(keys, MISSING_KEY, Math.max(0, missing));
  return keys;
}
