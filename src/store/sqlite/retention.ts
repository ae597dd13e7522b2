import { type Millis, type Minute, minuteOf, TENTHS_PER_MINUTE } from '../../model/time.ts';
import { type Clock, EVENT_CLOCK, LABEL_CLOCK } from '../../tally/book.ts';
import { DELAY_HORIZON_MINUTES } from '../../tally/delay.ts';
import type { SqlDatabase } from '../sql.ts';
import type { Retention } from '../store-ledger.ts';
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

/**
 * Drops rows and tallies past their retention by ranges of their keys, never row by row: of rows some of the oldest minute.
 * @returns whether there are more of them
 */
export function dropOld(
  db: SqlDatabase,
  settings: Settings,
  traces: Pick<Traces, 'oldestMinute' | 'dropBefore'>,
  retention: Retention,
  now: Millis,
): boolean {
  const oldest = traces.oldestMinute;
  const cutoff = minuteOf(now - retention.interactionsMs);
  if (oldest !== null && oldest < cutoff) {
    const until = oldest + 1;
    giveUpRaw(db, settings, until);
    traces.dropBefore(until);
    if (traces.oldestMinute !== null && traces.oldestMinute < cutoff) return true;
  }
  dropUncounted(db, cutoff, now);
  const minute = minuteOf(now - retention.minutesMs);
  const hour = Math.floor(minuteOf(now - retention.hoursMs) / 60);
  for (const clock of [EVENT_CLOCK, LABEL_CLOCK]) {
    const minutes = db.prepare('delete from tally where clock = ? and minute < ?').run(clock, minute);
    if (minutes.changes > 0) settings.set(MINUTES_SINCE, String(Math.max(minute, talliesSince(settings, 'minute'))));
    const hours = db.prepare('delete from tally_hour where clock = ? and hour < ?').run(clock, hour);
    if (hours.changes > 0) settings.set(HOURS_SINCE, String(Math.max(hour * 60, talliesSince(settings, 'hour'))));
  }
  return false;
}

/** The rows of before that minute are about to be dropped: what is left of their ratings goes, and nothing of it is folded again. */
export function giveUpRaw(db: SqlDatabase, settings: Settings, until: Minute): void {
  settings.set(RAW_SINCE[EVENT_CLOCK], String(Math.max(rawSince(settings, EVENT_CLOCK), until)));
  const { last } = db
    .prepare('select max(label_minute) as last from rating where event_minute < ? and label_minute - event_minute < ?')
    .get(until, DELAY_HORIZON_MINUTES) as { last: Minute | null };
  const labelsSince = Math.max(rawSince(settings, LABEL_CLOCK), until, (last ?? 0) + 1);
  settings.set(RAW_SINCE[LABEL_CLOCK], String(labelsSince));
  db.prepare('delete from failed_entry where "end" < ?').run(until * TENTHS_PER_MINUTE);
  db.prepare('delete from rating where event_minute < ?').run(until);
}

/** Ratings that are counted in no minute go by when they came. */
export function dropUncounted(db: SqlDatabase, cutoff: Minute, now: Millis): void {
  const before = Math.min(cutoff, minuteOf(now) - WAIT_MINUTES);
  db.prepare('delete from rating where event_minute is null and commit_minute < ?').run(before);
}
