import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeTrace, type TraceJudgement } from '../../../src/interactions/judge.ts';
import type { Span } from '../../../src/model/span.ts';
import { byTrace, decodeAll, described, samples, sorted } from './samples.ts';

// That the JSON form gives the same records, json.test.ts shows.
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

describe('in whatever order, batches and copies the spans of a recording come, they end in the same judgement', () => {
  it.each(samples)('$name', ({ protobuf }) => {
    const { spans } = decodeAll(protobuf);
    const whole = judgeBatches([spans]);
    const deliveries = fc.tuple(
      fc.shuffledSubarray(spans, { minLength: spans.length }),
      fc.array(fc.subarray(spans), { maxLength: 3 }),
      fc.nat(spans.length),
    );
    fc.assert(
      fc.property(deliveries, ([anyOrder, copies, at]) => {
        expect(judgeBatches([anyOrder.slice(0, at), ...copies, anyOrder.slice(at)])).toEqual(whole);
      }),
      { numRuns: 12 },
    );
  });
});
