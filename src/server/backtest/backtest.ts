import type { Objective as ObjectiveConfig } from '../../model/config/objective.ts';
import { OperatorError } from '../../model/errors.ts';
import { type Incident, storedIncident } from '../../model/incident.ts';
import { MINUTES_PER_DAY, type Minute } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Reader } from '../../store/reader.ts';
import { openRecords } from '../../store/records/records.ts';
import { Settings } from '../../store/sqlite/settings.ts';
import { EVENT_CLOCK, LABEL_CLOCK } from '../../tally/book.ts';
import type { Configuration } from '../plimsoll.ts';
import { type Comparison, compare, foundBy, openedFor } from './compare.ts';
import { hasSlices, type Recount, uncountedBy } from './history.ts';
import { runAll } from './parallel.ts';
import { type Prepared, prepare } from './prepare.ts';
import type { Run } from './run.ts';

/** Detectors have learnt for so long, where so much is stored, before the time that is reported. */
const LEARNING_MINUTES = 28 * MINUTES_PER_DAY;

export interface BacktestOptions {
  readonly configuration: Configuration;
  readonly reader: Reader;
  /** Objectives as they would be. */
  readonly objectives: readonly ObjectiveConfig[];
  /** Both inclusive; null: from the first, to the last that is stored. */
  readonly from: Minute | null;
  readonly to: Minute | null;
  readonly onProgress?: (done: number, of: number) => void;
  readonly threads?: number;
}

/** What one objective would have done, beside what was done. */
export interface Backtest extends Comparison {
  readonly run: Run;
  /** The objective whose incidents it is compared with; null: there is none. */
  readonly inForce: Objective | null;
  /** Whether it is that one, without any change. */
  readonly isInForce: boolean;
  readonly openedCount: number;
  readonly inForceCount: number | null;
  /** Null: the stored tallies say all of it. */
  readonly recount: Recount | null;
}

export interface Backtests {
  /** The time reported, both inclusive. */
  readonly from: Minute;
  readonly to: Minute;
  readonly backtests: readonly Backtest[];
}

/**
 * Runs objectives over the stored history, as if the configuration had held them all the time. Reads only.
 * @throws OperatorError  when nothing is stored of that time, or an objective has no detectors that could be run
 */
export async function backtest(options: BacktestOptions): Promise<Backtests> {
  const { configuration, reader, objectives: changed, onProgress, threads } = options;
  const { stored, from, to } = timeOf(options);
  const prepared = prepare(configuration, reader, changed);
  const { candidates, baselines, isSame, others, plans } = prepared;
  for (const one of candidates) refuseUnless(one, plans, new Settings(reader.db));
  const { runs, recounts } = await runAll({
    task: {
      configuration,
      objectives: changed,
      from: Math.max(stored.first, from - LEARNING_MINUTES),
      to,
      reportFrom: from,
    },
    prepared,
    reader,
    ...(onProgress !== undefined && { onProgress }),
    ...(threads !== undefined && { threads }),
  });
  const records = await readRecords(reader);
  const backtests = candidates.map((objective, i): Backtest => {
    const run = runs[i]!;
    const baseline = baselines[i]!;
    const beside = runs[candidates.length + others.indexOf(baseline!)];
    const found = beside === undefined ? null : foundBy(beside, from);
    const opened = baseline === null ? [] : openedFor(records, baseline.name, from, to);
    return {
      run,
      inForce: baseline,
      isInForce: isSame[i]!,
      openedCount: opened.length,
      inForceCount: found?.length ?? null,
      recount: recounts.get(objective.counted) ?? null,
      ...compare(foundBy(run, from), opened, found),
    };
  });
  return { from, to, backtests };
}

/** @throws OperatorError  of what has no detector, or one that looks at slices that nobody counted */
function refuseUnless(objective: Objective, plans: Prepared['plans'], settings: Settings): void {
  const { name, judgedBy, incidentsBy, counted, slices, sliced } = objective;
  if (judgedBy === 'report')
    throw new OperatorError('PLIM_BACKTEST_NO_DETECTOR', {
      what: `${name} is reported only${incidentsBy === null ? '' : `: incidents are opened by ${incidentsBy}`}`,
      fix: 'run the objectives that have detectors of their own',
      retryable: false,
    });
  const dimensions = [...(slices === undefined ? [] : [slices.dimension]), ...(sliced?.dimensions ?? [])];
  if (
    dimensions.some((dimension) => !hasSlices(plans, settings, counted, dimension)) ||
    (sliced !== undefined && uncountedBy(plans, settings).has(counted))
  )
    throw new OperatorError('PLIM_BACKTEST_NO_HISTORY', {
      what: `${name} looks at slices that were not counted so when the stored tallies were made`,
      fix: 'put the objective, or the dimension under slices:, in force, and run it once enough has been counted',
      retryable: false,
    });
}

/** The time that is stored, and of it the one that is asked for. */
function timeOf({ reader, from, to }: BacktestOptions): {
  stored: { first: Minute; last: Minute };
  from: Minute;
  to: Minute;
} {
  const extents = [reader.extent(EVENT_CLOCK), reader.extent(LABEL_CLOCK)].filter((extent) => extent !== null);
  const stored = {
    first: Math.min(...extents.map(({ first }) => first)),
    last: Math.max(...extents.map(({ last }) => last)),
  };
  const [begin, end] = [Math.max(from ?? 0, stored.first), Math.min(to ?? Number.POSITIVE_INFINITY, stored.last)];
  if (extents.length === 0 || begin > end)
    throw new OperatorError('PLIM_BACKTEST_NO_HISTORY', {
      what: extents.length === 0 ? 'nothing is stored yet' : 'nothing is stored of that time',
      fix: 'name a time with --from and --to that tallies by the minute are held of (retention.minutes)',
      retryable: false,
    });
  return { stored, from: begin, to: end };
}

async function readRecords(reader: Reader): Promise<Incident[]> {
  const rows = await openRecords(reader.db, reader.engine)
    .selectFrom('incident')
    .select('record')
    .orderBy('number')
    .execute();
  return rows.map((row) => storedIncident(row.record));
}
