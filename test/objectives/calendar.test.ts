import { describe, expect, it } from 'vitest';
import { startOfPeriod } from '../../src/objectives/calendar.ts';

const minute = (text: string): number => Date.parse(text) / 60_000;
const start = (at: string, unit: 'day' | 'week' | 'month' | 'quarter', zone: string): string =>
  new Date(startOfPeriod(minute(at), unit, zone) * 60_000).toISOString();

describe('a calendar period begins at local midnight', () => {
  it.each([
    ['2026-11-24T12:00:00Z', 'day', 'UTC', '2026-11-24T00:00:00.000Z'],
    ['2026-11-24T23:30:00Z', 'day', 'Europe/Berlin', '2026-11-24T23:00:00.000Z'],
    ['2026-11-24T12:00:00Z', 'week', 'UTC', '2026-11-23T00:00:00.000Z'],
    ['2026-11-24T12:00:00Z', 'month', 'Europe/Berlin', '2026-10-31T23:00:00.000Z'],
    ['2026-11-24T12:00:00Z', 'quarter', 'America/New_York', '2026-10-01T04:00:00.000Z'],
    // Clocks went forward on 29 March and back on 25 October.
    ['2026-03-29T12:00:00Z', 'day', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
    ['2026-10-25T12:00:00Z', 'day', 'Europe/Berlin', '2026-10-24T22:00:00.000Z'],
    ['2026-10-31T12:00:00Z', 'month', 'Europe/Berlin', '2026-09-30T22:00:00.000Z'],
    // Summer time begins at midnight: the day begins at one.
    ['2026-04-24T12:00:00Z', 'day', 'Africa/Cairo', '2026-04-23T22:00:00.000Z'],
    ['2026-01-01T00:00:00Z', 'month', 'Asia/Kathmandu', '2025-12-31T18:15:00.000Z'],
  ] as const)('%s: the %s in %s began at %s', (at, unit, zone, began) => {
    expect(start(at, unit, zone)).toBe(began);
  });
});
