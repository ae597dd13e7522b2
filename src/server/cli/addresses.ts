import type { Address } from '../../model/config/fields.ts';
import { migrationOf, openForReading } from '../../store/sqlite/database.ts';
import { API_ADDRESS, Settings } from '../../store/sqlite/settings.ts';

/** Where a server that runs on this store may be asked: where it said it listens, and where the configuration says. */
export function addressesOf(path: string, { host, port }: Address, isTls = false): string[] {
  const db = openForReading(path);
  try {
    const left = migrationOf(db) === 0 ? null : new Settings(db).get(API_ADDRESS);
    const configured =
      port === 0 ? [] : [`http${isTls ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${port}`];
    return [...new Set([...(left === null ? [] : [left]), ...configured])];
  } finally {
    db.close();
  }
}
