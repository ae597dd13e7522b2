import { cmdbPayload } from '../../catalog/cmdb-payload.ts';
import { rowOfService, SERVICE_COLUMNS } from '../../catalog/service-row.ts';
import { writeCsv } from '../../model/csv.ts';
import type { Millis } from '../../model/time.ts';
import type { Configuration } from '../plimsoll.ts';

export const CMDB_FORMATS = ['servicenow', 'csv'] as const;
export type CmdbFormat = (typeof CMDB_FORMATS)[number];

/** The services that files declare, as other inventories take them. 0: all of them. 2: there is none. */
export function exportCmdbCommand({ deployment, services }: Configuration, format: CmdbFormat, now: Millis): number {
  if (services.length === 0) {
    console.error('no file declares a service: there is nothing to export');
    return 2;
  }
  process.stdout.write(
    format === 'csv'
      ? writeCsv(SERVICE_COLUMNS, services.map(rowOfService))
      : `${JSON.stringify(cmdbPayload(services, deployment.cmdb, now), null, 2)}\n`,
  );
  return 0;
}
