import { DAY_MS, type Millis, minuteOf, TENTHS_PER_MINUTE } from '../../model/time.ts';
import { REGROUP_TENTHS } from '../regroup.ts';
import type { SqlDatabase } from '../sql.ts';
import type { Keeping } from '../sqlite/keeping.ts';
import {
  dropRatings,
  dropUncounted,
  giveUpRaw,
  HOURS_SINCE,
  MINUTES_SINCE,
  talliesSince,
} from '../sqlite/retention.ts';
import type { Settings } from '../sqlite/settings.ts';
import type { Retention } from '../store-ledger.ts';
import type { KeptRows } from './kept-rows.ts';
import type { Partitions } from './partitions.ts';
import { PARTITION_HOURS, PARTITION_MINUTES, PARTITION_TENTHS } from './schema.ts';

/**
 * Drops whole partitions past their retention, one at a time, and makes those that will be needed next. Where rows of some services
 * are kept longer than others', partitions are made anew of these alone when the time of the others is over, and dropped with the last.
 * @param transaction  runs its work as one  @returns whether there may be more of them
 */
export function keepPartitions(
  db: SqlDatabase,
  settings: Settings,
  partitions: Partitions,
  kept: KeptRows,
  { interactionsMs, minutesMs, hoursMs, daysMs }: Retention,
  { lengths, daysOf }: Keeping,
  now: Millis,
  transaction: (work: () => void) => void,
): boolean {
  const tenths = Math.floor(now / 100);
  for (const table of ['span', 'pointer', 'link'] as const) partitions.makeAhead(table, tenths);
  partitions.makeAhead('tally', minuteOf(now));
  partitions.makeAhead('tally_hour', Math.floor(minuteOf(now) / 60));
  const linksSince = tenths - REGROUP_TENTHS;
  if (partitions.dropOldest('link', linksSince, linksSince)) return true;

  const ages = [interactionsMs, ...lengths.map((days) => days * DAY_MS).filter((age) => age > interactionsMs)];
  const cutoff = minuteOf(now - ages.at(-1)!);
  const oldest = partitions.oldest('span');
  if (oldest !== null && oldest + PARTITION_TENTHS <= cutoff * TENTHS_PER_MINUTE) {
    const until = (oldest + PARTITION_TENTHS) / TENTHS_PER_MINUTE;
    // First nothing may rest on the rows any more, then they go.
    transaction(() => {
      giveUpRaw(db, settings, until);
      dropRatings(db, until);
    });
    return partitions.dropOldest('span', cutoff * TENTHS_PER_MINUTE);
  }
  for (const age of ages.slice(0, -1))
    if (kept.thin(age, (spans) => daysOf(spans) * DAY_MS > age, now, transaction)) return true;
  if (partitions.dropOldest('pointer', cutoff * TENTHS_PER_MINUTE)) return true;
  transaction(() => dropUncounted(db, minuteOf(now - interactionsMs), now));

  const minute = minuteOf(now - minutesMs);
  const oldestMinute = partitions.oldest('tally');
  if (oldestMinute !== null && oldestMinute + PARTITION_MINUTES <= minute) {
    const since = Math.max(oldestMinute + PARTITION_MINUTES, talliesSince(settings, 'minute'));
    transaction(() => settings.set(MINUTES_SINCE, String(since)));
    return partitions.dropOldest('tally', minute);
  }
  const hour = Math.floor(minuteOf(now - hoursMs) / 60);
  const oldestHour = partitions.oldest('tally_hour');
  if (oldestHour !== null && oldestHour + PARTITION_HOURS <= hour) {
    const since = Math.max((oldestHour + PARTITION_HOURS) * 60, talliesSince(settings, 'hour'));
    transaction(() => settings.set(HOURS_SINCE, String(since)));
    return partitions.dropOldest('tally_hour', hour);
  }
  if (daysMs !== undefined) {
    const day = Math.floor(minuteOf(now - daysMs) / 1440);
    transaction(() => {
      db.prepare('delete from tally_day where day < ?').run(day);
    });
  }
  return false;
}
