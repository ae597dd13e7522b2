import { z } from 'zod';
import { map } from './document.ts';
import { date, label, list, refuse } from './fields.ts';
import { timeZone } from './window.ts';

/** In the order of ISO 8601. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Minutes of a day of the calendar, whatever summer time does to it. */
const DAY = 1440;

const CLOCK = 'expected a time of the day like "09:00"';

/** `09:00`, to `24:00`: minutes since midnight as clocks show them. */
const clock = z
  .string({ error: CLOCK })
  .transform((written, context): number => {
    const match = /^(\d{2}):(\d{2})$/.exec(written);
    const [hours, minutes] = [Number(match?.[1]), Number(match?.[2])];
    const isTime = match !== null && minutes < 60 && (hours < 24 || (hours === 24 && minutes === 0));
    return isTime ? hours * 60 + minutes : refuse(context, CLOCK);
  })
  .meta({ description: 'a time of the day like 09:00, from 00:00 to 24:00' });

const spans = map({
  days: list(z.enum(WEEKDAYS)).min(1, 'expected one day or more, like [mon, tue]'),
  from: clock,
  /** Not after `from`: of the next day. */
  to: clock,
});

/** A time of each week that a schedule is open. */
export interface Span {
  /** 0 is Monday. */
  readonly day: number;
  /** Minutes since midnight, [0, 1440); `to` in (from, 1440]. */
  readonly from: number;
  readonly to: number;
}

/** What goes beyond midnight is of two days. */
function spansOf({ days, from, to }: z.output<typeof spans>): Span[] {
  return days.flatMap((name) => {
    const day = WEEKDAYS.indexOf(name);
    if (from < to) return [{ day, from, to }];
    const night = { day, from, to: DAY };
    return to === 0 ? [night] : [night, { day: (day + 1) % 7, from: 0, to }];
  });
}

const overlap = (a: Span, b: Span): boolean => a.day === b.day && a.from < b.to && b.from < a.to;

/** When work is done: times of the week in a place, without its holidays. */
export const schedule = map({
  name: label,
  timeZone,
  weekly: list(spans).min(1, 'expected one time of the week or more'),
  /** Days that are closed. */
  holidays: list(date).default([]),
}).transform(({ name, timeZone, weekly, holidays }, context) => {
  if (name === ALWAYS_NAME)
    return refuse(context, `${ALWAYS_NAME} is the schedule without a closed time`, { hint: 'choose another name' }, [
      'name',
    ]);
  const known: Span[] = [];
  for (const [i, written] of weekly.entries()) {
    if (written.from === DAY || written.from === written.to)
      return refuse(context, 'expected a time that is open: write 00:00 and 24:00 for a whole day', {}, ['weekly', i]);
    for (const span of spansOf(written)) {
      const other = known.find((one) => overlap(one, span));
      if (other !== undefined)
        return refuse(
          context,
          `it overlaps with another one: ${spanText(span)} and ${spanText(other)}`,
          { hint: 'make one of the two' },
          ['weekly', i],
        );
      known.push(span);
    }
  }
  known.sort((a, b) => a.day - b.day || a.from - b.from);
  return { name, timeZone, spans: known as readonly Span[], holidays: [...new Set(holidays)].sort() };
});
export type Schedule = z.output<typeof schedule>;

/** The schedule that is never closed, where a name is asked for. */
export const ALWAYS_NAME = 'always';

const twoDigits = (value: number): string => String(value).padStart(2, '0');
const clockText = (minutes: number): string => `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
const spanText = ({ day, from, to }: Span): string => `${WEEKDAYS[day]} ${clockText(from)}-${clockText(to)}`;
