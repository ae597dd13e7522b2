import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/model/bytes.ts';
import { appendSpanRecord, RECORD_HEADER_BYTES, readSpanBody } from '../../src/model/span-record.ts';
import { spans } from '../arbitraries.ts';

it('a span survives being packed and unpacked, whatever is in it', () => {
  fc.assert(
    fc.property(fc.array(spans, { maxLength: 5 }), (list) => {
      const out = new ByteWriter(8);
      for (const span of list) appendSpanRecord(out, span);
      const bytes = Buffer.from(out.written);
      const read = [];
      for (let at = 0; at < bytes.length; ) {
        const length = bytes.readUInt32LE(at);
        const body = at + RECORD_HEADER_BYTES;
        const key = {
          traceId: bytes.toString('latin1', at + 4, at + 20),
          spanId: bytes.toString('latin1', at + 20, at + 28),
          endTenths: bytes.readDoubleLE(at + 28),
        };
        read.push(readSpanBody(new ByteReader(bytes, body, body + length), key));
        at = body + length;
      }
      expect(read).toEqual(list);
    }),
  );
});

it('integers of every size and sign survive as varints', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger()), (list) => {
      const out = new ByteWriter(1);
      const halves = list.map((value) => Math.trunc(value / 2));
      for (const value of halves) out.signedVarint(value);
      for (const value of list) out.varint(Math.abs(value));
      const from = new ByteReader(out.written);
      expect(halves.map(() => from.signedVarint())).toEqual(halves.map((value) => value + 0));
      expect(list.map(() => from.varint())).toEqual(list.map((value) => Math.abs(value)));
      expect(from.done).toBe(true);
    }),
  );
});

it('a record cut short is refused, not read past its end', () => {
  fc.assert(
    fc.property(spans, fc.nat(), (span, cut) => {
      const out = new ByteWriter();
      appendSpanRecord(out, span);
      const bytes = Buffer.from(out.written);
      const end = RECORD_HEADER_BYTES + (cut % (bytes.length - RECORD_HEADER_BYTES));
      expect(() => readSpanBody(new ByteReader(bytes, RECORD_HEADER_BYTES, end), span)).toThrow(RangeError);
    }),
  );
});
