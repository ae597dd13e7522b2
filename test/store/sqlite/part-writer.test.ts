import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteWriter } from '../../../src/model/bytes.ts';
import { EMPTY_SPAN, type Span } from '../../../src/model/span.ts';
import { writeSpanBody } from '../../../src/model/span-record.ts';
import { NOT_JUDGED } from '../../../src/store/judged.ts';
import { type PackedPart, PartWriter } from '../../../src/store/sqlite/part-writer.ts';
import { lastTenthOf, readPart, secondOf } from '../../../src/store/sqlite/parts.ts';

interface Packed {
  readonly hash: number;
  readonly span: Span;
  readonly names: readonly number[];
}

/** Spans of few traces and seconds, AI and not. */
const groups: fc.Arbitrary<Packed[]> = fc
  .array(
    fc.record({
      trace: fc.nat(4),
      second: fc.constantFrom(0, 1, 59, 0xffff_ffff),
      tenth: fc.nat(9),
      isLink: fc.boolean(),
      names: fc.array(fc.nat(0xffffffff), { maxLength: 2 }),
    }),
    { maxLength: 30 },
  )
  .map((list) =>
    list.map(({ trace, second, tenth, isLink, names }, i) => ({
      hash: trace * 0x3fff_ffff,
      span: {
        ...EMPTY_SPAN,
        traceId: String(trace).repeat(16),
        spanId: String(i).padStart(8, '0'),
        kind: isLink ? 'none' : 'model',
        endTenths: second * 10 + tenth,
      },
      names,
    })),
  );

function pack(out: PartWriter, group: readonly Packed[]): PackedPart[] {
  out.clear();
  return group.map(({ hash, span, names }) => {
    const body = new ByteWriter();
    writeSpanBody(body, span);
    const part = out.add(hash, span, NOT_JUDGED, 0, body.buffer, 0, body.at);
    for (const name of names) out.name(name);
    return part;
  });
}

const keyOf = ({ kind, endTenths }: Span): number => secondOf(endTenths) + (kind === 'none' ? 2 ** 40 : 0);

it('spans of a trace in one second are one part; parts are numbered by second, links behind, else as they were packed', () => {
  const out = new PartWriter();
  fc.assert(
    fc.property(groups, (group) => {
      const packed = pack(out, group);
      const { shelves, placeOf } = out.order();
      expect(placeOf.length).toBe(out.count);
      const firstOf = (part: PackedPart): Span => group[packed.indexOf(part)]!.span;
      const expected = Array.from({ length: out.count }, (_, part) => part).sort(
        (a, b) => keyOf(firstOf(a)) - keyOf(firstOf(b)) || a - b,
      );
      expect(expected.map((part) => placeOf[part])).toEqual(expected.map((_, place) => place));
      expect(shelves.flatMap(({ second, isLinks, parts }) => new Array(parts).fill([second, isLinks]))).toEqual(
        expected.map((part) => [secondOf(firstOf(part).endTenths), firstOf(part).kind === 'none']),
      );
      // Each part holds its spans, and whatever comes behind another trace or second begins one.
      for (const part of expected)
        expect(readPart(part, out.dataOf(part)).map(({ span }) => span)).toEqual(
          group.filter((_, i) => packed[i] === part).map(({ span }) => span),
        );
      for (let i = 1; i < group.length; i++) {
        const [before, { span }] = [group[i - 1]!.span, group[i]!];
        const goesOn = before.traceId === span.traceId && keyOf(before) === keyOf(span);
        expect(packed[i]).toBe(packed[i - 1]! + (goesOn ? 0 : 1));
      }
    }),
  );
});

it('pointers lead from traces and names to the parts, with their ends', () => {
  const out = new PartWriter();
  fc.assert(
    fc.property(groups, (group) => {
      const packed = pack(out, group);
      const listed = ({ traces, names }: PartWriter): (readonly [number, number, number])[][] =>
        [traces, names].map((one) =>
          Array.from({ length: one.length }, (_, i) => [one.hashAt(i), one.partAt(i), one.endAt(i)] as const),
        );
      const parts = group.flatMap(({ hash, span }, i) =>
        packed[i] === packed[i - 1] ? [] : [[hash, packed[i]!, lastTenthOf(secondOf(span.endTenths))] as const],
      );
      const names = group.flatMap(({ span, names }, i) => names.map((name) => [name, packed[i]!, span.endTenths]));
      expect(listed(out)).toEqual([parts, names]);
    }),
  );
});
