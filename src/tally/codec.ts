import { ByteReader, ByteWriter } from '../model/bytes.ts';
import type { Counter } from './counters.ts';
import type { Tally } from './group.ts';

/** A tally as bytes: counters in rising order as differences, each with its count. Equal tallies give equal bytes. */
export function encodeTally(tally: Tally): Buffer {
  const out = new ByteWriter(tally.size * 5 + 8);
  let last = 0;
  for (const name of Uint32Array.from(tally.keys()).sort()) {
    out.varint(name - last);
    out.signedVarint(tally.get(name)!);
    last = name;
  }
  return out.written;
}

/** @throws RangeError when the bytes end within a number */
export function decodeTally(bytes: Uint8Array): Map<Counter, number> {
  const tally = new Map<Counter, number>();
  const from = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  let name = 0;
  while (!from.done) {
    name += from.varint();
    tally.set(name, from.signedVarint());
  }
  return tally;
}
