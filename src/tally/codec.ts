import { ByteReader, ByteWriter } from '../model/bytes.ts';
import type { Counter } from './counters.ts';
import type { Tally } from './group.ts';

const NOTHING = new Uint8Array();

/** A tally as bytes: counters in rising order as differences, each with its count. Equal tallies give equal bytes. */
export const encodeTally = (tally: Tally): Buffer => addToEncoded(NOTHING, tally);

/** @param isWanted  counters that are not are left out  @throws RangeError when the bytes end within a number */
export function decodeTally(bytes: Uint8Array, isWanted?: (name: Counter) => boolean): Map<Counter, number> {
  const tally = new Map<Counter, number>();
  const isBuffer = bytes instanceof Buffer;
  const from = new ByteReader(isBuffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  let name = 0;
  while (!from.done) {
    name += from.varint();
    const count = from.signedVarint();
    if (isWanted === undefined || isWanted(name)) tally.set(name, count);
  }
  return tally;
}

/**
 * A difference added to an encoded tally, both gone through once in the order of their counters.
 * @returns no bytes at all when nothing is left  @throws RangeError past 2^53, and when the bytes end within a number
 */
export function addToEncoded(bytes: Uint8Array, difference: Tally): Buffer {
  const names = Uint32Array.from(difference.keys()).sort();
  const out = new ByteWriter(bytes.length + names.length * 8 + 8);
  let written = 0;
  const write = (name: Counter, count: number): void => {
    if (!Number.isSafeInteger(count)) throw new RangeError(`counter ${name} would be ${count}: not an exact integer`);
    if (count === 0) return;
    out.varint(name - written);
    out.signedVarint(count);
    written = name;
  };
  const from = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  let next = 0;
  for (let name = 0; !from.done; ) {
    name += from.varint();
    const count = from.signedVarint();
    for (; next < names.length && names[next]! < name; next++) write(names[next]!, difference.get(names[next]!)!);
    const isChanged = names[next] === name;
    write(name, isChanged ? count + difference.get(name)! : count);
    if (isChanged) next++;
  }
  for (; next < names.length; next++) write(names[next]!, difference.get(names[next]!)!);
  return out.written;
}
