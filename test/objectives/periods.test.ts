import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALENDAR_UNITS, type CalendarUnit } from '../../src/model/config/window.ts';
import { LONGEST_MINUTES, startOfPeriod } from '../../src/objectives/calendar.ts';
import { periodResult, periodState } from '../../src/objectives/period-result.ts';
import { periodAt, periodsUntil } from '../../src/objectives/periods.ts';

const minute = (text: string): number => Date.parse(text) / 60_000;
const calendar = (unit: CalendarUnit, zone: string) => ({
  minutes: LONGEST_MINUTES[unit],
  startOf: (now: number) => startOfPeriod(now, unit, zone),
});

describe('periods of the calendar', () => {
  it('join without a gap, whatever clocks do', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Africa/Cairo');
    fc.assert(
      fc.property(
        fc.constantFrom(...CALENDAR_UNITS),
        zones,
        fc.integer({ min: minute('2024-01-01T00:00Z'), max: minute('2027-01-01T00:00Z') }),
        (unit, zone, now) => {
          const window = calendar(unit, zone);
          const { from, to } = periodAt(window, now);
          expect(from).toBeLessThanOrEqual(now);
          expect(to).toBeGreaterThan(now);
          expect(to - from).toBeLessThanOrEqual(window.minutes);
          expect(window.startOf(to)).toBe(to);
          expect(window.startOf(to - 1)).toBe(from);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are listed newest first, as far back as anything is known', () => {
    const window = calendar('month', 'Europe/Berlin');
    const periods = periodsUntil(window, minute('2026-11-20T12:00Z'), minute('2026-09-15T00:00Z'), 10);
    expect(periods.map(({ from }) => new Date(from * 60_000).toISOString())).toEqual([
      '2026-10-31T23:00:00.000Z',
      '2026-09-30T22:00:00.000Z',
      '2026-08-31T22:00:00.000Z',
    ]);
  });
});

describe('what was attained in a period', () => {
  const month = { from: 0, to: 43_200 };
  const promise = { target: 0.999, q0: 0.001 };
  const credits = [
    { below: 0.999, credit: 10 },
    { below: 0.99, credit: 25 },
  ];
  const counts = (n: number, bad: number) => ({ n, bad, eligible: n, hidden: 0 });

  it('is final seven days after its end, and provisional until then', () => {
    expect([43_199, 43_200, 43_200 + 10_079, 43_200 + 10_080].map((now) => periodState(month, now))).toEqual([
      'current',
      'provisional',
      'provisional',
      'final',
    ]);
  });

  it.each([
    [100_000, 100, true, 0],
    [100_000, 101, false, 10],
    [100_000, 1000, false, 10],
    [100_000, 1001, false, 25],
  ])('%d events with %d bad: kept %s, %d owed', (n, bad, met, credit) => {
    expect(periodResult(promise, credits, month, counts(n, bad), 60_000, 0)).toMatchObject({ met, credit });
  });

  it('is owed for periods that are over, and for events that there were', () => {
    expect(periodResult(promise, credits, month, counts(100, 50), 10, 0)).toMatchObject({ met: false, credit: null });
    expect(periodResult(promise, credits, month, counts(0, 0), 60_000, 0)).toMatchObject({
      estimate: { status: 'undefined', value: null },
      met: null,
      credit: null,
    });
    expect(periodResult(promise, [], month, counts(100, 50), 60_000, 0)).toMatchObject({ met: false, credit: null });
  });

  it('has a wider interval while the period goes on, because it is looked at again and again', () => {
    const width = (now: number): number => {
      const { low, high } = periodResult(promise, [], month, counts(1000, 10), now, 0).estimate;
      return high! - low!;
    };
    expect(width(10)).toBeGreaterThan(width(60_000));
  });

  it('says when its service was not known from its beginning', () => {
    expect(periodResult(promise, [], month, counts(1000, 10), 60_000, 5)).toMatchObject({ isWhole: false });
  });
});
