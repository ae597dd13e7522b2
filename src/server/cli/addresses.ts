import type { StoreConfig } from '../../model/config/deployment.ts';
import type { Address } from '../../model/config/fields.ts';
import { API_ADDRESS, Settings } from '../../store/sqlite/settings.ts';
import { readerOf } from '../engines.ts';

/** Where a server that runs on this store may be asked: where it said it listens, and where the configuration says. None without a store. */
export function addressesOf(store: StoreConfig, { host, port }: Address, isTls = false): string[] {
  const reader = readerOf(store);
  if (reader === null) return [];
  try {
    const left = new Settings(reader.db).get(API_ADDRESS);
    const configured =
      port === 0 ? [] : [`http${isTls ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${port}`];
    return [...new Set([...(left === null ? [] : [left]), ...configured])];
  } finally {
    reader.close();
  }
}
