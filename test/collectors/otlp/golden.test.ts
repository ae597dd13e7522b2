import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeTrace, type TraceJudgement } from '../../../src/interactions/judge.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import type { Span } from '../../../src/model/span.ts';
import { byTrace, decodeAll, described, samples, sorted } from './samples.ts';

describe('recorded requests give the interactions and calls that the rule expects', () => {
  it.each(samples)('$name', ({ protobuf, expected }) => {
    const { spans, dictionary } = decodeAll(protobuf);
    const found = described(
      byTrace(spans).map((trace) => judgeTrace(trace)),
      dictionary,
    );
    expect(sorted(found)).toEqual(sorted(expected));
  });
});

/** What a store knows after some batches: each span once, the first copy. */
function judgeBatches(batches: readonly (readonly Span[])[]): TraceJudgement[] {
  const known = new Map<string, Span>();
  for (const span of batches.flat()) {
    const id = span.traceId + span.spanId;
    if (!known.has(id)) known.set(id, span);
  }
  return byTrace([...known.values()])
    .map((trace) => judgeTrace(trace))
    .sort((a, b) => ((a.interactions[0]?.traceId ?? '') < (b.interactions[0]?.traceId ?? '') ? -1 : 1));
}

it('in whatever order, batches and copies the spans of real traces come, they end in the same judgement', () => {
  const dictionary = new Dictionary();
  const traces = samples.map(({ protobuf }) => decodeAll(protobuf, dictionary).spans);
  const deliveries = fc
    .constantFrom(...traces)
    .chain((spans) =>
      fc.tuple(
        fc.constant(spans),
        fc.shuffledSubarray(spans, { minLength: spans.length }),
        fc.array(fc.subarray(spans), { maxLength: 3 }),
      ),
    );
  fc.assert(
    fc.property(deliveries, fc.nat(), ([spans, anyOrder, copies], cut) => {
      const at = cut % (anyOrder.length + 1);
      const delivered = judgeBatches([anyOrder.slice(0, at), ...copies, anyOrder.slice(at)]);
      expect(delivered).toEqual(judgeBatches([spans]));
    }),
    { numRuns: 500 },
  );
});
