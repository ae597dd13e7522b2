import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as counters from '../../src/tally/counters.ts';
import { durationCounter } from '../../src/tally/duration.ts';
import { bucketLower, bucketOf, bucketUpper } from '../../src/tally/exponential.ts';
import { withinByHistogram } from '../../src/tally/within.ts';

/** As a store counts them that knows of no limit. */
function tallyOf(durations: readonly number[]): Map<number, number> {
  const tally = new Map([[counters.COUNT, durations.length]]);
  for (const ms of durations) tally.set(durationCounter(ms), (tally.get(durationCounter(ms)) ?? 0) + 1);
  return tally;
}

const limits = fc.integer({ min: 1, max: 100_000 });
const durations = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 200_000, noNaN: true })), {
  maxLength: 60,
});

describe('a limit that nobody counted, by the histogram', () => {
  it('is exact where it says so', () => {
    fc.assert(
      fc.property(durations, limits, (list, limit) => {
        const { tally, isExact } = withinByHistogram(tallyOf(list), [limit]);
        const within = list.filter((ms) => ms <= limit).length;
        if (isExact) expect(tally!.get(counters.within(limit)) ?? 0).toBe(within);
      }),
    );
  });

  it('is off by the events of one bucket at most, and says where one was divided', () => {
    fc.assert(
      fc.property(durations, limits, (list, limit) => {
        const { tally, isExact } = withinByHistogram(tallyOf(list), [limit]);
        const bucket = bucketOf(limit);
        const open = list.filter((ms) => ms > 0 && bucketOf(ms) === bucket).length;
        const within = list.filter((ms) => ms <= limit).length;
        expect(Math.abs((tally!.get(counters.within(limit)) ?? 0) - within)).toBeLessThanOrEqual(open);
        expect(isExact).toBe(open === 0 || bucketUpper(bucket) === limit);
      }),
    );
  });

  it('divides a bucket evenly on the scale of its logarithm', () => {
    const bucket = bucketOf(1000);
    const middle = Math.sqrt(bucketLower(bucket) * bucketUpper(bucket));
    const { tally } = withinByHistogram(
      new Map([
        [counters.COUNT, 100],
        [counters.durationBucket(bucket), 100],
      ]),
      [Math.round(middle)],
    );
    expect(Math.abs(tally!.get(counters.within(Math.round(middle)))! - 50)).toBeLessThan(4);
  });

  it('says nothing of sampled events: the histogram has only those that were seen', () => {
    const tally = tallyOf([10, 20]);
    counters.addExtraWeight(counters.COUNT, 4, (name, by) => tally.set(name, by));
    expect(withinByHistogram(tally, [15])).toEqual({ tally: null, isExact: false });
  });
});
