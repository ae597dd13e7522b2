import { type Minute, TENTHS_PER_MINUTE } from '../../model/time.ts';
import type { Clock } from '../../tally/book.ts';
import { type ClockMinute, rollUpsOf } from '../clock-minutes.ts';
import type { SqlDatabase } from '../sql.ts';
import { Counting } from '../sqlite/counting.ts';
import { FailedEntries } from '../sqlite/failed-entries.ts';
import { talliesSince } from '../sqlite/retention.ts';
import { Settings } from '../sqlite/settings.ts';
import { NOTHING_COMPARED, type Verification, verifyTallies } from '../verification.ts';
import type { PgConnection } from './connection.ts';
import { Locks } from './locks.ts';
import { pgMigrationOf } from './migrate.ts';
import { Partitions } from './partitions.ts';
import { PgRatings } from './ratings.ts';
import { Shards } from './shards.ts';
import { SpanRows } from './span-rows.ts';
import { LaneTallies } from './tallies.ts';

/**
 * Recomputes every stored tally from the stored spans, feedback, evaluations and labels, and compares with the sum over all
 * lanes, bit for bit. Sees one moment of the store: it works beside running servers, and nothing is unsettled then but what a
 * change of plans has left to be counted again.
 * @param only  these minutes, with their hours and days; null: all
 */
export function verifyPostgres(
  db: PgConnection,
  onProgress: (done: number, of: number) => void = () => {},
  only: readonly ClockMinute[] | null = null,
): Verification {
  if (pgMigrationOf(db) === 0) return NOTHING_COMPARED;
  db.exec('begin isolation level repeatable read read only');
  try {
    const settings = new Settings(db);
    const counting = new Counting(db);
    counting.setPlans(settings.plans());
    const shards = new Shards(db);
    const locks = new Locks(db, shards);
    const partitions = new Partitions(db);
    partitions.load();
    return verifyTallies(
      {
        settings,
        counting,
        spans: new SpanRows(db, shards, locks, partitions),
        entries: new FailedEntries(db),
        ratings: new PgRatings(db, shards, locks),
        tallies: new LaneTallies(db, shards, partitions),
        minutes: only ?? everyMinute(db),
        rollUps: (length) => (only === null ? everyRollUp(db, settings, length) : rollUpsOf(only, settings, length)),
        unsettled: marked(db),
      },
      onProgress,
    );
  } finally {
    db.exec('rollback');
  }
}

const everyMinute = (db: SqlDatabase): { clock: Clock; minute: Minute }[] =>
  db
    .prepare(
      `select clock, minute from tally
       union select 0, ("end" / ${TENTHS_PER_MINUTE})::int4 from span
       union select 0, ("end" / ${TENTHS_PER_MINUTE})::int4 from failed_entry
       union select 0, event_minute from rating where event_minute is not null
       union select 1, label_minute from rating where label_minute is not null
       order by 1, 2`,
    )
    .all() as { clock: Clock; minute: Minute }[];

function everyRollUp(db: SqlDatabase, settings: Settings, length: 'hour' | 'day'): { clock: Clock; at: number }[] {
  const since = talliesSince(settings, length === 'hour' ? 'minute' : 'hour');
  const [whole, part, minutes] =
    length === 'hour'
      ? ['tally_hour', 'minute / 60 as at from tally', 60]
      : ['tally_day', 'hour / 24 as at from tally_hour', 1440];
  return db
    .prepare(
      `select * from (select clock, ${length} as at from ${whole} union select clock, ${part}) times
       where at * ${minutes} >= ? order by clock, at`,
    )
    .all(since) as { clock: Clock; at: number }[];
}

const marked = (db: SqlDatabase): Set<string> => {
  const marks = db.prepare('select clock, minute from refold').all() as { clock: number; minute: Minute }[];
  return new Set(marks.map(({ clock, minute }) => `${clock} ${minute}`));
};
