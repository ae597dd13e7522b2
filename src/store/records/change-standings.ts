import type { ChangeStanding } from '../../model/remote-change.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../items.ts';
import { type Records, statement } from './records.ts';

/** Names are looked for in whatever letters they are written. PostgreSQL has no text with NUL, and no tool a name. */
const nameOf = (reference: string): string => reference.toLowerCase().replaceAll('\0', '');

/** How a change of another tool stood when that was told last, under each of its names there. */
export const keepStanding = (
  records: Records,
  sink: string,
  references: readonly string[],
  standing: ChangeStanding,
  now: Millis,
): Statement[] =>
  [...new Set(references.map(nameOf))].map((reference) => {
    const told = { told_at: now, standing: JSON.stringify(standing) };
    return statement(
      records
        .insertInto('change_standing')
        .values({ sink, reference, ...told })
        .onConflict((conflict) => conflict.columns(['sink', 'reference']).doUpdateSet(told)),
    );
  });

/** Null: nothing was told of it, or too long ago. */
export async function keptStanding(records: Records, sink: string, reference: string): Promise<ChangeStanding | null> {
  const row = await records
    .selectFrom('change_standing')
    .select('standing')
    .where('sink', '=', sink)
    .where('reference', '=', nameOf(reference))
    .executeTakeFirst();
  return row === undefined ? null : (JSON.parse(row.standing) as ChangeStanding);
}

export const forgetStandings = (records: Records, before: Millis): Statement =>
  statement(records.deleteFrom('change_standing').where('told_at', '<', before));
