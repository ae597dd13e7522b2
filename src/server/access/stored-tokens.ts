import { existsSync } from 'node:fs';
import type { Millis } from '../../model/time.ts';
import { openForReading } from '../../store/sqlite/database.ts';

/** Whether a store holds a token that is valid now: somebody could come in. None where there is no store yet. */
export function storeHasTokens(path: string, now: Millis): boolean {
  if (!existsSync(path)) return false;
  try {
    const db = openForReading(path);
    try {
      const found = db
        .prepare('select 1 from access_token where revoked_at is null and expires_at > ? limit 1')
        .get(now);
      return found !== undefined;
    } finally {
      db.close();
    }
  } catch {
    // No store of this version: it holds none that could be asked.
    return false;
  }
}
