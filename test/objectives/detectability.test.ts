import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  bernoulliDivergence,
  eventsNeeded,
  eventsToDetect,
  minutesToDetect,
  minutesToDetectByMinutes,
  smallestDetectableBurn,
} from '../../src/objectives/detectability.ts';
import { detectorParams, initialState, step } from '../../src/objectives/e-detector.ts';
import { binomial, random } from '../random.ts';

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

it('by minutes alone one event a minute tells as much as by events, and an outage takes three minutes at least', () => {
  for (const burn of [2, 5, 20]) {
    const byMinutes = minutesToDetectByMinutes(0.01, 43_200, burn, 1)!;
    const byEvents = minutesToDetect(0.01, 43_200, burn, 1);
    expect(byMinutes).toBeGreaterThanOrEqual(byEvents * 0.9);
    // A minute without events tells nothing: of 63 in 100 there are any.
    expect(byMinutes).toBeLessThan(byEvents * 2.5);
  }
  expect(minutesToDetectByMinutes(0.01, 43_200, 100, 50)).toBe(3);
});

it('by minutes alone more traffic finds a burn sooner, but ever less so: what is bet on is a share', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 0.1, noNaN: true }),
      fc.double({ min: 1.5, max: 9, noNaN: true }),
      (q0, burn) => {
        const [few, many, more] = [1, 100, 10_000].map((rate) => minutesToDetectByMinutes(q0, 43_200, burn, rate)!);
        expect(many!).toBeLessThanOrEqual(few!);
        expect(more!).toBeLessThanOrEqual(many! * 1.02 + 1);
        expect(more!).toBeGreaterThanOrEqual(minutesToDetect(q0, 43_200, burn, 10_000));
      },
    ),
    { numRuns: 60 },
  );
});

it('by minutes alone takes about as long as a detector does that has only those', () => {
  const next = random(11);
  const params = detectorParams({ q0: 0.01, threshold: 43_200, mode: 'robust' });
  const took = Array.from({ length: 60 }, () => {
    const state = initialState(params, null);
    for (let minute = 0; ; minute++)
      if (step(params, state, minute, 50, binomial(next, 50, 0.05)) !== null) return minute + 1;
  }).toSorted((a, b) => a - b);
  const about = minutesToDetectByMinutes(0.01, 43_200, 5, 50)!;
  expect(about).toBeGreaterThan(took[15]! * 0.7);
  expect(about).toBeLessThan(took[45]! * 1.6);
});
