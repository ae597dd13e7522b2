import type { Code } from '../../model/dictionary.ts';
import { MINUTES_PER_HOUR, type Minute } from '../../model/time.ts';
import type { Statement } from '../items.ts';
import { type Records, statement } from './records.ts';

/** A mark holds half an hour, so that its minutes fit into the bits of a small integer. */
const MARK_MINUTES = 30;

/** Behind every half hour. */
const NEVER = 2 ** 31 - 1;

const KINDS = { minutes: 0, hour: 1 } as const;
export type DueKind = keyof typeof KINDS;

/** What of a service is to be written: some minutes of half an hour, or an hour that is over. */
export interface DueHistory {
  readonly kind: DueKind;
  readonly service: Code;
  /** Half hours, or hours, since 1970. */
  readonly at: number;
  /** Those that changed, ascending; of an hour none. */
  readonly minutes: readonly Minute[];
  readonly revision: number;
}

/** Where the history outside stands. */
export interface HistoryCursor {
  /** What it is written to. */
  readonly target: string;
  /** Of the newest mark. */
  readonly revision: number;
  /** The hour that is made next of all that is stored, from the newest to `sweepUntil`; null: that has been done. */
  readonly sweepHour: number | null;
  readonly sweepUntil: number;
}

/**
 * For the transaction of judging, before its marks are taken back: what changed up to `horizon` is to be written. The minutes of the
 * interactions alone: the other clock is the detectors'.
 */
export const markJudged = (horizon: Minute): Statement[] => [
  { sql: 'update history_cursor set revision = revision + 1', parameters: [] },
  {
    sql: `insert into history_due (kind, at, service, minutes, revision)
      select ${KINDS.minutes}, minute / ${MARK_MINUTES}, service, cast(sum(distinct 1 << (minute % ${MARK_MINUTES})) as integer),
        (select max(revision) from history_cursor)
      from unjudged where clock = 0 and minute <= ? group by minute / ${MARK_MINUTES}, service
      on conflict (kind, at, service) do update set minutes = history_due.minutes | excluded.minutes, revision = excluded.revision`,
    parameters: [horizon],
  },
  {
    sql: `insert into history_due (kind, at, service, minutes, revision)
      select distinct ${KINDS.hour}, minute / ${MINUTES_PER_HOUR}, service, 0, (select max(revision) from history_cursor)
      from unjudged where clock = 0 and minute <= ?
      on conflict (kind, at, service) do update set revision = excluded.revision`,
    parameters: [horizon],
  },
];

/** The newest of what is to be written first: minutes in any case, hours that are over. @param hour  the first one that is not over */
export async function dueHistory(records: Records, kind: DueKind, hour: number, limit: number): Promise<DueHistory[]> {
  const rows = await records
    .selectFrom('history_due')
    .selectAll()
    .where('kind', '=', KINDS[kind])
    .where('at', '<', kind === 'hour' ? hour : NEVER)
    .orderBy('at', 'desc')
    .orderBy('service')
    .limit(limit)
    .execute();
  return rows.map(({ at, service, minutes, revision }) => ({
    kind,
    at,
    service,
    minutes: minutesIn(at, minutes),
    revision,
  }));
}

function minutesIn(at: number, bits: number): Minute[] {
  const minutes: Minute[] = [];
  for (let i = 0; i < MARK_MINUTES; i++) if ((bits & (1 << i)) !== 0) minutes.push(at * MARK_MINUTES + i);
  return minutes;
}

/** How much is to be written, and since when the oldest of it changed is not known: the oldest of it, by event time. */
export async function historyBacklog(records: Records): Promise<{ marks: number; oldest: Minute | null }> {
  const row = await records
    .selectFrom('history_due')
    .select((select) => [select.fn.countAll<number>().as('marks'), select.fn.min('at').as('oldest')])
    .where('kind', '=', KINDS.minutes)
    .executeTakeFirst();
  return { marks: row?.marks ?? 0, oldest: row?.oldest == null ? null : row.oldest * MARK_MINUTES };
}

/** What has been written is no longer due, unless it changed meanwhile. @param due  in the order in which it was read, without gaps */
export function writtenHistory(due: readonly DueHistory[]): Statement[] {
  const together = Map.groupBy(due, ({ kind, at, revision }) => `${kind} ${at} ${revision}`);
  return Array.from(together.values(), (list) => {
    const { kind, at, revision } = list[0]!;
    // Whatever of this revision lies between them was read with them: marks that are set later have a higher one.
    return {
      sql: 'delete from history_due where kind = ? and at = ? and service between ? and ? and revision = ?',
      parameters: [KINDS[kind], at, list[0]!.service, list.at(-1)!.service, revision],
    };
  });
}

export async function readHistoryCursor(records: Records): Promise<HistoryCursor | null> {
  const row = await records.selectFrom('history_cursor').selectAll().where('id', '=', 1).executeTakeFirst();
  if (row === undefined) return null;
  return { target: row.target, revision: row.revision, sweepHour: row.sweep_hour, sweepUntil: row.sweep_until };
}

/**
 * All that is stored is to be written, from `hour` back to `until`: to a target that nothing was written to yet, or anew.
 * Revisions go on rising.
 */
export const beginSweep = (target: string, hour: number, until: number): Statement => ({
  sql: `insert into history_cursor (id, target, revision, sweep_hour, sweep_until) values (1, ?, 1, ?, ?)
    on conflict (id) do update set target = excluded.target, revision = history_cursor.revision + 1,
      sweep_hour = excluded.sweep_hour, sweep_until = excluded.sweep_until`,
  parameters: [target, hour, until],
});

/** Of another target nothing is known: what was due to the one before is part of the sweep. */
export const forgetHistory = (records: Records): Statement[] => [
  statement(records.deleteFrom('history_due')),
  statement(records.deleteFrom('history_incident')),
];

/** @param from  where the sweep stood when it was read: another one has begun otherwise */
export const sweptTo = (from: number, hour: number | null): Statement => ({
  sql: 'update history_cursor set sweep_hour = ? where sweep_hour = ?',
  parameters: [hour, from],
});

/** An incident as its point was written. */
export interface WrittenIncident {
  readonly number: number;
  /** What tells its point from others, and which of its fields there are. */
  readonly point: string;
  /** It can't change any more. */
  readonly isFinal: boolean;
}

export async function unfinishedIncidents(records: Records): Promise<WrittenIncident[]> {
  const rows = await records
    .selectFrom('history_incident')
    .selectAll()
    .where('final', '=', 0)
    .orderBy('number')
    .execute();
  return rows.map(({ number, point, final }) => ({ number, point, isFinal: final === 1 }));
}

/** Records of incidents that were never written, in order of their numbers. */
export async function unwrittenIncidents(records: Records, limit: number): Promise<string[]> {
  const rows = await records
    .selectFrom('incident')
    .select('record')
    .where('number', '>', (select) =>
      select
        .selectFrom('history_incident')
        .select((last) => last.fn.coalesce(last.fn.max('number'), last.lit(0)).as('last')),
    )
    .orderBy('number')
    .limit(limit)
    .execute();
  return rows.map(({ record }) => record);
}

export const writeHistoryIncident = (records: Records, { number, point, isFinal }: WrittenIncident): Statement => {
  const row = { number, point, final: isFinal ? 1 : 0 };
  return statement(
    records
      .insertInto('history_incident')
      .values(row)
      .onConflict((conflict) => conflict.column('number').doUpdateSet({ ...row })),
  );
};
