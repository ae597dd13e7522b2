import fc from 'fast-check';
import { expect, it } from 'vitest';
import { startOfPeriod } from '../../src/objectives/calendar.ts';
import { expectedEvents, HISTORY_HOURS } from '../../src/objectives/expected-events.ts';
import type { ObjectiveWindow } from '../../src/objectives/objective.ts';
import { periodAt } from '../../src/objectives/periods.ts';
import { ExpectedRest } from '../../src/server/judge/expected-rest.ts';

const NOON = Date.parse('2026-11-18T12:00:00Z') / 60_000;
const windowOf = (unit: 'day' | 'week' | 'month', timeZone: string): ObjectiveWindow => ({
  text: unit,
  minutes: 31 * 1440 + 60,
  startOf: (now) => startOfPeriod(now, unit, timeZone),
  hasFixedStart: true,
});

it('at any minute is what the hours of before let expect, whenever it was asked before', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('day' as const, 'week' as const, 'month' as const),
      fc.constantFrom('UTC', 'Asia/Kolkata'),
      fc.integer({ min: 1, max: 400 }),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 12 }),
      (unit, timeZone, perHour, steps) => {
        const window = windowOf(unit, timeZone);
        const rest = new ExpectedRest(window);
        const first = Math.floor(NOON / 60) - 400;
        const eventsIn = (hour: number): number => (hour < first ? 0 : perHour * (1 + (hour % 3)));
        let through = NOON;
        for (const step of steps) {
          through += step;
          const hour = Math.floor((through + 1) / 60);
          const hours = Array.from({ length: HISTORY_HOURS }, (_, i) => hour - HISTORY_HOURS + i);
          const counted = hours.filter((at) => at >= first).map((at) => ({ hour: at, n: eventsIn(at) }));
          const history = { first: Math.max(first, hour - HISTORY_HOURS), last: hour - 1 };
          const { n } = expectedEvents(counted, history, through + 1, periodAt(window, through).to);
          expect(rest.after(through, eventsIn)).toBeCloseTo(n, 6);
        }
      },
    ),
    { numRuns: 30 },
  );
});

it('is nothing while not a whole hour is known, and when the window is over', () => {
  const rest = new ExpectedRest(windowOf('day', 'UTC'));
  expect(rest.after(NOON, () => 0)).toBe(0);
  const { to } = periodAt(windowOf('day', 'UTC'), NOON);
  expect(rest.after(to - 1, () => 60)).toBe(0);
  expect(rest.after(to, () => 60)).toBe(60 * 24 - 1);
});
