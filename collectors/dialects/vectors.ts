import { COMPOUND, DOUBLE, INTEGER, type SlotValues, STRING } from './slots.ts';

/** Where instrumentations write the embedding that a call made; of several in one call the first. */
export const VECTOR_KEYS = [
  // OpenInference
  'embedding.embeddings.0.embedding.vector',
  // Vercel AI SDK: JSON text, and a list of such
  'ai.embedding',
  'ai.embeddings',
] as const;

/** JSON text beyond this is no embedding: sixteen thousand numbers of twenty digits. */
const MAX_TEXT_BYTES = 400_000;
/** More is no embedding: `sketchOf` would not look at it. */
const MAX_NUMBERS = 16_384;
const OPEN_BRACKET = 0x5b;

/** The numbers of an embedding; null for what is none. */
export function vectorAt(values: SlotValues, slot: number): Float64Array | null {
  const { source, type } = values;
  switch (type[slot]) {
    case STRING:
      return ofText(source, values.at[slot]!, values.length[slot]!);
    case INTEGER:
    case DOUBLE:
    case COMPOUND:
      return ofArray(source, values.from[slot]!, values.to[slot]!);
    default:
      return null;
  }
}

function ofText(source: Buffer, at: number, length: number): Float64Array | null {
  if (length > MAX_TEXT_BYTES || source[at] !== OPEN_BRACKET) return null;
  try {
    const parsed: unknown = JSON.parse(source.toString('utf8', at, at + length));
    return Array.isArray(parsed) && parsed.every((one) => typeof one === 'number') ? Float64Array.from(parsed) : null;
  } catch {
    return null;
  }
}

const ARRAY = (5 << 3) | 2;
const ELEMENT = (1 << 3) | 2;
const FLOAT = (4 << 3) | 1;
const INT = 3 << 3;
const FLOAT_BYTES = 9;

/** An `AnyValue` that is an array of numbers, which the reader has checked before; anything else in it is none. */
function ofArray(source: Buffer, from: number, to: number): Float64Array | null {
  const numbers: number[] = [];
  let at = from;
  /** A varint of up to four bytes; NaN for a longer one. */
  const size = (): number => {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = source[at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  if (source[at++] !== ARRAY || !(size() + at === to)) return null;
  while (at < to) {
    if (source[at++] !== ELEMENT) return null;
    const end = size() + at;
    if (!(end <= to)) return null;
    const tag = source[at];
    if (numbers.length === MAX_NUMBERS) return null;
    if (tag === FLOAT && end - at === FLOAT_BYTES) numbers.push(source.readDoubleLE(at + 1));
    else if (tag === INT && isVarint(source, at + 1, end)) numbers.push(wholeNumber(source, at + 1, end));
    else return null;
    at = end;
  }
  return Float64Array.from(numbers);
}

const VARINT_BYTES = 10;

/** Whether one varint of up to 64 bits, and nothing else, lies there. */
function isVarint(source: Buffer, from: number, end: number): boolean {
  if (end <= from || end - from > VARINT_BYTES || source[end - 1]! > 127) return false;
  for (let at = from; at < end - 1; at++) if (source[at]! < 128) return false;
  return true;
}

/** A varint of 64 bits, two's complement. */
function wholeNumber(source: Buffer, from: number, end: number): number {
  let value = 0n;
  for (let at = from; at < end; at++) value |= BigInt(source[at]! & 127) << BigInt(7 * (at - from));
  return Number(BigInt.asIntN(64, value));
}
