import { resolve } from 'node:path';
import { iso, type Millis } from '../../model/time.ts';
import { readLastHead } from '../../store/audit/reading.ts';
import { openRecords } from '../../store/records/records.ts';
import { exportLog } from '../audit/export.ts';
import { unusableKey } from '../audit/key-file.ts';
import { keyPlaceOf } from '../audit/keys.ts';
import { OPERATOR } from '../audit/operator.ts';
import { VERSION } from '../version.ts';
import { type AuditCommandOptions, atAuditDesk } from './audit-desk.ts';
import { openStore } from './open-store.ts';
import { progressLine } from './progress.ts';
import { tellRefusal } from './refusal.ts';

export interface AuditExportOptions extends AuditCommandOptions {
  readonly to: string;
  readonly from: Millis | null;
  readonly until: Millis | null;
}

/** 0: written. 1: it could not be. */
export async function auditExportCommand(options: AuditExportOptions): Promise<number> {
  const { configuration, secret, from, until, json } = options;
  const folder = resolve(options.to);
  try {
    const body = { ...(from !== null && { from: iso(from) }), ...(until !== null && { until: iso(until) }) };
    await atAuditDesk<unknown>(options, '/audit/exports', body, (office) =>
      office.exported(OPERATOR, { from, until }, Date.now()),
    );
    const reader = openStore(configuration.deployment.store, 'PLIM_AUDIT_NO_STORE');
    try {
      reader.db.exec('begin');
      const records = openRecords(reader.db, configuration.deployment.store.type);
      const place = keyPlaceOf(configuration.deployment, secret);
      const key = await place.read();
      if (key === null || key.id !== (await readLastHead(records))?.keyId)
        throw unusableKey(place.name, new Error('it is not the one that signed the last head'));
      const progress = progressLine('exporting', !json);
      const generator = `plimsoll ${VERSION}`;
      const now = Date.now();
      const manifest = await exportLog({ records, key, folder, from, until, generator, now, progress: progress.show });
      progress.end();
      if (json) console.log(JSON.stringify({ folder, ...manifest }));
      else
        console.log(
          `${manifest.to - manifest.from} entries of the log ${manifest.log} are in ${folder}, signed by key ${key.id}`,
        );
      return 0;
    } finally {
      reader.close();
    }
  } catch (error) {
    tellRefusal(error, json);
    return 1;
  }
}
