import type { Silence } from '../../model/silence.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../items.ts';
import { type Records, statement } from './records.ts';

const PREFIX = 'SIL-';
const numberOf = (id: string): number => Number(id.slice(PREFIX.length));

/** A silence as it now is. */
export function storeSilence(records: Records, silence: Silence): Statement {
  const row = {
    number: numberOf(silence.id),
    starts_at: silence.startsAt,
    ends_at: silence.endsAt,
    created_at: silence.createdAt,
    silence: JSON.stringify(silence),
  };
  return statement(
    records
      .insertInto('silence')
      .values(row)
      .onConflict((conflict) => conflict.column('number').doUpdateSet({ ...row })),
  );
}

export async function readSilence(records: Records, id: string): Promise<Silence | null> {
  if (!/^SIL-\d{1,12}$/.test(id)) return null;
  const row = await records
    .selectFrom('silence')
    .select('silence')
    .where('number', '=', numberOf(id))
    .executeTakeFirst();
  return row === undefined ? null : JSON.parse(row.silence);
}

/** Those that have begun and are not over, in the order in which they were made. */
export async function silencesAt(records: Records, now: Millis): Promise<Silence[]> {
  const rows = await records
    .selectFrom('silence')
    .select('silence')
    .where('ends_at', '>', now)
    .where('starts_at', '<=', now)
    .orderBy('number')
    .execute();
  return rows.map((row) => JSON.parse(row.silence));
}

/** Newest first. @param before  with lower numbers alone   @param over  those that are over at that time, or those that are not */
export async function readSilences(
  records: Records,
  { before, over, now, limit }: { before: number | null; over: boolean | null; now: Millis; limit: number },
): Promise<{ number: number; silence: Silence }[]> {
  let select = records.selectFrom('silence').select(['number', 'silence']).orderBy('number', 'desc').limit(limit);
  if (before !== null) select = select.where('number', '<', before);
  if (over !== null) select = select.where('ends_at', over ? '<=' : '>', now);
  const rows = await select.execute();
  return rows.map((row) => ({ number: row.number, silence: JSON.parse(row.silence) }));
}

export async function nextSilenceId(records: Records): Promise<string> {
  const row = await records
    .selectFrom('silence')
    .select((select) => select.fn.max('number').as('last'))
    .executeTakeFirst();
  return `${PREFIX}${(row?.last ?? 0) + 1}`;
}
