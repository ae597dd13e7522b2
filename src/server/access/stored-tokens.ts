import type { StoreConfig } from '../../model/config/deployment.ts';
import type { Millis } from '../../model/time.ts';
import { readerOf } from '../engines.ts';

/** Whether a store holds a token that is valid now: somebody could come in. None where there is no store yet. */
export function storeHasTokens(store: StoreConfig, now: Millis): boolean {
  try {
    const reader = readerOf(store);
    if (reader === null) return false;
    try {
      const found = reader.db
        .prepare('select 1 as yes from access_token where revoked_at is null and expires_at > ? limit 1')
        .get(now);
      return found !== undefined;
    } finally {
      reader.close();
    }
  } catch {
    // No store of this version: it holds none that could be asked.
    return false;
  }
}
