import fc from 'fast-check';
import { EMPTY_SPAN, KINDS, SPAN_KINDS, type Span } from '../../src/model/span.ts';
import { spans as anySpan } from '../arbitraries.ts';

const MS = 1e6;
/** A round instant: tenths of a second since 1970. */
const NOON = 17_954_585_400;

export interface Sketch extends Omit<Partial<Span>, 'spanId' | 'parentSpanId' | 'endTenths' | 'endNanos'> {
  readonly id: string;
  readonly under?: string;
  /** Milliseconds after noon. */
  readonly from?: number;
  readonly to?: number;
}

export const idOf = (name: string): string => name.padEnd(8, '·').slice(0, 8);

/** A span drawn by what matters in a test: a name of up to eight letters, its parent's, and milliseconds. */
export function sketch({ id, under, from = 0, to = from + 100, ...rest }: Sketch): Span {
  const endTenths = NOON + Math.floor(to / 100);
  return {
    ...EMPTY_SPAN,
    traceId: 'sixteen-letters!',
    kind: 'model',
    service: 2,
    scope: 3,
    ...rest,
    spanId: idOf(id),
    parentSpanId: under === undefined ? '' : idOf(under),
    endTenths,
    endNanos: Math.round((to - (endTenths - NOON) * 100) * MS),
    durationNanos: Math.round((to - from) * MS),
  };
}

const letters = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');

/** Spans of one trace as chance draws them: forests, circles, unknown parents, several services, twins, ties in time. */
export const traces: fc.Arbitrary<Span[]> = fc
  .uniqueArray(
    fc.record({
      span: anySpan,
      id: letters,
      under: fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'unknown'), { nil: undefined }),
      from: fc.integer({ min: 0, max: 300 }),
      took: fc.integer({ min: 0, max: 300 }),
      kind: fc.constantFrom(...KINDS, 'model' as const, 'model' as const),
      spanKind: fc.constantFrom(...SPAN_KINDS, 'internal' as const, 'internal' as const),
      service: fc.constantFrom(2, 2, 2, 4),
      scope: fc.constantFrom(3, 5),
      tokens: fc.option(fc.nat(2), { nil: null }),
      parentIsRemote: fc.constantFrom(false, false, false, true),
    }),
    { selector: ({ id }) => id, maxLength: 8 },
  )
  .map((list) =>
    list.map(({ span, took, tokens, ...drawn }) =>
      sketch({
        ...span,
        ...drawn,
        traceId: 'sixteen-letters!',
        to: drawn.from + took,
        durationNanos: 0,
        inputTokens: tokens,
        outputTokens: tokens,
      } as Sketch),
    ),
  );

export const shuffled = <T>(list: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...list], { minLength: list.length });
