import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DELAY_EDGES_MINUTES, DELAY_HORIZON_MINUTES, delayOf, delayValue } from '../../src/tally/delay.ts';

it('says between which edges the delay lies and how many UTC days apart the two minutes are; nothing after seven days', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40_000_000 }), fc.nat(DELAY_HORIZON_MINUTES + 100), (event, delay) => {
      const value = delayValue(event, event + delay);
      if (delay >= DELAY_HORIZON_MINUTES) {
        expect(value).toBeNull();
        return;
      }
      const { bucket, daysBack } = delayOf(value!);
      expect(DELAY_EDGES_MINUTES[bucket]!).toBeLessThanOrEqual(delay);
      expect(DELAY_EDGES_MINUTES[bucket + 1]!).toBeGreaterThan(delay);
      expect(daysBack).toBe(Math.floor((event + delay) / 1440) - Math.floor(event / 1440));
    }),
  );
});

it('keeps the values that were stored before days were told apart', () => {
  expect([0, 5, 15, 60, 180, 720].map((delay) => delayValue(1440, 1440 + delay))).toEqual([1, 2, 3, 4, 5, 6]);
});
