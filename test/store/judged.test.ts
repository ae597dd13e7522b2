import fc from 'fast-check';
import { expect, it } from 'vitest';
import { judgeTrace } from '../../src/interactions/judge.ts';
import { ByteReader, ByteWriter } from '../../src/model/bytes.ts';
import type { Call, Interaction } from '../../src/model/interaction.ts';
import { KINDS } from '../../src/model/span.ts';
import { type Judged, readJudged, writeJudged } from '../../src/store/judged.ts';
import { interactions, spanIds, spans, uses } from '../arbitraries.ts';

const code = fc.nat(100_000);
const count = fc.option(fc.nat(5000), { nil: null });

/** What a judgement may say otherwise than the span itself. */
const otherInteraction = interactions.map(
  ({ traceId: _t, service: _s, anchorSpanId: _a, endTenths: _e, endNanos: _n, ...rest }) => rest,
);
const otherCall = fc.record({
  interactionSpanId: spanIds,
  kind: fc.constantFrom(...KINDS),
  name: code,
  provider: code,
  model: code,
  durationNanos: fc.nat(),
  isError: fc.boolean(),
  errorType: code,
  inputTokens: count,
  outputTokens: count,
  use: fc.option(uses, { nil: null }),
  weight: fc.constantFrom(1, 2, 8),
});

/** Some fields of another one in the place of those of the first. */
const mixed = <T extends object>(one: T, other: Partial<T>, names: readonly string[]): T => ({
  ...one,
  ...Object.fromEntries(Object.entries(other).filter(([name]) => names.includes(name))),
});

it('what a span was judged to be is read as it was written, whichever fields differ from the span', () => {
  fc.assert(
    fc.property(
      spans.map((span) => ({ ...span, kind: 'model' as const })),
      otherInteraction,
      otherCall,
      fc.infiniteStream(fc.boolean()),
      fc.option(spanIds, { nil: null }),
      (span, interaction, call, choices, lead) => {
        const isChosen = (): boolean => choices.next().value;
        const chosen = (one: object): string[] => Object.keys(one).filter(isChosen);
        const judged = judgeTrace([span]);
        const said: Judged = {
          lead: isChosen() ? span.spanId : lead,
          interaction: mixed<Interaction>(judged.interactions[0]!, interaction, chosen(interaction)),
          call: mixed<Call>(judged.calls[0]!, call, chosen(call)),
        };
        const out = new ByteWriter();
        writeJudged(out, span, said);
        const from = new ByteReader(Buffer.from(out.written));
        expect(readJudged(from, span)).toEqual(said);
        expect(from.done).toBe(true);
      },
    ),
    { numRuns: 500, endOnFailure: true },
  );
});
