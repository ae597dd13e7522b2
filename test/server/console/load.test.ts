import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINE, loadInterval, loadOf, placeOf } from '../../../src/server/console/app/logic/load.ts';

describe('the load of a promise', () => {
  it.each([
    ['availability', 1, 0.99, 0],
    ['availability', 0.995, 0.99, 0.5],
    ['availability', 0.99, 0.99, 1],
    ['availability', 0.98, 0.99, 2],
    ['accuracy', 0.85, 0.9, 1.5],
    ['trust', 90, 80, 0.5],
  ])('of %s %d against %d is %d', (measure, value, target, load) => {
    expect(loadOf(measure, value, target)).toBeCloseTo(load, 9);
  });

  it.each([
    ['without a value', null, 0.99],
    ['without a target', 0.99, null],
    ['with a target that allows nothing', 0.99, 1],
  ])('is nothing %s', (_name, value, target) => {
    expect(loadOf('availability', value, target)).toBeNull();
  });

  it('turns the interval around: what may be lower may be loaded heavier', () => {
    const interval = loadInterval({ measure: 'availability', value: 0.99, low: 0.97, high: 0.995 }, 0.98)!;
    expect(interval.low).toBeCloseTo(0.25, 9);
    expect(interval.value).toBeCloseTo(0.5, 9);
    expect(interval.high).toBeCloseTo(1.5, 9);
  });

  it('of what may be at most so much is the part that is used', () => {
    const interval = loadInterval({ measure: 'parity', value: 0.1, low: 0.02, high: 0.12 }, 0.05, 'at_most')!;
    expect([interval.low, interval.value, interval.high].map((load) => Number(load.toFixed(9)))).toEqual([0.4, 2, 2.4]);
  });
});

describe('the place of a load', () => {
  const load = fc.double({ min: 0, max: 1e6, noNaN: true });

  it('is the line for what is just allowed', () => {
    expect(placeOf(0)).toBe(0);
    expect(placeOf(1)).toBe(LINE);
  });

  it('keeps the order, stays on the paper, and is never left of the line when it is too much', () => {
    fc.assert(
      fc.property(load, load, (a, b) => {
        const [low, high] = a <= b ? [a, b] : [b, a];
        expect(placeOf(low)).toBeLessThanOrEqual(placeOf(high));
        expect(placeOf(high)).toBeLessThanOrEqual(1);
        if (a > 1) expect(placeOf(a)).toBeGreaterThanOrEqual(LINE);
        else expect(placeOf(a)).toBeLessThanOrEqual(LINE);
      }),
    );
  });
});
