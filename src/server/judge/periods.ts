import type { CreditTier } from '../../model/config/credits.ts';
import type { Millis, Minute } from '../../model/time.ts';
import { type Budgeted, isBudgeted, type Objective } from '../../objectives/objective.ts';
import { LABELS_FROZEN_MINUTES, type PeriodResult, periodResult, periodState } from '../../objectives/period-result.ts';
import { type CalendarPeriod, periodAt, periodsUntil } from '../../objectives/periods.ts';
import type { Statement } from '../../store/items.ts';
import type { Reader } from '../../store/reader.ts';
import {
  type KeptPeriod,
  keepPeriod,
  keptPeriods,
  newestKeptPeriod,
  periodsKeptSince,
} from '../../store/records/periods.ts';
import type { Records } from '../../store/records/records.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { sum } from '../../tally/group.ts';
import { countsOf, slicesBetween, talliesBetween } from './counts-between.ts';

/** Objectives looked at in one go: a tick stays short however many there are. */
const CLOSED_AT_A_TIME = 50;
/** Periods of the past that are closed for a new objective, at most. */
const PAST_PERIODS = 400;

export interface PeriodsOptions {
  readonly reader: Reader;
  readonly records: Records;
  /** What an objective's contract owes, by its name. */
  readonly creditsOf: (objective: string) => readonly CreditTier[];
  readonly write: (statements: readonly Statement[]) => Promise<unknown>;
}

/** The periods of objectives with an error budget and a calendar window: what was attained in each, final ones as they were closed. */
export class Periods {
  readonly #options: PeriodsOptions;
  /** When the next period of an objective is closed, by its name. */
  readonly #nextClosing = new Map<string, Minute>();
  /** Periods that were over then are not closed: nobody knows whether all of their past was there. */
  #keptSince: Minute | null = null;

  constructor(options: PeriodsOptions) {
    this.#options = options;
  }

  /** Objectives have changed: when their periods close is found out again. */
  forget(): void {
    this.#nextClosing.clear();
    this.#keptSince = null;
  }

  /** Newest first, the current one included. @param now  first minute that is not judged yet */
  async of(objective: Objective, now: Minute, limit: number): Promise<KeptPeriod[]> {
    const { reader, records } = this.#options;
    if (!objective.window.hasFixedStart || !isBudgeted(objective)) return [];
    const kept = await keptPeriods(records, objective.name, limit);
    const known = new Map(kept.map((result) => [result.from, result]));
    const since = reader.firstMinute(objective.counted) ?? now;
    const periods = periodsUntil(objective.window, now, since, limit);
    const results = periods.map(
      (period) => known.get(period.from) ?? { ...this.#resultOf(objective, period, now, since), closedAt: null },
    );
    // What was closed is shown also where its tallies are no longer kept.
    const oldest = periods.at(-1)?.from ?? now;
    return [...results, ...kept.filter(({ from }) => from < oldest)].slice(0, limit);
  }

  /** Keeps what has become final since it was looked at last. Called after each tick; looks at some objectives at a time. */
  async close(objectives: readonly Objective[], now: Minute, at: Millis): Promise<void> {
    const { reader, records, write } = this.#options;
    // Minutes of before are being counted again: what they say now is nothing to keep.
    if (reader.isRecounting()) return;
    const due = objectives
      .filter(isBudgeted)
      .filter(({ name, window }) => window.hasFixedStart && (this.#nextClosing.get(name) ?? now) <= now)
      .slice(0, CLOSED_AT_A_TIME);
    if (due.length === 0) return;
    this.#keptSince ??= await periodsKeptSince(records, now, write);
    const statements: Statement[] = [];
    for (const objective of due) {
      const since = reader.firstMinute(objective.counted);
      const newest = await newestKeptPeriod(records, objective.name);
      if (since !== null) {
        const last = now - LABELS_FROZEN_MINUTES;
        const after = newest === null ? 0 : periodAt(objective.window, newest).to;
        for (const period of periodsUntil(
          objective.window,
          last,
          Math.max(since, after, this.#keptSince),
          PAST_PERIODS,
        ))
          if (periodState(period, now) === 'final')
            statements.push(keepPeriod(records, objective.name, this.#resultOf(objective, period, now, since), at));
      }
      this.#nextClosing.set(
        objective.name,
        periodAt(objective.window, now - LABELS_FROZEN_MINUTES).to + LABELS_FROZEN_MINUTES,
      );
    }
    if (statements.length > 0) await write(statements);
  }

  #resultOf(objective: Budgeted, period: CalendarPeriod, now: Minute, since: Minute): PeriodResult {
    const to = Math.min(period.to, now);
    const { reader, creditsOf } = this.#options;
    const { estimator, events, counted, name } = objective;
    const tallies = [...talliesBetween(reader, counted, EVENT_CLOCK, period.from, to)];
    const counts = countsOf(events, tallies);
    if (estimator === undefined) return periodResult(objective, creditsOf(name), period, counts, now, since);
    const wanted = estimator.beside;
    const beside =
      wanted === undefined ? undefined : slicesBetween(reader, counted, wanted, EVENT_CLOCK, period.from, to);
    return periodResult(objective, creditsOf(name), period, counts, now, since, (anyTime) =>
      estimator.estimate(sum(tallies), { anyTime, minutes: to - period.from }, beside),
    );
  }
}
