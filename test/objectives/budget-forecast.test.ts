import fc from 'fast-check';
import { expect, it } from 'vitest';
import { budgetForecast } from '../../src/objectives/budget-forecast.ts';

it('a forecast is ordered, and the sooner the budget is spent the more surely it is spent in the window', () => {
  fc.assert(
    fc.property(
      fc.nat(200),
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 50_000 }),
      (bad, left, tau) => {
        const forecast = budgetForecast({ bad, minutes: 360, remainingBad: left, minutesLeft: tau });
        expect(forecast.low).toBeLessThan(forecast.high);
        if (forecast.minutes !== null) expect(forecast.minutes).toBeGreaterThan(forecast.low);
        const later = budgetForecast({ bad, minutes: 360, remainingBad: left, minutesLeft: tau * 2 });
        expect(later.exhaustsInWindow).toBeGreaterThanOrEqual(forecast.exhaustsInWindow);
        expect(forecast.exhaustsInWindow).toBeGreaterThanOrEqual(0);
        expect(later.exhaustsInWindow).toBeLessThanOrEqual(1);
      },
    ),
  );
  expect(budgetForecast({ bad: 3, minutes: 60, remainingBad: 5, minutesLeft: 0 }).exhaustsInWindow).toBe(0);
});

it('a forecast from nothing, or to an end that is past, is refused', () => {
  expect(() => budgetForecast({ bad: 1, minutes: 0, remainingBad: 1, minutesLeft: 1 })).toThrow('minutes is 0');
  expect(() => budgetForecast({ bad: 1, minutes: 1, remainingBad: 1, minutesLeft: -1 })).toThrow('minutesLeft is -1');
});
