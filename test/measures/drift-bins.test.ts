import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binned, binsOf } from '../../src/measures/drift-bins.ts';
import { driftEstimate } from '../../src/measures/drift-estimate.ts';
import { categoriesTogether, category, duration, scoresOf, tokens } from '../../src/measures/drift-features.ts';
import { DRIFT_BINS } from '../../src/objectives/drift-detector.ts';
import * as counters from '../../src/tally/counters.ts';
import { durationCounter } from '../../src/tally/duration.ts';
import { MISSING_KEY, POWERS, powerKey, SCORE_KEYS, scoreKey, ZERO_KEY } from '../../src/tally/feature-bins.ts';

const kinds = fc.constantFrom('quantity' as const, 'scores' as const, 'categories' as const);
const keyOf = {
  quantity: fc.oneof(fc.integer({ min: POWERS[0], max: POWERS[1] }), fc.constantFrom(MISSING_KEY, ZERO_KEY)),
  scores: fc.nat(SCORE_KEYS - 1),
  categories: fc.oneof(fc.nat(200), fc.constant(MISSING_KEY)),
};
const counted = kinds.chain((kind) => {
  const counts = fc.array(fc.tuple(keyOf[kind], fc.integer({ min: 1, max: 500 })), { minLength: 1, maxLength: 80 });
  return fc.record({ kind: fc.constant(kind), baseline: counts, later: counts });
});
const toMap = (list: readonly (readonly [number, number])[]): Map<number, number> => new Map(list);
const total = (counts: Iterable<number>): number => [...counts].reduce((sum, one) => sum + one, 0);

describe('bins of a baseline', () => {
  it('hold everything that comes, and are as many as the detector takes', () => {
    fc.assert(
      fc.property(counted, ({ kind, baseline, later }) => {
        const bins = binsOf(kind, toMap(baseline))!;
        expect(bins.size).toBeGreaterThanOrEqual(DRIFT_BINS[0]);
        expect(bins.size).toBeLessThanOrEqual(DRIFT_BINS[1]);
        const counts = binned(bins, toMap(later));
        expect(total(counts)).toBe(total(toMap(later).values()));
        const names = Array.from(counts, (_, bin) => bins.nameOf(bin, String));
        expect(new Set(names).size).toBe(bins.size);
      }),
    );
  });

  it('without events there are none', () => expect(binsOf('scores', new Map())).toBeNull());

  it('of a quantity lead by powers of two, with room on both sides for what was never seen', () => {
    const bins = binsOf(
      'quantity',
      new Map([
        [powerKey(100), 90],
        [powerKey(300), 10],
      ]),
    )!;
    const nameOf = (value: number): string => bins.nameOf(bins.binOf(powerKey(value)), String);
    expect([100, 64, 65, 300, 10, 5000, 0].map(nameOf)).toEqual([
      '64 to 128',
      'up to 64',
      '64 to 128',
      '256 to 512',
      'up to 64',
      'above 512',
      '0',
    ]);
    expect(bins.nameOf(bins.binOf(MISSING_KEY), String)).toBe('missing');
  });

  it('of scores hold about a tenth each; a score that is given often has a bin of its own', () => {
    const even = binsOf('scores', new Map(Array.from({ length: 50 }, (_, key) => [key, 10])))!;
    expect(even.size).toBe(10);
    const best = binsOf('scores', new Map([[SCORE_KEYS - 1, 1000]]))!;
    expect([best.binOf(SCORE_KEYS - 1), best.binOf(10)]).toEqual([1, 0]);
    expect([0, 0.019, 0.02, 0.021, 1].map(scoreKey)).toEqual([0, 0, 0, 1, 49]);
  });

  it('of categories are the thirty most frequent, other and missing', () => {
    const bins = binsOf('categories', new Map(Array.from({ length: 40 }, (_, i) => [100 + i, 1000 - i])))!;
    const nameOf = (key: number): string => bins.nameOf(bins.binOf(key), (code) => `#${code}`);
    expect(bins.size).toBe(32);
    expect([100, 129, 130, 7, MISSING_KEY].map(nameOf)).toEqual(['#100', '#129', 'other', 'other', 'missing']);
  });
});

describe('features', () => {
  it('tokens that nobody knows are missing, those of failures are not', () => {
    const feature = tokens('output_tokens');
    const tally = new Map([
      [counters.COUNT, 10],
      [counters.FAILED.server, 3],
      [counters.featureBin('output_tokens', powerKey(40)), 4],
      [counters.featureBin('output_tokens', ZERO_KEY), 1],
      [counters.featureBin('input_tokens', powerKey(40)), 7],
    ]);
    expect(feature.keysOf(tally).counts).toEqual(
      new Map([
        [5, 4],
        [ZERO_KEY, 1],
        [MISSING_KEY, 2],
      ]),
    );
    expect([...tally.keys()].filter(feature.reads)).toHaveLength(4);
  });

  it('durations are those of the histogram, by powers of two', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e6, noNaN: true }), (ms) => {
        expect(duration.keysOf(new Map([[durationCounter(ms), 1]])).counts).toEqual(new Map([[powerKey(ms), 1]]));
      }),
    );
    expect(duration.keysOf(new Map([[durationCounter(0), 2]])).counts).toEqual(new Map([[ZERO_KEY, 2]]));
  });

  it('scores are read by the codes of their parts alone', () => {
    const feature = scoresOf([500, 501, 502]);
    const tally = new Map([
      [counters.scoreBin(501), 3],
      [counters.scoreBin(999), 8],
      [counters.COUNT, 11],
    ]);
    expect(feature.keysOf(tally).counts).toEqual(new Map([[1, 3]]));
  });

  it('of a dimension, what has no value is missing', () => {
    const slices = [{ value: 12, tally: new Map([[counters.COUNT, 3]]) }];
    expect(category.keysOf(categoriesTogether(slices, new Map([[counters.COUNT, 5]]))).counts).toEqual(
      new Map([
        [12, 3],
        [MISSING_KEY, 2],
      ]),
    );
  });
});

describe('the estimate of drift', () => {
  it('has its value in its interval, and is about nothing where there is no drift', () => {
    const reference = [5000, 5000, 5000, 5000];
    const same = driftEstimate([260, 240, 250, 250], reference)!;
    expect(same.low).toBe(0);
    expect(same.value).toBeLessThan(0.01);
    const moved = driftEstimate([500, 300, 100, 100], reference)!;
    expect(moved.low > 0.25 && moved.low < moved.value && moved.value < moved.high).toBe(true);
    expect(driftEstimate([0, 0, 0, 0], reference)).toBeNull();
  });
});
