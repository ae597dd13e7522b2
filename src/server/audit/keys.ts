import { readSigningKey, type SigningKey } from '../../compliance/audit/keys.ts';
import type { Deployment } from '../../model/config/deployment.ts';
import { KeyFile, keyFileOf, unusableKey } from './key-file.ts';

/** Where the private key of the log is. */
export interface KeyPlace {
  /** Null: there is none yet. */
  read(): Promise<SigningKey | null>;
  /** Null: the key is the operator's to make. */
  readonly file: KeyFile | null;
  /** For messages. */
  readonly name: string;
}

/** What `spec.audit.key` names, or the file beside the store. */
export function keyPlaceOf(
  { audit, store }: Pick<Deployment, 'audit' | 'store'>,
  secret: (reference: string) => Promise<string>,
): KeyPlace {
  const { key } = audit;
  if (key !== null) return { read: () => referenced(key, secret), file: null, name: key };
  // Replicas sign with one key: the configuration is refused that names none.
  if (store.type !== 'sqlite') throw new RangeError('spec.audit.key is not named');
  const file = new KeyFile(keyFileOf(store.path));
  return { read: async () => file.read(), file, name: file.path };
}

/** @throws OperatorError when there is no key */
export async function referenced(
  reference: string,
  secret: (reference: string) => Promise<string>,
): Promise<SigningKey> {
  try {
    return readSigningKey(await secret(reference));
  } catch (error) {
    throw unusableKey(reference, error as Error);
  }
}
