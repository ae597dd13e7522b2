import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Interaction } from '../../src/model/interaction.ts';
import type { Rating } from '../../src/model/rating.ts';
import { type RowKey, TallyBook } from '../../src/tally/book.ts';
import { addToEncoded, decodeTally, encodeTally } from '../../src/tally/codec.ts';
import { cost } from '../../src/tally/counters.ts';
import { foldInteraction, foldRatingByEvent, foldRatingByLabel, type Sign } from '../../src/tally/fold.ts';
import { add, equal, subtract, sum, type Tally, ZERO } from '../../src/tally/group.ts';
import { PLAIN_PLAN, type ServicePlan, SliceValues } from '../../src/tally/plan.ts';
import { interactions, ratings } from '../arbitraries.ts';

/** An event as the fold sees it: an interaction, and what was said of it. */
const event = fc.record({
  interaction: interactions,
  said: fc.array(fc.tuple(ratings, fc.integer({ min: 0, max: 20_000 })), { maxLength: 3 }),
});
type Event = { interaction: Interaction; said: [Rating, number][] };

const BINS = Array.from({ length: 50 }, (_, i) => 1000 + i);

const plan = (): ServicePlan => ({
  ...PLAIN_PLAN,
  service: 7,
  thresholdsMs: [400, 4000],
  firstTokenThresholdsMs: [100, 500],
  costs: {
    sum: cost('EUR'),
    // A price that depends on the model, and of some models none.
    nanosOf: (uses) =>
      uses.length === 0 || uses.some((use) => use.responseModel === 0)
        ? null
        : uses.reduce((sum, use) => sum + (use.costNanos ?? use.responseModel * 1_000_003), 0),
    limits: [
      { code: 930, nanos: 2_000_000 },
      { code: 931, nanos: 10 ** 12 },
    ],
  },
  countsGuardrails: true,
  isFiltered: (one) => (one.finishReason % 3 === 0 ? null : one.finishReason % 3 === 1),
  rankings: new Map([
    [
      960,
      [
        { code: 961, metric: 'ndcg', k: 3 },
        { code: 962, metric: 'reciprocal_rank', k: 10 },
      ],
    ],
  ]),
  tokenBins: true,
  weighsFeatures: true,
  weighsCalls: true,
  directions: { has: (code: number) => code % 2 === 0 } as ReadonlySet<number>,
  dimensions: [{ code: 13, valueOf: (one) => one.responseModel, values: new SliceValues([], undefined, 3) }],
  evaluations: new Map([
    [900, { low: 0, high: 1, good: 'high', marks: [{ code: 901, op: '>=', value: 0.7 }], bins: BINS }],
  ]),
});

function count(book: TallyBook, events: readonly Event[], sign: Sign, shared: ServicePlan): void {
  for (const { interaction, said } of events) {
    foldInteraction(book, shared, () => 6, interaction, sign);
    for (const [rating, minutesLater] of said) {
      const at = interaction.endTenths * 100 + minutesLater * 60_000;
      foldRatingByEvent(book, shared, interaction, rating, at, sign);
      foldRatingByLabel(book, shared, interaction, rating, at, sign);
    }
  }
}

/** The rows of a book that hold anything, by key. */
function contents(book: TallyBook): Map<string, Tally> {
  const rows = new Map<string, Tally>();
  for (let row = 0; row < book.rows; row++) {
    const tally = book.tallyOf(row);
    const { clock, minute, service, dimension, value }: RowKey = book.keyOf(row);
    if (tally.size > 0) rows.set(`${clock} ${minute} ${service} ${dimension} ${value}`, tally);
  }
  return rows;
}

function fold(events: readonly Event[], shared = plan()): Map<string, Tally> {
  const book = new TallyBook();
  count(book, events, 1, shared);
  return contents(book);
}

const sameRows = (a: Map<string, Tally>, b: Map<string, Tally>): void => {
  expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
  for (const [key, tally] of a) expect([...tally].sort()).toEqual([...b.get(key)!].sort());
};

/** At most as many values as the cap allows, so that the order of first sight does not matter. */
const events = fc.array(event, { maxLength: 12 }) as fc.Arbitrary<Event[]>;

it('the order in which interactions are counted does not matter', () => {
  fc.assert(
    fc.property(events, fc.integer(), (list, seed) => {
      const shuffled = [...list].sort(
        (a, b) => ((a.interaction.endNanos ^ seed) % 97) - ((b.interaction.endNanos ^ seed) % 97),
      );
      sameRows(fold(list), fold(shuffled));
    }),
  );
});

it('counting in two parts and adding is counting all at once', () => {
  fc.assert(
    fc.property(events, events, (xs, ys) => {
      const shared = plan();
      const [left, right] = [fold(xs, shared), fold(ys, shared)];
      const both = new Map<string, Tally>();
      for (const key of new Set([...left.keys(), ...right.keys()])) {
        const total = add(left.get(key) ?? ZERO, right.get(key) ?? ZERO);
        if (total.size > 0) both.set(key, total);
      }
      sameRows(both, fold([...xs, ...ys], shared));
    }),
  );
});

it('taking back what was counted leaves no trace', () => {
  fc.assert(
    fc.property(events, events, (xs, ys) => {
      const shared = plan();
      const book = new TallyBook();
      count(book, [...xs, ...ys], 1, shared);
      count(book, ys, -1, shared);
      sameRows(contents(book), fold(xs, shared));
    }),
  );
});

it('a book that is cleared is as good as new', () => {
  fc.assert(
    fc.property(events, events, (xs, ys) => {
      const shared = plan();
      const book = new TallyBook();
      count(book, xs, 1, shared);
      book.clear();
      count(book, ys, 1, shared);
      sameRows(contents(book), fold(ys, shared));
    }),
  );
});

it('a dimension has at most as many values as its cap, the rest is "other"', () => {
  fc.assert(
    fc.property(events, (list) => {
      const values = [...fold(list).keys()].filter((key) => key.split(' ')[3] === '13').map((key) => key.split(' ')[4]);
      expect(new Set(values.filter((value) => value !== '1')).size).toBeLessThanOrEqual(3);
    }),
  );
});

const tallies: fc.Arbitrary<Tally> = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 0xffffffff }),
      fc.integer({ min: -1e9, max: 1e9 }).filter((n) => n !== 0),
    ),
  )
  .map((entries) => new Map(entries));

it('tallies are a commutative group', () => {
  fc.assert(
    fc.property(tallies, tallies, tallies, (a, b, c) => {
      expect(equal(add(a, b), add(b, a))).toBe(true);
      expect(equal(add(add(a, b), c), add(a, add(b, c)))).toBe(true);
      expect(equal(add(a, ZERO), a)).toBe(true);
      expect(equal(subtract(a, a), ZERO)).toBe(true);
      expect(equal(sum([a, b, c]), add(a, add(b, c)))).toBe(true);
    }),
  );
});

it('a difference added to a packed tally is the sum, packed', () => {
  fc.assert(
    fc.property(tallies, tallies, (tally, difference) => {
      expect(addToEncoded(encodeTally(tally), difference)).toEqual(encodeTally(add(tally, difference)));
      expect(addToEncoded(encodeTally(tally), subtract(ZERO, tally))).toHaveLength(0);
    }),
  );
});

it('a tally survives being packed, and equal tallies are equal bytes', () => {
  fc.assert(
    fc.property(tallies, (tally) => {
      expect(equal(decodeTally(encodeTally(tally)), tally)).toBe(true);
      expect(encodeTally(new Map([...tally].reverse()))).toEqual(encodeTally(tally));
    }),
  );
});

it('counts past 2^53 are refused, not rounded', () => {
  const half = new Map([[1, 2 ** 52]]);
  expect(() => add(half, half)).toThrow(RangeError);
});
