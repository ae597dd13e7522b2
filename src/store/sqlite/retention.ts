import type { DatabaseSync } from 'node:sqlite';
import {
  type Millis,
  type Minute,
  minuteOf,
  minuteOfTenths,
  TENTHS_PER_MINUTE,
  type Tenths,
} from '../../model/time.ts';
import { EVENT_CLOCK, LABEL_CLOCK } from '../../tally/book.ts';
import type { Settings } from './settings.ts';

/** How long rows and tallies are kept, ms. */
export interface Retention {
  readonly interactionsMs: Millis;
  readonly minutesMs: Millis;
  readonly hoursMs: Millis;
}

/** So many minutes of rows are dropped at a settlement at most. */
const DROP_MINUTES = 10;
const RAW_SINCE = 'raw since';

/** The first minute whose rows are all still there: what can be folded again. */
export const rawSince = (settings: Settings): Minute => Number(settings.get(RAW_SINCE) ?? 0);

/** Drops rows and tallies past their retention, a little at a time: by ranges of their keys, never row by row. */
export function dropOld(db: DatabaseSync, settings: Settings, retention: Retention, now: Millis): void {
  const { end: oldest } = db.prepare('select min(end) as end from span').get() as { end: Tenths | null };
  const cutoff = minuteOf(now - retention.interactionsMs);
  if (oldest !== null && minuteOfTenths(oldest) < cutoff) {
    const until = Math.min(cutoff, minuteOfTenths(oldest) + DROP_MINUTES);
    settings.set(RAW_SINCE, String(until));
    db.prepare('delete from span where end < ?').run(until * TENTHS_PER_MINUTE);
    db.prepare('delete from rating where event_minute < ?').run(until);
  }
  for (const clock of [EVENT_CLOCK, LABEL_CLOCK]) {
    db.prepare('delete from tally where clock = ? and minute < ?').run(clock, minuteOf(now - retention.minutesMs));
    const hour = Math.floor(minuteOf(now - retention.hoursMs) / 60);
    db.prepare('delete from tally_hour where clock = ? and hour < ?').run(clock, hour);
  }
}
