import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../src/interactions/group.ts';
import type { Code } from '../../src/model/dictionary.ts';
import type { Span } from '../../src/model/span.ts';
import { holdsInteractions, isExplained, regroup, storedInteractions } from '../../src/store/regroup.ts';
import type { StoredSpan } from '../../src/store/sqlite/parts.ts';
import { idOf, sketch, traces } from '../interactions/traces.ts';

/** As a store holds them when they came together. */
const stored = (spans: readonly Span[], exchangeOf: (service: Code) => Exchange): StoredSpan[] => {
  const { fresh } = regroup([], spans, exchangeOf);
  return spans.map((span, i) => ({ part: 1, span, judged: fresh[i]!, commitDelay: 0 }));
};

const exchanges = fc.tuple(fc.constantFrom<Exchange>('entry', 'head'), fc.constantFrom<Exchange>('entry', 'head')).map(
  ([of2, of4]) =>
    (service: Code) =>
      service === 2 ? of2 : of4,
);

describe('what is known of a trace', () => {
  it('explains what it was judged to be, whichever exchange each service had then and has now', () => {
    fc.assert(
      fc.property(traces, exchanges, exchanges, (spans, before, now) => {
        const known = stored(spans, before);
        expect(isExplained(known, now)).toBe(true);
        expect(holdsInteractions(known)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('does not without a span that an interaction began with, or ended with', () => {
    fc.assert(
      fc.property(traces, exchanges, fc.nat(), (spans, exchangeOf, pick) => {
        const known = stored(spans, exchangeOf);
        const { interactions } = storedInteractions(known);
        const heads = interactions.flatMap(({ headSpanIds }) => (headSpanIds.length > 1 ? headSpanIds : []));
        fc.pre(heads.length > 0);
        const gone = heads[pick % heads.length];
        const rest = known.filter(({ span }) => span.spanId !== gone);
        expect(holdsInteractions(rest)).toBe(false);
        expect(isExplained(rest, exchangeOf)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('does not without the link that made two calls one request', () => {
    const spans = [
      { id: 'http', kind: 'none', spanKind: 'server', to: 900 } as const,
      { id: 'glue', kind: 'none', under: 'http', to: 500 } as const,
      { id: 'one', under: 'glue' },
      { id: 'two', under: 'http', from: 200 },
    ].map(sketch);
    const known = stored(spans, () => 'entry');
    expect(isExplained(known, () => 'head')).toBe(true);
    const rest = known.filter(({ span }) => span.spanId !== idOf('glue'));
    expect(holdsInteractions(rest)).toBe(true);
    expect(isExplained(rest, () => 'entry')).toBe(false);
  });
});
