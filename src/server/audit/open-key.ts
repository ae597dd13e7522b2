import type { SigningKey } from '../../compliance/audit/keys.ts';
import { readKeys } from '../../store/audit/reading.ts';
import type { Records } from '../../store/records/records.ts';
import type { KeyPlace } from './keys.ts';

/**
 * The key that signs the log: the one that is there, one that a rotation was about to put there when its process ended, or a new one
 * where the key is a file of Plimsoll's own.
 */
export async function openKey({ read, file }: KeyPlace, records: Records): Promise<SigningKey> {
  const current = (await readKeys(records)).at(-1);
  const found = await read();
  if (file === null) return found!;
  if (current !== undefined && found?.id !== current.id && file.unfinished(current.id)) {
    file.advance();
    return file.read()!;
  }
  file.discard();
  return found ?? file.create();
}
