import { Temporal } from 'temporal-polyfill';
import type { Schedule } from '../model/config/schedule.ts';
import { DAY_MS, type Millis } from '../model/time.ts';

/** When time counts: always, or while a schedule is open. */
export interface Hours {
  readonly isOpen: (at: Millis) => boolean;
  /** The first instant, not before `at`, at which it is open. */
  readonly opening: (at: Millis) => Millis;
  /** Open time between two instants, ms; 0 when the second is not later. */
  readonly between: (from: Millis, to: Millis) => Millis;
  /** The first instant by which so much open time has passed. @param ms  >= 0; of 0 it is `from` itself */
  readonly add: (from: Millis, ms: Millis) => Millis;
}

/** Around the clock. */
export const ALWAYS: Hours = {
  isOpen: () => true,
  opening: (at) => at,
  between: (from, to) => Math.max(0, to - from),
  add: (from, ms) => from + ms,
};

/** From one instant until before another. */
type Opening = readonly [from: Millis, to: Millis];

/**
 * The hours of a schedule. Its spans are read on the clocks of its zone day by day, and time is counted between instants: an
 * hour that a clock shows twice counts twice, one that it leaves out not at all. A span that begins or ends in what is left
 * out does so when the clock goes on; of a time that is shown twice the first is meant.
 */
export function hoursOf({ timeZone, spans, holidays }: Schedule): Hours {
  const closed = new Set(holidays);
  const known = new Map<number, readonly Opening[]>();
  /** @param day  days since 1970-01-01 on the calendar of the zone */
  const openingsOf = (day: number): readonly Opening[] => {
    const made = known.get(day);
    if (made !== undefined) return made;
    const date = EPOCH.add({ days: day });
    const openings = closed.has(date.toString())
      ? []
      : spans
          .filter((span) => span.day === date.dayOfWeek - 1)
          .map(({ from, to }): Opening => [instantOf(date, from, timeZone), instantOf(date, to, timeZone)])
          .filter(([from, to]) => from < to);
    known.set(day, openings);
    return openings;
  };
  const dayOf = (at: Millis): number => {
    const { year, month, day } = Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(timeZone);
    return Math.round(Date.UTC(year, month - 1, day) / DAY_MS);
  };
  /** Those that end after an instant, in order, without end: a schedule has a span, and its holidays are counted. */
  function* openingsAfter(at: Millis): Generator<Opening, never> {
    for (let day = dayOf(at); ; day++) for (const opening of openingsOf(day)) if (opening[1] > at) yield opening;
  }
  const first = (at: Millis): Opening => openingsAfter(at).next().value;
  return {
    isOpen: (at) => first(at)[0] <= at,
    opening: (at) => Math.max(at, first(at)[0]),
    between: (from, to) => {
      let sum = 0;
      if (to <= from) return sum;
      for (const [opens, closes] of openingsAfter(from)) {
        if (opens >= to) break;
        sum += Math.min(closes, to) - Math.max(opens, from);
      }
      return sum;
    },
    add: (from, ms) => {
      if (ms <= 0) return from;
      let left = ms;
      for (const [opens, closes] of openingsAfter(from)) {
        const begins = Math.max(opens, from);
        if (closes - begins >= left) return begins + left;
        left -= closes - begins;
      }
      throw new RangeError('a schedule without spans');
    },
  };
}

const EPOCH = Temporal.PlainDate.from('1970-01-01');
const MINUTES_OF_DAY = 1440;

/** When clocks in the zone show so many minutes after midnight of a day; the end of a day is the beginning of the next. */
function instantOf(date: Temporal.PlainDate, minutes: number, timeZone: string): Millis {
  if (minutes % MINUTES_OF_DAY === 0)
    return date.add({ days: minutes / MINUTES_OF_DAY }).toZonedDateTime({ timeZone }).epochMilliseconds;
  const local = date.toPlainDateTime({ hour: Math.floor(minutes / 60), minute: minutes % 60 });
  const shown = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  if (shown.toPlainDateTime().equals(local)) return shown.epochMilliseconds;
  return shown.getTimeZoneTransition('next')!.epochMilliseconds;
}
