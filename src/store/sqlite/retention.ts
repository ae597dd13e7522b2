import {
  DAY_MS,
  type Millis,
  type Minute,
  minuteOf,
  minuteOfTenths,
  TENTHS_PER_MINUTE,
  type Tenths,
} from '../../model/time.ts';
import { type Clock, EVENT_CLOCK, LABEL_CLOCK } from '../../tally/book.ts';
import { DELAY_HORIZON_MINUTES } from '../../tally/delay.ts';
import type { SqlDatabase } from '../sql.ts';
import type { Retention } from '../store-ledger.ts';
import { FIRST_CLASS, type Keeping } from './keeping.ts';
import { WAIT_MINUTES } from './rating-desk.ts';
import type { Settings } from './settings.ts';
import type { Traces } from './traces.ts';

/** On the clock of labels it is later: what was said of an interaction, days afterwards, goes with it. */
export const RAW_SINCE: Readonly<Record<Clock, string>> = {
  [EVENT_CLOCK]: 'raw since',
  [LABEL_CLOCK]: 'raw labels since',
};
export const MINUTES_SINCE = 'minutes since';
export const HOURS_SINCE = 'hours since';

/** The first minute of a clock whose rows and tallies are all still there: what can be folded again, and compared. */
export const rawSince = (settings: Settings, clock: Clock): Minute =>
  Math.max(Number(settings.get(RAW_SINCE[clock]) ?? 0), talliesSince(settings, 'minute'));

/** The first minute from which tallies of that length are all there. */
export const talliesSince = (settings: Settings, length: 'minute' | 'hour'): Minute =>
  Number(settings.get(length === 'minute' ? MINUTES_SINCE : HOURS_SINCE) ?? 0);

/** An interaction ends this much later than the span that its ratings point at, at most, in a trace that is one. */
const RATINGS_BEHIND: Minute = 120;

/**
 * Drops rows and tallies past their retention by ranges of their keys, never row by row: of rows some of the oldest minute.
 * Where some services' rows are kept longer, those of a range are looked at one by one, and what was said of them stays too.
 * @returns whether there are more of them
 */
export function dropOld(
  db: SqlDatabase,
  settings: Settings,
  traces: Pick<Traces, 'oldestMinute' | 'dropBefore' | 'dropKept'>,
  retention: Retention,
  keeping: Keeping,
  now: Millis,
): boolean {
  const oldest = traces.oldestMinute;
  const cutoff = minuteOf(now - retention.interactionsMs);
  if (oldest !== null && oldest < cutoff) {
    const until = oldest + 1;
    giveUpRaw(db, settings, until);
    const isAnyKept = keeping.lengths.some((days) => days * DAY_MS > retention.interactionsMs);
    traces.dropBefore(until, isAnyKept ? longerThan(keeping, retention) : null);
    if (isAnyKept) dropOrphans(db, until, until);
    else dropRatings(db, until);
    if (traces.oldestMinute !== null && traces.oldestMinute < cutoff) return true;
  }
  const dropped = traces.dropKept(now);
  if (dropped !== null) {
    dropOrphans(db, Math.floor(dropped.from / 60), Math.ceil(dropped.to / 60));
    return true;
  }
  dropUncounted(db, cutoff, now);
  const minute = minuteOf(now - retention.minutesMs);
  const hour = Math.floor(minuteOf(now - retention.hoursMs) / 60);
  for (const clock of [EVENT_CLOCK, LABEL_CLOCK]) {
    const minutes = db.prepare('delete from tally where clock = ? and minute < ?').run(clock, minute);
    if (minutes.changes > 0) settings.set(MINUTES_SINCE, String(Math.max(minute, talliesSince(settings, 'minute'))));
    const hours = db.prepare('delete from tally_hour where clock = ? and hour < ?').run(clock, hour);
    if (hours.changes > 0) settings.set(HOURS_SINCE, String(Math.max(hour * 60, talliesSince(settings, 'hour'))));
    if (retention.daysMs !== undefined) {
      const day = Math.floor(minuteOf(now - retention.daysMs) / 1440);
      db.prepare('delete from tally_day where clock = ? and day < ?').run(clock, day);
    }
  }
  return false;
}

/** The rows of before that minute are about to be dropped: nothing of it is folded again. */
export function giveUpRaw(db: SqlDatabase, settings: Settings, until: Minute): void {
  settings.set(RAW_SINCE[EVENT_CLOCK], String(Math.max(rawSince(settings, EVENT_CLOCK), until)));
  const { last } = db
    .prepare('select max(label_minute) as last from rating where event_minute < ? and label_minute - event_minute < ?')
    .get(until, DELAY_HORIZON_MINUTES) as { last: Minute | null };
  const labelsSince = Math.max(rawSince(settings, LABEL_CLOCK), until, (last ?? 0) + 1);
  settings.set(RAW_SINCE[LABEL_CLOCK], String(labelsSince));
  db.prepare('delete from failed_entry where "end" < ?').run(until * TENTHS_PER_MINUTE);
}

/** Ratings of interactions that ended before that minute. */
export function dropRatings(db: SqlDatabase, until: Minute): void {
  db.prepare('delete from rating where event_minute < ?').run(until);
}

/** Ratings of spans with ends from one to another, tenths, that are not in that table of spans. */
export function dropRatingsWithout(db: SqlDatabase, table: string, from: Tenths, to: Tenths): void {
  const minute = minuteOfTenths(from);
  db.prepare(
    `delete from rating where event_minute >= ? and event_minute < ? and owner_part >= ? and owner_part < ? and not exists (
       select 1 from ${table} rows where rows."end" = owner_part and rows.trace = owner_trace and rows.span = owner_span
     )`,
  ).run(minute, minuteOfTenths(to) + RATINGS_BEHIND, from, to);
}

/** Ratings that are counted in no minute go by when they came. */
export function dropUncounted(db: SqlDatabase, cutoff: Minute, now: Millis): void {
  const before = Math.min(cutoff, minuteOf(now) - WAIT_MINUTES);
  db.prepare('delete from rating where event_minute is null and commit_minute < ?').run(before);
}

/** Ratings of the minutes from one to another whose interaction is gone. */
function dropOrphans(db: SqlDatabase, from: Minute, to: Minute): void {
  db.prepare(
    'delete from rating where event_minute >= ? and event_minute < ? and not exists (select 1 from part where id = owner_part)',
  ).run(from - RATINGS_BEHIND, to);
}

/** Who keeps nothing longer than all keeps it as long as all. The shortest class is one of days, not of marks. */
const longerThan = ({ daysOf, lengths }: Keeping, { interactionsMs }: Retention): Keeping => ({
  lengths,
  daysOf: (spans) => {
    const days = daysOf(spans);
    return days * DAY_MS > interactionsMs ? Math.max(FIRST_CLASS, days) : 0;
  },
});
