import { expect, it } from 'vitest';
import { MAX_WEIGHT } from '../../collectors/otlp/weight.ts';
import type { Interaction } from '../../src/model/interaction.ts';
import { EMPTY_SPAN } from '../../src/model/span.ts';
import { TallyBook } from '../../src/tally/book.ts';
import { decodeTally, encodeTally } from '../../src/tally/codec.ts';
import { COUNT, extraSquares, extraWeight } from '../../src/tally/counters.ts';
import { foldInteraction } from '../../src/tally/fold.ts';
import { PLAIN_PLAN } from '../../src/tally/plan.ts';

const interaction: Interaction = {
  ...EMPTY_SPAN,
  hidesFailure: false,
  entrySpanId: '',
  headSpanIds: [],
  uses: [],
  anchorSpanId: '',
  endTenths: 17_950_000_000,
};
const plan = { ...PLAIN_PLAN, service: 7 };

// A sum past 2^53 could not be settled: one span that says it stands for very many stopped all counting, for ever.
it('a day of spans that stand for as many as can be said is counted exactly', () => {
  const book = new TallyBook();
  const n = 100_000;
  for (let i = 0; i < n; i++) foldInteraction(book, plan, () => 0, { ...interaction, weight: MAX_WEIGHT }, 1);
  const tally = decodeTally(encodeTally(book.tallyOf(0)));
  expect(extraWeight(tally, COUNT)).toBe(n * (MAX_WEIGHT - 1) * 1e6);
  expect(extraSquares(tally, COUNT)).toBeCloseTo(n * (MAX_WEIGHT ** 2 - 1) * 1e6, -6);
  for (let i = 0; i < n; i++) foldInteraction(book, plan, () => 0, { ...interaction, weight: MAX_WEIGHT }, -1);
  expect(book.tallyOf(0).size).toBe(0);
});
