import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowEnd } from '../../src/incidents/maintenance.ts';
import { type MaintenanceWindow, maintenanceWindow, WEEKDAYS } from '../../src/model/config/maintenance.ts';
import { iso } from '../../src/model/time.ts';

const MINUTE = 60_000;
const at = (time: string): number => Date.parse(time);
const end = (window: object, time: string): string | null => {
  const found = windowEnd(maintenanceWindow.parse(window), at(time));
  return found === null ? null : iso(found);
};

describe('a maintenance window', () => {
  it('once lasts from its beginning to before its end', () => {
    const window = { from: '2026-12-01T22:00:00Z', to: '2026-12-02T01:00:00+01:00' };
    expect(end(window, '2026-12-01T21:59:59Z')).toBeNull();
    expect(end(window, '2026-12-01T22:00:00Z')).toBe('2026-12-02T00:00:00.000Z');
    expect(end(window, '2026-12-02T00:00:00Z')).toBeNull();
  });

  const night = { days: ['sat'], from: '22:00', to: '04:00', timeZone: 'Europe/Berlin' };
  it.each([
    // Saturday 22:00 in Berlin is 21:00 in winter, and 20:00 in summer.
    ['2026-11-14T20:59:00Z', null],
    ['2026-11-14T21:00:00Z', '2026-11-15T03:00:00.000Z'],
    ['2026-11-15T02:59:59Z', '2026-11-15T03:00:00.000Z'],
    ['2026-11-15T03:00:00Z', null],
    ['2026-11-15T21:30:00Z', null],
    // Clocks are put forward in the night of 29 March: it takes five hours; and back on 25 October: seven.
    ['2026-03-28T21:00:00Z', '2026-03-29T02:00:00.000Z'],
    ['2026-03-29T01:59:00Z', '2026-03-29T02:00:00.000Z'],
    ['2026-03-29T02:00:00Z', null],
    ['2026-10-24T20:00:00Z', '2026-10-25T03:00:00.000Z'],
    ['2026-10-25T02:59:00Z', '2026-10-25T03:00:00.000Z'],
    ['2026-10-25T03:00:00Z', null],
  ])('every week past midnight in Berlin, at %s: until %s', (time, expected) => {
    expect(end(night, time)).toBe(expected);
  });

  it('is the same all of its length, and over at its end', () => {
    const clock = fc.integer({ min: 0, max: 1439 });
    const windows = fc.record({
      days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1, maxLength: 1 }),
      from: clock,
      to: clock,
      timeZone: fc.constantFrom('UTC', 'Asia/Kolkata', 'America/New_York'),
    });
    fc.assert(
      fc.property(windows, fc.integer({ min: 0, max: 7 * 1440 }), (written, minute) => {
        // A week in which no clock is changed.
        const window: MaintenanceWindow = { type: 'weekly', reason: null, ...written };
        const now = at('2026-12-06T00:00:00Z') + minute * MINUTE + 30_000;
        const until = windowEnd(window, now);
        if (until === null) return;
        expect(until).toBeGreaterThan(now);
        expect(windowEnd(window, until - 1)).toBe(until);
        expect(windowEnd(window, until)).toBe(written.from === written.to ? windowEnd(window, until) : null);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    { from: '2026-12-01T22:00:00Z', to: '2026-12-01T21:00:00Z' },
    { from: '2026-12-01T22:00:00Z', to: '2027-12-01T21:00:00Z' },
    { days: [], from: '22:00', to: '23:00' },
    { days: ['sat'], from: '24:00', to: '23:00' },
    { days: ['sat'], from: '22:00', to: '23:00', timeZone: '+01:00' },
    { from: '22:00', to: '23:00' },
  ])('is refused: %j', (window) => {
    expect(maintenanceWindow.safeParse(window).success).toBe(false);
  });
});
