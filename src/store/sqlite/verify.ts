import { type Minute, TENTHS_PER_MINUTE } from '../../model/time.ts';
import type { Clock } from '../../tally/book.ts';
import { type ClockMinute, rollUpsOf } from '../clock-minutes.ts';
import type { SqlDatabase } from '../sql.ts';
import { NOTHING_COMPARED, type Verification, verifyTallies } from '../verification.ts';
import { Counting } from './counting.ts';
import { migrationOf, openForReading } from './database.ts';
import { FailedEntries } from './failed-entries.ts';
import { PartTable } from './parts.ts';
import { RatingTable } from './ratings.ts';
import { talliesSince } from './retention.ts';
import { Settings } from './settings.ts';
import { TallyTable } from './tallies.ts';

/**
 * Recomputes every stored tally from the stored spans, feedback, evaluations and labels, hours and days from their minutes,
 * and compares bit for bit. Sees one
 * moment of the store: it works beside a running server, whose newest minutes are then unsettled unless it has settled.
 * @param only  these minutes, with their hours and days; null: all
 */
export function verifyStore(
  file: string,
  onProgress: (done: number, of: number) => void = () => {},
  only: readonly ClockMinute[] | null = null,
): Verification {
  const db = openForReading(file);
  try {
    db.exec('begin');
    if (migrationOf(db) === 0) return NOTHING_COMPARED;
    const settings = new Settings(db);
    const counting = new Counting(db);
    counting.setPlans(settings.plans());
    return verifyTallies(
      {
        settings,
        counting,
        spans: new PartTable(db),
        entries: new FailedEntries(db),
        ratings: new RatingTable(db),
        tallies: new TallyTable(db),
        minutes: only ?? everyMinute(db),
        rollUps: (length) => (only === null ? everyRollUp(db, settings, length) : rollUpsOf(only, settings, length)),
        unsettled: marked(db),
      },
      onProgress,
    );
  } finally {
    db.close();
  }
}

/** Minutes that tallies, spans or ratings say something about. */
const everyMinute = (db: SqlDatabase): { clock: Clock; minute: Minute }[] =>
  db
    .prepare(
      `select clock, minute from tally
       union select 0, second / 60 from part_range where links = 0
       union select 0, end / ${TENTHS_PER_MINUTE} from failed_entry
       union select 0, event_minute from rating where event_minute is not null
       union select 1, label_minute from rating where label_minute is not null`,
    )
    .all() as { clock: Clock; minute: Minute }[];

function everyRollUp(db: SqlDatabase, settings: Settings, length: 'hour' | 'day'): { clock: Clock; at: number }[] {
  const [whole, part, minutes] = length === 'hour' ? ['tally_hour', 'tally', 60] : ['tally_day', 'tally_hour', 1440];
  const since = talliesSince(settings, length === 'hour' ? 'minute' : 'hour');
  return db
    .prepare(
      `select clock, ${length} as at from ${whole} where ${length} * ${minutes} >= ?
       union select clock, ${length === 'hour' ? 'minute / 60' : 'hour / 24'} as at from ${part} where (${length === 'hour' ? 'minute / 60' : 'hour / 24'}) * ${minutes} >= ?`,
    )
    .all(since, since) as unknown as { clock: Clock; at: number }[];
}

const marked = (db: SqlDatabase): Set<string> =>
  new Set(
    (
      db.prepare('select clock, minute from unsettled union select clock, minute from refold').all() as {
        clock: number;
        minute: Minute;
      }[]
    ).map(({ clock, minute }) => `${clock} ${minute}`),
  );
