import { z } from 'zod';
import { MINUTE_MS, type Millis } from '../time.ts';
import { map } from './document.ts';
import { duration, refuse } from './fields.ts';

export const CALENDAR_UNITS = ['day', 'week', 'month', 'quarter'] as const;
export type CalendarUnit = (typeof CALENDAR_UNITS)[number];

/** The time over which a promise is counted: the last so many minutes, or a period of the calendar of a place. */
export type Window =
  | { readonly type: 'rolling'; readonly ms: Millis }
  | { readonly type: 'calendar'; readonly unit: CalendarUnit; readonly timeZone: string };

/** A zone of the IANA database; fixed offsets are no zones, they know no summer time. */
function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export const timeZone = z
  .string({ error: 'expected a time zone like Europe/Berlin' })
  .refine(isTimeZone, 'expected a time zone like Europe/Berlin');

/** `{rolling: 28d}` or `{calendar: month, timeZone: Europe/Berlin}`; whole minutes. */
export const window = map({
  rolling: duration('5m', '366d').optional(),
  calendar: z.enum(CALENDAR_UNITS).optional(),
  timeZone: timeZone.optional(),
}).transform(({ rolling, calendar, timeZone }, context): Window => {
  if ((rolling === undefined) === (calendar === undefined))
    return refuse(context, 'expected either rolling (like 28d) or calendar (day, week, month, quarter)');
  if (calendar !== undefined) return { type: 'calendar', unit: calendar, timeZone: timeZone ?? 'UTC' };
  if (timeZone !== undefined)
    return refuse(context, 'a rolling window knows no time zone', { hint: 'remove timeZone' }, ['timeZone']);
  return rolling! % MINUTE_MS === 0
    ? { type: 'rolling', ms: rolling! }
    : refuse(context, 'expected whole minutes', {}, ['rolling']);
});
