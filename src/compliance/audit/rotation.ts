import { JsonFault } from '../../model/json.ts';
import { iso, type Millis } from '../../model/time.ts';
import type { Json, JsonObject } from './canonical-json.ts';
import { isHash } from './hash.ts';
import { isSignedJson, type PublicKey, publicKeyOfSpki, type SigningKey, signJson } from './keys.ts';

/** The types of the entries about keys. */
export const KEY_CREATED = 'audit.key_created';
export const KEY_ROTATED = 'audit.key_rotated';
/** The key before is lost: the new one vouches for itself alone. */
export const KEY_REPLACED = 'audit.key_replaced';

/** One key follows another, and both say so. */
export interface Rotation {
  /** What both have signed. */
  readonly statement: JsonObject;
  readonly oldKeyId: string;
  readonly newKey: PublicKey;
  readonly signatures: { readonly old: Buffer; readonly new: Buffer };
}

export function rotationData(log: string, from: SigningKey, to: SigningKey, at: Millis): JsonObject {
  const statement = statementOf(log, from.id, to, iso(at));
  return {
    ...statement,
    signatures: {
      new: signJson(statement, to).toString('base64'),
      old: signJson(statement, from).toString('base64'),
    },
  };
}

const statementOf = (log: string, oldKeyId: string, to: PublicKey, ts: string): JsonObject => ({
  log,
  new_key_id: to.id,
  new_spki: to.spki.toString('base64'),
  old_key_id: oldKeyId,
  ts,
  v: 1,
});

/** The data of its entry again. */
export const rotationJson = ({ statement, signatures }: Rotation): JsonObject => ({
  ...statement,
  signatures: { new: signatures.new.toString('base64'), old: signatures.old.toString('base64') },
});

/** @throws JsonFault when the data of the entry are no rotation */
export function readRotation(data: Json): Rotation {
  const { signatures, ...statement } = (data ?? {}) as Record<string, Json>;
  const { old_key_id: oldKeyId, new_key_id: newKeyId, new_spki: spki } = statement;
  const { old, new: fresh } = (signatures ?? {}) as Record<string, Json>;
  if (!isHash(oldKeyId) || typeof spki !== 'string' || typeof old !== 'string' || typeof fresh !== 'string')
    throw new JsonFault('it is no rotation of keys');
  let newKey: PublicKey;
  try {
    newKey = publicKeyOfSpki(Buffer.from(spki, 'base64'));
  } catch {
    throw new JsonFault('the new key is no key');
  }
  if (newKey.id !== newKeyId) throw new JsonFault('the new key has another id');
  return {
    statement,
    oldKeyId,
    newKey,
    signatures: { old: Buffer.from(old, 'base64'), new: Buffer.from(fresh, 'base64') },
  };
}

/** Whether both keys have signed it. */
export const isRotationSigned = ({ statement, oldKeyId, newKey, signatures }: Rotation, oldKey: PublicKey): boolean =>
  oldKey.id === oldKeyId &&
  isSignedJson(statement, signatures.old, oldKey) &&
  isSignedJson(statement, signatures.new, newKey);

/**
 * The keys that may be believed: those that were given, and whatever a rotation that both keys have signed leads to from
 * them, forward and back.
 * @param known  public keys by whose ids rotations name the older one
 */
export function trustedKeys(
  given: readonly PublicKey[],
  known: readonly PublicKey[],
  rotations: readonly Rotation[],
): ReadonlyMap<string, PublicKey> {
  const trusted = new Map(given.map((key) => [key.id, key]));
  const all = new Map([...known, ...rotations.map(({ newKey }) => newKey), ...given].map((key) => [key.id, key]));
  const valid = rotations.filter((rotation) => {
    const old = all.get(rotation.oldKeyId);
    return old !== undefined && isRotationSigned(rotation, old);
  });
  for (let before = -1; trusted.size > before; ) {
    before = trusted.size;
    for (const { oldKeyId, newKey } of valid)
      if (trusted.has(oldKeyId) || trusted.has(newKey.id))
        for (const key of [all.get(oldKeyId)!, newKey]) trusted.set(key.id, key);
  }
  return trusted;
}
