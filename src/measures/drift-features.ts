import type { Code } from '../model/dictionary.ts';
import { ERROR_CLASSES } from '../model/error-class.ts';
import { type Clock, EVENT_CLOCK, LABEL_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import { EXPONENTIAL_SCALE } from '../tally/exponential.ts';
import { cappedPower, MISSING_KEY, ZERO_KEY } from '../tally/feature-bins.ts';
import { count, type Tally } from '../tally/group.ts';
import { directionKeyOf, type FeatureKind } from './drift-bins.ts';
import { KeyWeights, type WeighedKeys } from './key-weights.ts';

/** A feature as something that is read from tallies: how many of each key (src/tally/feature-bins.ts). */
export interface Feature {
  readonly kind: FeatureKind;
  /** Of a quantity, in words: what its numbers are of. */
  readonly unit?: string;
  /** Which minutes its detector sees: those of the interactions, or those in which scores became known. */
  readonly detectorClock: Clock;
  readonly reads: (name: counters.Counter) => boolean;
  /** Of sampled traces by what they stand for, as many in all as they are worth. */
  readonly keysOf: (tally: Tally) => WeighedKeys;
}

/** Tokens of interactions that did not fail; those of which no number is known are missing. */
export const tokens = (quantity: counters.Quantity): Feature => ({
  kind: 'quantity',
  unit: 'tokens',
  detectorClock: EVENT_CLOCK,
  reads: (name) => {
    const of = counters.counterOf(name);
    return of === counters.COUNT || FAILED.has(of) || counters.keyOfFeatureBin(quantity, of) !== null;
  },
  keysOf: (tally) => {
    const keys = new KeyWeights();
    keys.count(MISSING_KEY, tally, counters.COUNT);
    for (const name of FAILED) keys.count(MISSING_KEY, tally, name, -1);
    for (const name of tally.keys()) {
      const key = counters.keyOfFeatureBin(quantity, name);
      if (key === null) continue;
      keys.count(key, tally, name);
      keys.count(MISSING_KEY, tally, name, -1);
    }
    return keys.weighed();
  },
});
const FAILED: ReadonlySet<counters.Counter> = new Set(ERROR_CLASSES.map((name) => counters.FAILED[name]));

/** Milliseconds of interactions that did not fail: the histogram that there is, made coarser. */
export const duration: Feature = {
  kind: 'quantity',
  unit: 'ms',
  detectorClock: EVENT_CLOCK,
  reads: (name) => {
    const of = counters.counterOf(name);
    return of === counters.DURATION_ZERO || counters.isDurationBucket(of);
  },
  keysOf: (tally) => {
    const keys = new KeyWeights();
    for (const name of tally.keys())
      if (name === counters.DURATION_ZERO) keys.count(ZERO_KEY, tally, name);
      else if (counters.isDurationBucket(name))
        keys.count(cappedPower(counters.bucketIndexOf(name) >> EXPONENTIAL_SCALE), tally, name);
    return keys.weighed();
  },
};

/** What some counters counted, each under its key. @param perEvent  of them each event is in */
const ofCounters = (keyOf: ReadonlyMap<counters.Counter, number>, perEvent = 1): Pick<Feature, 'reads' | 'keysOf'> => ({
  reads: (name) => keyOf.has(counters.counterOf(name)),
  keysOf: (tally) => {
    const keys = new KeyWeights();
    for (const name of tally.keys()) {
      const key = keyOf.get(name);
      if (key !== undefined) keys.count(key, tally, name);
    }
    return keys.weighed(perEvent);
  },
});

/** Scores of one evaluator version. @param bins  codes of the parts of its scale, the worst first */
export function scoresOf(bins: readonly Code[]): Feature {
  const keyOf = new Map(bins.map((code, key) => [counters.scoreBin(code), key]));
  return {
    kind: 'scores',
    detectorClock: LABEL_CLOCK,
    ...ofCounters(keyOf),
  };
}

/** Where embeddings lie, each in every direction. @param bins  codes of the parts of each direction */
export function embeddingsOf(bins: readonly (readonly Code[])[]): Feature {
  const keyOf = new Map(
    bins.flatMap((codes, k) =>
      codes.map((code, bin) => [counters.directionBin(code), directionKeyOf(k, bin)] as const),
    ),
  );
  return {
    kind: 'embeddings',
    detectorClock: EVENT_CLOCK,
    ...ofCounters(keyOf, bins.length),
  };
}

/** A category that is a slice dimension: its tallies are made by `categoriesTogether`. */
export const category: Feature = {
  kind: 'categories',
  detectorClock: EVENT_CLOCK,
  reads: () => true,
  keysOf: (tally) => KeyWeights.ofTally(tally).weighed(),
};

/** The interactions of each value of a dimension, by its code; those without one are missing. No counters of the store. */
export function categoriesTogether(
  slices: readonly { readonly value: Code; readonly tally: Tally }[],
  whole: Tally,
): Tally {
  const keys = new KeyWeights();
  keys.count(MISSING_KEY, whole, counters.COUNT);
  for (const { value, tally } of slices) {
    if (count(tally, counters.COUNT) === 0) continue;
    keys.count(value, tally, counters.COUNT);
    keys.count(MISSING_KEY, tally, counters.COUNT, -1);
  }
  return keys.tally();
}
