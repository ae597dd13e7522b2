import type { ServiceRecord } from '../../model/service-record.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../items.ts';
import { type Records, statement } from './records.ts';

/** A record as it now is. */
export function storeServiceRecord(records: Records, record: ServiceRecord, at: Millis): Statement {
  const { service, environment } = record;
  const row = { at, record: JSON.stringify(record) };
  return statement(
    records
      .insertInto('service_record')
      .values({ service, environment, ...row })
      .onConflict((conflict) => conflict.columns(['service', 'environment']).doUpdateSet(row)),
  );
}

export const removeServiceRecord = (
  records: Records,
  { service, environment }: Pick<ServiceRecord, 'service' | 'environment'>,
): Statement =>
  statement(records.deleteFrom('service_record').where('service', '=', service).where('environment', '=', environment));

/** All of them, in the order of their names. */
export async function readServiceRecords(records: Records): Promise<ServiceRecord[]> {
  const rows = await records
    .selectFrom('service_record')
    .select('record')
    .orderBy('service')
    .orderBy('environment')
    .execute();
  return rows.map(({ record }) => JSON.parse(record));
}
