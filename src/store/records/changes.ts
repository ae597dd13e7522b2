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
