import { JsonFault } from '../../model/json.ts';
import type { Json, JsonObject } from './canonical-json.ts';
import { type PublicKey, publicKeyOfSpki } from './keys.ts';
import { type Rotation, readRotation } from './rotation.ts';

/** What a log says of its keys: `keys.json` of an export. */
export interface LogKeys {
  readonly keys: readonly PublicKey[];
  readonly rotations: readonly Rotation[];
}

/** @throws JsonFault when it is no such file, or a key has not the id that it says */
export function readLogKeys(value: Json): LogKeys {
  const { v, keys, rotations } = (value ?? {}) as Record<string, Json>;
  if (v !== 1 || !Array.isArray(keys) || !Array.isArray(rotations)) throw new JsonFault('it is no list of keys');
  return { keys: keys.map(keyOf), rotations: rotations.map(readRotation) };
}

function keyOf(value: JsonObject): PublicKey {
  const { key_id: id, spki } = value ?? {};
  let key: PublicKey;
  try {
    key = publicKeyOfSpki(Buffer.from(spki as string, 'base64'));
  } catch {
    throw new JsonFault('one of its keys is none');
  }
  if (key.id !== id) throw new JsonFault('one of its keys has another id');
  return key;
}
