import { cmdbPayload } from '../../catalog/cmdb-payload.ts';
import { rowOfService, SERVICE_COLUMNS } from '../../catalog/service-row.ts';
import type { Service } from '../../model/config/service.ts';
import { writeCsv } from '../../model/csv.ts';
import { plainText } from '../../model/plain-text.ts';
import type { Millis } from '../../model/time.ts';
import { openRecords } from '../../store/records/records.ts';
import { readServiceRecords } from '../../store/records/service-records.ts';
import { placeOf, readerOf } from '../engines.ts';
import { ServiceRegister } from '../inventory/register.ts';
import type { Configuration } from '../plimsoll.ts';
import { tellRefusal } from './refusal.ts';

export const CMDB_FORMATS = ['servicenow', 'csv'] as const;
export type CmdbFormat = (typeof CMDB_FORMATS)[number];

/**
 * The services that files declare, and those of the API, as other inventories take them. What is not in it is told on standard error.
 * 0: all of them. 1: the store can't be read. 2: there is none.
 */
export async function exportCmdbCommand(
  configuration: Configuration,
  format: CmdbFormat,
  now: Millis,
): Promise<number> {
  try {
    const services = await recordedServices(configuration);
    if (services.length === 0) {
      console.error('no file declares a service, and none was registered over the API: there is nothing to export');
      return 2;
    }
    process.stdout.write(
      format === 'csv'
        ? writeCsv(SERVICE_COLUMNS, services.map(rowOfService))
        : `${JSON.stringify(cmdbPayload(services, configuration.deployment.cmdb, now), null, 2)}\n`,
    );
    return 0;
  } catch (error) {
    tellRefusal(error, false);
    return 1;
  }
}

/** As a server would list them: files, each with what was said of it over the API where it is silent, then those that no file declares. */
async function recordedServices(configuration: Configuration): Promise<readonly Service[]> {
  const { store } = configuration.deployment;
  const register = new ServiceRegister();
  const reader = readerOf(store);
  if (reader === null)
    console.error(`there is no store at ${placeOf(store)}: what was said of services over the API is not in it`);
  else
    try {
      register.replace(await readServiceRecords(openRecords(reader.db, reader.engine)));
    } finally {
      reader.close();
    }
  for (const { service } of register.unreadable)
    console.error(`what another build has stored of ${plainText(service, 256)} can't be read, and is not in it`);
  return [...register.joined(configuration), ...register.alone];
}
