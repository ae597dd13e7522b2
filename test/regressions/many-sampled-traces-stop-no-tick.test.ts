import { expect, it } from 'vitest';
import { availability } from '../../src/measures/availability.ts';
import { estimateShare } from '../../src/measures/share.ts';
import * as counters from '../../src/tally/counters.ts';

/** So many of one weight, and so many of them failed. */
function seen(n: number, failed: number, weight: number): Map<number, number> {
  const tally = new Map([
    [counters.COUNT, n],
    [counters.FAILED.server, failed],
  ]);
  for (const [name, times] of [...tally])
    counters.addExtraWeight(name, weight, (part, by) => tally.set(part, by * times));
  return tally;
}

/** The sum of squares needs more than 53 bits then: it was refused, and with it the tick of every objective. */
it.each([
  [1_000_000, 100],
  [9_100, 1000],
  [10_000_000, 65_536],
])('%i traces that stand for %i each are an estimate like others', (n, weight) => {
  const { value, low, high, sampled } = estimateShare(availability().eventsOf(seen(n, n / 100, weight)));
  expect(value).toBeCloseTo(0.99, 9);
  expect(low!).toBeLessThan(0.99);
  expect(high!).toBeGreaterThan(0.99);
  expect(sampled!.represents / n).toBeCloseTo(weight, 6);
  expect(sampled!.effective / n).toBeCloseTo(1, 6);
});
