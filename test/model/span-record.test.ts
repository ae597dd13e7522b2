import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/model/bytes.ts';
import { EMPTY_SPAN } from '../../src/model/span.ts';
import {
  appendSpanRecord,
  appendSpanRecordFrom,
  RECORD_HEADER_BYTES,
  readSpanBody,
  spansOfRecords,
} from '../../src/model/span-record.ts';
import { spans } from '../arbitraries.ts';

const recordsOf = (out: ByteWriter): ArrayBuffer => new Uint8Array(out.written).buffer;

it('spans survive being packed and unpacked, whatever is in them', () => {
  fc.assert(
    fc.property(fc.array(spans, { maxLength: 5 }), (list) => {
      const out = new ByteWriter(8);
      for (const span of list) appendSpanRecord(out, span);
      expect([...spansOfRecords(recordsOf(out))]).toEqual(list);
    }),
  );
});

it('the same record is written whether ids and texts are strings or lie in the bytes they were read from', () => {
  fc.assert(
    fc.property(spans, (span) => {
      const asStrings = new ByteWriter(8);
      appendSpanRecord(asStrings, span);
      const conversation = Buffer.from(span.conversationId);
      const user = Buffer.from(span.userId);
      const ids = Buffer.from(span.traceId + span.spanId + span.parentSpanId, 'latin1');
      const inPlace = new ByteWriter(8);
      appendSpanRecordFrom(inPlace, span, ids, {
        traceAt: 0,
        spanAt: 16,
        parentAt: span.parentSpanId === '' ? -1 : 24,
        responseRef: span.responseRef,
        interactionRef: span.interactionRef,
        conversation: { source: Buffer.concat([ids, conversation]), at: ids.length, length: conversation.length },
        user: { source: user, at: 0, length: user.length },
      });
      expect(recordsOf(inPlace)).toEqual(recordsOf(asStrings));
    }),
  );
});

it('a transfer buffer that ends within a record is refused', () => {
  const out = new ByteWriter();
  appendSpanRecord(out, EMPTY_SPAN);
  appendSpanRecord(out, EMPTY_SPAN);
  const records = recordsOf(out);
  expect(() => [...spansOfRecords(records.slice(0, -1))]).toThrow('cut short');
  expect(() => [...spansOfRecords(records.slice(0, records.byteLength / 2 + 9))]).toThrow('cut short');
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
