import { z } from 'zod';
import { MINUTE_MS, MINUTES_PER_DAY, type Millis } from '../time.ts';
import { map } from './document.ts';
import { list, maybe, refuse, text } from './fields.ts';
import { timeZone } from './window.ts';

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** When a service is worked on: once, or every week by the clocks of a place. */
export type MaintenanceWindow =
  | { readonly type: 'once'; readonly from: Millis; readonly to: Millis; readonly reason: string | null }
  | {
      readonly type: 'weekly';
      readonly days: readonly Weekday[];
      /** Minutes after midnight; `to` at or before `from` lies on the next day. */
      readonly from: number;
      readonly to: number;
      readonly timeZone: string;
      readonly reason: string | null;
    };

/** The longest that one of them may be: what is worked on for longer has another promise. */
const ONCE_MAX_MS = 30 * MINUTES_PER_DAY * MINUTE_MS;

const ONCE = 'expected a time like 2026-12-01T22:00:00Z';
const instant = z.iso.datetime({ offset: true, error: ONCE }).transform((written): Millis => Date.parse(written));

const CLOCK = 'expected a time of the day like 22:00';
const clock = z
  .string({ error: CLOCK })
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, CLOCK)
  .transform((written) => Number(written.slice(0, 2)) * 60 + Number(written.slice(3)));

const once = map({ from: instant, to: instant, reason: maybe(text) }).transform(
  ({ from, to, reason }, context): MaintenanceWindow => {
    if (to <= from) return refuse(context, 'it ends before it begins', {}, ['to']);
    if (to - from > ONCE_MAX_MS) return refuse(context, 'maintenance takes up to 30 days', {}, ['to']);
    return { type: 'once', from, to, reason };
  },
);

const weekly = map({
  days: list(z.enum(WEEKDAYS)).min(1, 'expected one day or more'),
  from: clock,
  to: clock,
  timeZone: timeZone.default('UTC'),
  reason: maybe(text),
}).transform((window): MaintenanceWindow => ({ type: 'weekly', ...window }));

/** `{from, to}` with dates, or `{days, from, to, timeZone}` with times of the day. */
export const maintenanceWindow = z.union([once, weekly], {
  error: 'expected {from, to} with dates, or {days, from, to, timeZone} with times of the day',
});
