import {
  DAY_MS,
  MINUTE_MS,
  MINUTES_PER_DAY,
  MINUTES_PER_HOUR,
  type Millis,
  type Minute,
  minuteOf,
} from '../model/time.ts';

export type CalendarUnit = 'day' | 'week' | 'month' | 'quarter';

/** Longest a period can be, minutes: a day has up to 25 hours. */
export const LONGEST_MINUTES: Readonly<Record<CalendarUnit, number>> = {
  day: 25 * 60,
  week: 7 * MINUTES_PER_DAY + MINUTES_PER_HOUR,
  month: 31 * MINUTES_PER_DAY + MINUTES_PER_HOUR,
  quarter: 92 * MINUTES_PER_DAY + MINUTES_PER_HOUR,
};

/** Of each unit and time zone what was asked last: a fleet of objectives asks the same of one minute. */
const asked = new Map<string, { readonly minute: Minute; readonly start: Minute }>();

/** The first minute of the calendar period that holds `minute`, in a time zone. Weeks begin on Monday. */
export function startOfPeriod(minute: Minute, unit: CalendarUnit, timeZone: string): Minute {
  const name = `${unit} ${timeZone}`;
  const known = asked.get(name);
  if (known?.minute === minute) return known.start;
  const start = findStart(minute, unit, timeZone);
  asked.set(name, { minute, start });
  return start;
}

function findStart(minute: Minute, unit: CalendarUnit, timeZone: string): Minute {
  const at = minute * MINUTE_MS;
  const { year, month, day } = localDate(at, timeZone);
  const weekday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
  const first = {
    day: Date.UTC(year, month - 1, day),
    week: Date.UTC(year, month - 1, day - weekday),
    month: Date.UTC(year, month - 1, 1),
    quarter: Date.UTC(year, month - 1 - ((month - 1) % 3), 1),
  }[unit];
  return minuteOf(instantOfLocal(first, timeZone));
}

interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(at: Millis, timeZone: string): Record<string, number> {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return Object.fromEntries(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
}

const localDate = (at: Millis, timeZone: string): LocalDate => {
  const parts = partsOf(at, timeZone);
  return { year: parts['year']!, month: parts['month']!, day: parts['day']! };
};

/** The instant at which clocks in the zone show what `local` would be in UTC; the first one where they show it twice. */
function instantOfLocal(local: Millis, timeZone: string): Millis {
  const offsetAt = (at: Millis): Millis => {
    const parts = partsOf(at, timeZone);
    const shown = Date.UTC(
      parts['year']!,
      parts['month']! - 1,
      parts['day']!,
      parts['hour']!,
      parts['minute']!,
      parts['second']!,
    );
    return shown - Math.floor(at / 1000) * 1000;
  };
  const candidates = [offsetAt(local - DAY_MS), offsetAt(local + DAY_MS)]
    .map((offset) => local - offset)
    .filter((at) => at + offsetAt(at) === local);
  return candidates.length > 0 ? Math.min(...candidates) : local - offsetAt(local - DAY_MS);
}
