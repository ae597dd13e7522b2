import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EVENT_CLOCK, TallyBook } from '../../src/tally/book.ts';
import { COMMON, type Common, DURATION_ZERO, FIRST_TOKEN_ZERO } from '../../src/tally/counters.ts';

/**
 * When entries were packed, `isEmpty` went on reading counts where they had been, and saw no common counters at all: what had
 * changed could be taken for nothing, so that its minute was not marked for judging.
 */
const rowOf = (book: TallyBook, minute: number): number => book.row(EVENT_CLOCK, minute, 7, 0, 0);

it('a row in which only a common counter differs is not empty', () => {
  const book = new TallyBook();
  const row = rowOf(book, 1);
  book.addCommon(row, COMMON.usedModel, 1);
  expect(book.isEmpty(row)).toBe(false);
  book.addCommon(row, COMMON.usedModel, -1);
  expect(book.isEmpty(row)).toBe(true);
});

it('a row is empty when its tally is, whatever stands in the others', () => {
  const places = Object.values(COMMON) as Common[];
  const change = fc.record({
    minute: fc.integer({ min: 1, max: 3 }),
    what: fc.oneof(
      fc.record({ common: fc.constantFrom(...places) }),
      fc.record({ name: fc.constantFrom(DURATION_ZERO, FIRST_TOKEN_ZERO) }),
    ),
    by: fc.constantFrom(-1, 1),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const book = new TallyBook();
      for (const { minute, what, by } of changes)
        if ('common' in what) book.addCommon(rowOf(book, minute), what.common, by);
        else book.add(rowOf(book, minute), what.name, by);
      for (let row = 0; row < book.rows; row++) expect(book.isEmpty(row)).toBe(book.tallyOf(row).size === 0);
    }),
  );
});
