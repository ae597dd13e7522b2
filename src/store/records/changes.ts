import type { Millis } from '../../model/time.ts';
import type { Records } from './records.ts';

export interface NewestChange {
  readonly service: string;
  readonly environment: string | null;
  readonly type: string;
  readonly at: Millis;
}

/** Of each service and type the newest declared change. */
export const newestChanges = (records: Records): Promise<NewestChange[]> =>
  records
    .selectFrom('change')
    .select((column) => ['service', 'environment', 'type', column.fn.max('at').as('at')])
    .where('origin', '=', 'declared')
    .groupBy(['service', 'environment', 'type'])
    .execute();

/** Those of some ids that a change has: one that was told of, and one that was asked for. */
export async function knownChanges(
  records: Records,
  ids: readonly string[],
): Promise<{ readonly told: ReadonlySet<string>; readonly asked: ReadonlySet<string> }> {
  const told = await records.selectFrom('change').select('id').where('id', 'in', ids).execute();
  const asked = await records.selectFrom('change_record').select('id').where('id', 'in', ids).execute();
  return { told: new Set(told.map(({ id }) => id)), asked: new Set(asked.map(({ id }) => id)) };
}
