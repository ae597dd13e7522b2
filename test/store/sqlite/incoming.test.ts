import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteWriter } from '../../../src/model/bytes.ts';
import type { Span } from '../../../src/model/span.ts';
import { appendSpanRecord } from '../../../src/model/span-record.ts';
import { hashId, OF_TRACE } from '../../../src/store/id-hash.ts';
import { Incoming } from '../../../src/store/sqlite/incoming.ts';
import { spans } from '../../arbitraries.ts';

const recordsOf = (list: readonly Span[]): ArrayBuffer => {
  const out = new ByteWriter();
  for (const span of list) appendSpanRecord(out, span);
  return Uint8Array.from(out.written).buffer;
};

/** Few traces, so that they meet: within an item and in others. */
const batch = fc.array(
  fc.tuple(spans, fc.nat(5)).map(([span, trace]) => ({ ...span, traceId: String(trace).repeat(16) })),
  { maxLength: 12 },
);

it('gives the spans of a group trace by trace in the order in which they came, and of the group before none', () => {
  const incoming = new Incoming();
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 4 }), (items) => {
      incoming.clear();
      for (const [i, item] of items.entries()) incoming.add(i * 2, recordsOf(item));
      const found = Array.from({ length: incoming.traces }, (_, trace) => ({
        hash: incoming.hashOf(trace),
        spans: incoming.spansOf(trace).map(({ span, item }) => ({ span, item })),
      }));
      const came = items.flatMap((item, i) => item.map((span) => ({ span, item: i * 2 })));
      const expected = Array.from(
        Map.groupBy(came, ({ span }) => span.traceId),
        ([traceId, spans]) => ({ hash: hashId(traceId, OF_TRACE), spans }),
      );
      expect(found).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

it('takes more records and traces than it had room for at first', () => {
  const incoming = new Incoming();
  const list = Array.from({ length: 3000 }, (_, i) => ({
    ...fc.sample(spans, { numRuns: 1, seed: 1 })[0]!,
    traceId: String(i % 1500).padStart(16, '-'),
  }));
  incoming.add(0, recordsOf(list));
  expect(incoming.traces).toBe(1500);
  for (const trace of [0, 700, 1499])
    expect(incoming.spansOf(trace).map(({ span }) => span)).toEqual([list[trace], list[trace + 1500]]);
});
