import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  bucketEstimate,
  bucketLower,
  bucketOf,
  bucketUpper,
  countOf,
  downscale,
  type ExponentialHistogram,
  exponentialQuantile,
  relativeError,
} from '../../src/tally/exponential.ts';

const scales = fc.integer({ min: 0, max: 8 });
const positive = fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true });
const latencies = fc.double({ min: 0.001, max: 3.6e6, noNaN: true });

function histogramOf(values: readonly number[], scale = 5): ExponentialHistogram {
  const buckets = new Map<number, number>();
  for (const value of values.filter((v) => v > 0))
    buckets.set(bucketOf(value, scale), (buckets.get(bucketOf(value, scale)) ?? 0) + 1);
  return { zeros: values.filter((v) => v <= 0).length, buckets };
}

it('every value lies in its bucket: above the lower edge, not above the upper', () => {
  fc.assert(
    fc.property(positive, scales, (value, scale) => {
      const bucket = bucketOf(value, scale);
      expect(bucketLower(bucket, scale)).toBeLessThan(value);
      expect(bucketUpper(bucket, scale)).toBeGreaterThanOrEqual(value);
    }),
  );
});

it('an exact power of two falls into the bucket that ends with it', () => {
  for (let scale = 0; scale <= 8; scale++)
    for (let exponent = -1000; exponent <= 1000; exponent++)
      expect(bucketOf(2 ** exponent, scale)).toBe(exponent * 2 ** scale - 1);
});

it('between 1 ms and 1 h lie 697 buckets', () => {
  expect(bucketOf(3_600_000) - bucketOf(1)).toBe(697);
});

it('a quantile is the sorted value to within 1.083 %, and zeros come below everything', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(latencies, fc.constant(0)), { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, q) => {
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.floor(q * (values.length - 1))]!;
        const estimate = exponentialQuantile(histogramOf(values), q)!;
        expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(relativeError() * exact * (1 + 1e-12));
      },
    ),
  );
  expect(relativeError()).toBeCloseTo(0.01083, 5);
});

it('an estimate is in the middle of its bucket, on the scale of relative error', () => {
  const estimate = bucketEstimate(100);
  expect(estimate / bucketLower(100) - 1).toBeCloseTo(relativeError(), 12);
  expect(1 - estimate / bucketUpper(100)).toBeCloseTo(relativeError(), 12);
});

it('making a histogram coarser is the same as having counted coarsely', () => {
  fc.assert(
    fc.property(fc.array(latencies, { maxLength: 100 }), fc.integer({ min: 0, max: 5 }), (values, by) => {
      expect(downscale(histogramOf(values, 5).buckets, by)).toEqual(histogramOf(values, 5 - by).buckets);
    }),
  );
});

it('an empty histogram has no quantile', () => {
  expect(exponentialQuantile({ zeros: 0, buckets: new Map() }, 0.5)).toBeNull();
});

it.each([0, -1, Number.NaN, Infinity])('%s has no bucket', (value) => {
  expect(() => bucketOf(value)).toThrow(RangeError);
});

it('what is no histogram is refused', () => {
  expect(() => bucketOf(1, 2.5)).toThrow('scale is 2.5');
  expect(() => bucketOf(1, -1)).toThrow(RangeError);
  expect(() => downscale(new Map(), -1)).toThrow('never finer');
  expect(() => countOf({ zeros: 0, buckets: new Map([[3, -1]]) })).toThrow('bucket 3');
  expect(() => countOf({ zeros: 1, buckets: new Map([[3, Number.MAX_SAFE_INTEGER]]) })).toThrow(RangeError);
  expect(() => exponentialQuantile({ zeros: 1, buckets: new Map() }, 1.1)).toThrow('q is 1.1');
});
