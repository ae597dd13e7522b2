import type { Dictionary } from '../../model/dictionary.ts';
import { iso, type Minute, millisOfMinute, TENTHS_PER_MINUTE } from '../../model/time.ts';
import { CLOCKS, type Clock, type RowKey } from '../../tally/book.ts';
import type { Tally } from '../../tally/group.ts';
import type { SqlDatabase } from '../sql.ts';
import { Counting } from './counting.ts';
import { migrationOf, openForReading } from './database.ts';
import { FailedEntries } from './failed-entries.ts';
import { foldMinute } from './fold-minute.ts';
import { PartTable } from './parts.ts';
import { RatingTable } from './ratings.ts';
import { rawSince, talliesSince } from './retention.ts';
import { Settings } from './settings.ts';
import { type Length, TallyTable } from './tallies.ts';

/** One tally that is not the fold of the stored rows; of an hour or a day, not the sum of the shorter ones. */
export interface Difference {
  readonly clock: (typeof CLOCKS)[number];
  readonly length: Length;
  /** Its first minute. */
  readonly minute: string;
  readonly service: string;
  readonly slice: string;
  /** Counter by counter: what would have to be added to the stored tally. */
  readonly missing: Readonly<Record<string, number>>;
}

export interface Verification {
  /** Tallies compared, and the minutes they are of. */
  readonly compared: number;
  readonly minutes: number;
  /** Tallies that differ; the first hundred are described. */
  readonly differing: number;
  readonly differences: readonly Difference[];
  /** Minutes whose rows are past their retention: their tallies can't be shown to be right. */
  readonly notVerifiable: number;
  /** Minutes whose tallies lie in the memory of a process, or are still to be counted again. */
  readonly unsettled: number;
}

export const NOTHING_COMPARED: Verification = {
  compared: 0,
  minutes: 0,
  differing: 0,
  differences: [],
  notVerifiable: 0,
  unsettled: 0,
};

const LISTED_MAX = 100;

/**
 * Recomputes every stored tally from the stored spans, feedback, evaluations and labels, hours and days from their minutes,
 * and compares bit for bit. Sees one
 * moment of the store: it works beside a running server, whose newest minutes are then unsettled unless it has settled.
 */
export function verifyStore(file: string, onProgress: (done: number, of: number) => void = () => {}): Verification {
  const db = openForReading(file);
  try {
    db.exec('begin');
    if (migrationOf(db) === 0) return NOTHING_COMPARED;
    return verify(db, onProgress);
  } finally {
    db.close();
  }
}

function verify(db: SqlDatabase, onProgress: (done: number, of: number) => void): Verification {
  const settings = new Settings(db);
  const counting = new Counting(db);
  counting.setPlans(settings.plans());
  const parts = new PartTable(db);
  const entries = new FailedEntries(db);
  const ratings = new RatingTable(db);
  const tallies = new TallyTable(db);
  const unsettledMinutes = marked(db);
  const since = CLOCKS.map((_, clock) => rawSince(settings, clock as Clock));
  const minutes = everyMinute(db);
  const differences: Difference[] = [];
  const counts = { compared: 0, minutes: 0, differing: 0, notVerifiable: 0, unsettled: 0 };
  const note = (length: Length, found: readonly { key: RowKey; difference: Tally }[]): void => {
    for (const { key, difference } of found) {
      counts.differing++;
      if (differences.length < LISTED_MAX) differences.push(describe(counting.dictionary, length, key, difference));
    }
  };
  for (const [i, { clock, minute }] of minutes.entries()) {
    if (i % 500 === 0) onProgress(i, minutes.length);
    if (minute < since[clock]!) counts.notVerifiable++;
    else if (unsettledMinutes.has(`${clock} ${minute}`)) counts.unsettled++;
    else {
      const folded = foldMinute(counting, parts, entries, ratings, clock, minute);
      counts.minutes++;
      counts.compared += folded.rows;
      note('minute', tallies.differences(clock, minute, folded));
    }
  }
  for (const length of ['hour', 'day'] as const)
    for (const { clock, at } of everyRollUp(db, settings, length)) {
      const { compared, differences: found } = tallies.rollUpDifferences(length, clock, at);
      counts.compared += compared;
      note(length, found);
    }
  onProgress(minutes.length, minutes.length);
  return { ...counts, differences };
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

/** Hours, or days, of which all minutes, or hours, are still there. */
function everyRollUp(db: SqlDatabase, settings: Settings, length: 'hour' | 'day'): { clock: Clock; at: number }[] {
  const [whole, part, minutes] = length === 'hour' ? ['tally_hour', 'tally', 60] : ['tally_day', 'tally_hour', 1440];
  const since = talliesSince(settings, length === 'hour' ? 'minute' : 'hour');
  return db
    .prepare(
      `select clock, ${length} as at from ${whole} where ${length} * ${minutes} >= ?1
       union select clock, ${length === 'hour' ? 'minute / 60' : 'hour / 24'} as at from ${part} where at * ${minutes} >= ?1`,
    )
    .all(since) as unknown as { clock: Clock; at: number }[];
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

function describe(
  dictionary: Dictionary,
  length: Length,
  key: RowKey,
  missing: ReadonlyMap<number, number>,
): Difference {
  const text = (code: number): string =>
    code < dictionary.size ? dictionary.text(code).replaceAll('\u0000', '/') : String(code);
  return {
    clock: CLOCKS[key.clock]!,
    length,
    minute: iso(millisOfMinute(key.minute)),
    service: text(key.service),
    slice: key.dimension === 0 ? 'all' : `${text(key.dimension)}=${text(key.value)}`,
    missing: Object.fromEntries(missing),
  };
}
