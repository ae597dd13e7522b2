import type { SightingEvidence } from '../../changes/sighting.ts';
import type { Code } from '../../model/dictionary.ts';
import type { Millis, Minute } from '../../model/time.ts';
import type { Statement } from '../items.ts';
import { type Records, statement } from './records.ts';

/** A value that was there first in a minute. */
export interface FirstSight {
  /** What its service is counted under. */
  readonly service: Code;
  readonly dimension: Code;
  readonly value: Code;
  readonly firstMinute: Minute;
  /** The first minute of any value of that dimension. */
  readonly begun: Minute;
}

/** First sights of these dimensions in minutes, both inclusive, that nobody has looked at: oldest first. The first value of all is no news. */
export async function unseenSights(
  records: Records,
  dimensions: readonly Code[],
  from: Minute,
  to: Minute,
): Promise<FirstSight[]> {
  const rows = await records
    .selectFrom('slice_value as seen')
    .select(['seen.service', 'seen.dimension', 'seen.value', 'seen.first_minute'])
    .select((column) =>
      column
        .selectFrom('slice_value as first')
        .select((inner) => inner.fn.min('first.first_minute').as('begun'))
        .whereRef('first.service', '=', 'seen.service')
        .whereRef('first.dimension', '=', 'seen.dimension')
        .as('begun'),
    )
    .where('seen.dimension', 'in', [...dimensions])
    .where('seen.ordinal', '>', 0)
    .where('seen.first_minute', '>=', from)
    .where('seen.first_minute', '<=', to)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('change_sighting as known')
            .select('known.value')
            .whereRef('known.service', '=', 'seen.service')
            .whereRef('known.dimension', '=', 'seen.dimension')
            .whereRef('known.value', '=', 'seen.value'),
        ),
      ),
    )
    .orderBy('seen.first_minute')
    .orderBy('seen.service')
    .orderBy('seen.value')
    .execute();
  return rows.map(({ service, dimension, value, first_minute, begun }) => ({
    service,
    dimension,
    value,
    firstMinute: first_minute,
    begun: begun ?? first_minute,
  }));
}

/** That a first sight was looked at. @param change  what it was recorded as; null: as nothing */
export const writeSighting = (
  records: Records,
  { service, dimension, value }: Pick<FirstSight, 'service' | 'dimension' | 'value'>,
  seenAt: Millis,
  change: string | null,
  evidence: SightingEvidence | null,
): Statement =>
  statement(
    records
      .insertInto('change_sighting')
      .values({ service, dimension, value, seen_at: seenAt, change, evidence: JSON.stringify(evidence) })
      .onConflict((conflict) => conflict.doNothing()),
  );

/** A change that was seen, and what speaks for it; null: it was declared, or is none. */
export async function readSighting(records: Records, change: string) {
  const row = await records
    .selectFrom('change_sighting')
    .innerJoin('change as noted', 'noted.id', 'change_sighting.change')
    .select(['noted.service', 'noted.environment', 'noted.type', 'noted.description', 'change_sighting.evidence'])
    .where('change_sighting.change', '=', change)
    .executeTakeFirst();
  return row === undefined ? null : { ...row, evidence: JSON.parse(row.evidence) as SightingEvidence };
}

/** Changes of a service in a time, as far as they say what is there after them; `to` inclusive. */
export const changesBetween = (records: Records, service: string, from: Millis, to: Millis) =>
  records
    .selectFrom('change')
    .select(['id', 'environment', 'after'])
    .where('service', '=', service)
    .where('origin', '=', 'declared')
    .where('at', '>=', from)
    .where('at', '<=', to)
    .where('after', 'is not', null)
    .execute();

/** A change that was seen. The same one seen again stays as it is. */
export const storeObserved = (
  records: Records,
  change: {
    readonly id: string;
    readonly service: string;
    readonly environment: string | null;
    readonly type: string;
    readonly before: string | null;
    readonly after: string;
    readonly at: Millis;
    readonly description: string;
  },
): Statement =>
  statement(
    records
      .insertInto('change')
      .values({
        ...change,
        before: change.before === null ? null : JSON.stringify(change.before),
        after: JSON.stringify(change.after),
        state: 'implemented',
        origin: 'observed',
      })
      .onConflict((conflict) => conflict.column('id').doNothing()),
  );
