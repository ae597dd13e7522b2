import type { Millis, Minute } from '../../model/time.ts';
import type { PeriodResult } from '../../objectives/period-result.ts';
import type { Statement } from '../items.ts';
import { type Records, statement } from './records.ts';

/** A result, and when it was closed; null: it is counted from what is stored now. */
export interface KeptPeriod extends PeriodResult {
  readonly closedAt: Millis | null;
}

/** A final result, kept as it was when it became final: what comes later changes the tallies, not this. */
export const keepPeriod = (records: Records, objective: string, result: PeriodResult, at: Millis): Statement =>
  statement(
    records
      .insertInto('closed_period')
      .values({ objective, start: result.from, closed_at: at, result: JSON.stringify(result) })
      .onConflict((conflict) => conflict.columns(['objective', 'start']).doNothing()),
  );

/** Those kept of an objective, newest first. */
export async function keptPeriods(records: Records, objective: string, limit: number): Promise<KeptPeriod[]> {
  const rows = await records
    .selectFrom('closed_period')
    .select(['result', 'closed_at'])
    .where('objective', '=', objective)
    .orderBy('start', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ result, closed_at }) => ({ ...JSON.parse(result), closedAt: closed_at }));
}

/** Where the newest that is kept of an objective began; null when there is none. */
export async function newestKeptPeriod(records: Records, objective: string): Promise<Minute | null> {
  const row = await records
    .selectFrom('closed_period')
    .select('start')
    .where('objective', '=', objective)
    .orderBy('start', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.start ?? null;
}

const SINCE = 'periods kept since';

/** The minute from which on periods are closed and kept: `now` when none is known yet. */
export async function periodsKeptSince(
  records: Records,
  now: Minute,
  write: (statements: readonly Statement[]) => Promise<unknown>,
): Promise<Minute> {
  const row = await records.selectFrom('setting').select('value').where('name', '=', SINCE).executeTakeFirst();
  if (row !== undefined) return Number(row.value);
  await write([statement(records.insertInto('setting').values({ name: SINCE, value: String(now) }))]);
  return now;
}
