import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  bernoulliDivergence,
  eventsNeeded,
  eventsToDetect,
  minutesToDetect,
  smallestDetectableBurn,
} from '../../src/objectives/detectability.ts';

const budgets = fc.double({ min: 1e-5, max: 0.5, noNaN: true });

it('what can be detected in a day is what a day brings enough events for', () => {
  fc.assert(
    fc.property(budgets, fc.integer({ min: 1, max: 1e7 }), (q0, events) => {
      const burn = smallestDetectableBurn(q0, 43_200, events);
      if (burn === null) {
        expect(eventsToDetect(q0, 43_200, 1 / q0)).toBeGreaterThan(events);
        return;
      }
      fc.pre(burn > 1.001);
      expect(eventsToDetect(q0, 43_200, burn) / events).toBeCloseTo(1, 3);
    }),
  );
});

it('detection is about as quick as simulations say', () => {
  // Objective 99.9 %, one stream alone: 5x at 10/min took 182 minutes in the median, 100x at 1/min 30, an outage 2 to 3.
  expect(minutesToDetect(0.001, 43_200, 5, 10)).toBeGreaterThan(150);
  expect(minutesToDetect(0.001, 43_200, 5, 10)).toBeLessThan(400);
  expect(minutesToDetect(0.001, 43_200, 100, 1)).toBeLessThan(60);
  expect(minutesToDetect(0.001, 43_200, 1000, 10)).toBe(3);
  expect(eventsNeeded(0.05, 43_200)).toBe(Math.ceil(Math.log(43_200 * 9) / bernoulliDivergence(0.25, 0.05)));
  expect(() => eventsToDetect(0.05, 43_200, 1)).toThrow('burn is 1');
});

it('a divergence from certainty is refused', () => {
  expect(() => bernoulliDivergence(0.5, 0)).toThrow('q is 0');
});
