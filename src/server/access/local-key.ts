import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

const fileOf = (store: string): string => `${store}.key`;

/**
 * Lets commands on this machine (`plimsoll verify`, `plimsoll token`) ask a running Plimsoll that asks for tokens: whoever may
 * read the file beside the store may read the store as well. Another key at each start; readable by this user alone.
 */
export function leaveLocalKey(store: string): { readonly key: string; remove(): void } {
  const key = randomBytes(32).toString('base64url');
  const file = fileOf(store);
  // A file that is there already would keep its rights.
  rmSync(file, { force: true });
  writeFileSync(file, key, { mode: 0o600 });
  return { key, remove: () => rmSync(file, { force: true }) };
}

/** The key of the Plimsoll that runs on a store; null when there is none, or this user may not read it. */
export function readLocalKey(store: string): string | null {
  try {
    return readFileSync(fileOf(store), 'utf8');
  } catch {
    return null;
  }
}
