import canonicalize from 'canonicalize';
import { JsonFault, parseJson } from '../../model/json.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * The one text of a value: members sorted by UTF-16 code units, no white space, numbers as ECMAScript writes them.
 * @throws Error for NaN, infinities, lone surrogates and circles
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export const canonicalJson = (value: Json): string => canonicalize(value)!;

/**
 * Reads what `canonicalJson` writes, and nothing else: another order of members, white space, a key that is there twice, a
 * number that was rounded, an escape too many are all refused.
 * @throws JsonFault
 */
export function parseCanonical(bytes: Uint8Array): Json {
  const value = parseJson(bytes) as Json;
  let text: string;
  try {
    text = canonicalJson(value);
  } catch (error) {
    throw new JsonFault((error as Error).message);
  }
  if (Buffer.compare(Buffer.from(text), bytes) !== 0) throw new JsonFault('it is not canonical JSON (RFC 8785)');
  return value;
}

/**
 * What canonical JSON can hold of a value: members that are undefined are left out, integers beyond 2^53 are strings of
 * digits, half of a surrogate pair becomes U+FFFD.
 * @throws RangeError for NaN and infinities, and for what is no data (functions, symbols)
 */
export function plainJson(value: unknown): Json {
  switch (typeof value) {
    case 'string':
      return value.toWellFormed();
    case 'boolean':
      return value;
    case 'bigint':
      return value.toString();
    case 'number':
      return plainNumber(value);
    case 'object':
      if (value === null) return null;
      if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : plainJson(item)));
      return plainObject(value);
    default:
      throw new RangeError(`a ${typeof value} is no data`);
  }
}

export const plainObject = (value: object): JsonObject =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      item === undefined ? [] : [[key.toWellFormed(), plainJson(item)] as const],
    ),
  );

function plainNumber(value: number): Json {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no number that JSON has`);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value).toString() : value;
}
