import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { StoreConfig } from '../../model/config/deployment.ts';

export const localKeyFileOf = (storePath: string): string => `${storePath}.key`;
/** Null: the store is on no machine's disk, and who asks has to have a token. */
const fileOf = (store: StoreConfig): string | null => (store.type === 'sqlite' ? localKeyFileOf(store.path) : null);

/**
 * Lets commands on this machine (`plimsoll verify`, `plimsoll token`) ask a running Plimsoll that asks for tokens: whoever may
 * read the file beside the store may read the store as well. Another key at each start; readable by this user alone.
 */
export function leaveLocalKey(store: StoreConfig): { readonly key: string; remove(): void } {
  const key = randomBytes(32).toString('base64url');
  const file = fileOf(store);
  if (file === null) return { key, remove: () => {} };
  // A file that is there already would keep its rights.
  rmSync(file, { force: true });
  writeFileSync(file, key, { mode: 0o600 });
  return { key, remove: () => rmSync(file, { force: true }) };
}

/** The key of the Plimsoll that runs on a store; null when there is none, or this user may not read it. */
export function readLocalKey(store: StoreConfig): string | null {
  const file = fileOf(store);
  if (file === null) return null;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
