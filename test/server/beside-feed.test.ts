import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BesideFeed, type ReadRows } from '../../src/server/judge/beside-feed.ts';
import { labels } from '../../src/tally/counters.ts';
import { sum, type Tally, ZERO } from '../../src/tally/group.ts';

const NAME = labels(50);
const START = 29_000_040;
const WINDOW = 600;
const TRAILING = 2880;

interface Row {
  readonly value: number;
  readonly minute: number;
  readonly n: number;
}

/** Rows as a store has them: minutes, and hours that are their sums. */
const storeOf =
  (rows: readonly Row[]): ReadRows =>
  (step, from, to) => {
    const length = step === 'minute' ? 1 : 60;
    const cells = Map.groupBy(rows, ({ value, minute }) => `${value} ${Math.floor(minute / length)}`);
    return [...cells.values()].flatMap((cell) => {
      const at = Math.floor(cell[0]!.minute / length);
      const tally = sum(cell.map(({ n }): Tally => new Map([[NAME, n]])));
      return at < from || at > to || tally.size === 0 ? [] : [{ value: cell[0]!.value, at, tally }];
    });
  };

const rowsOf = fc.array(
  fc.record({
    value: fc.constantFrom(5, 6),
    minute: fc.integer({ min: START - 3000, max: START + 200 }),
    n: fc.integer({ min: 1, max: 9 }),
  }),
  { maxLength: 40 },
);

it('is, for each value, the sum of its minutes and hours, whatever comes late and whatever is taken back', () => {
  fc.assert(
    fc.property(rowsOf, rowsOf, fc.integer({ min: 0, max: 200 }), (early, late, moved) => {
      const through = START + moved;
      const firstMinute = START - (START % 60) - 420;
      const before = storeOf(early.filter(({ minute }) => minute <= START));
      // Some of what was there is gone, and something else has come.
      const rows = [...early.filter((_, i) => i % 3 > 0), ...late].filter(({ minute }) => minute <= through);
      const after = storeOf(rows);
      const feed = new BesideFeed({ minutes: TRAILING, dimension: 13 }, (name) => name === NAME, WINDOW, START);
      feed.begin(before, firstMinute);
      feed.passTo(START);
      for (const { minute } of [...early, ...late].filter((row) => row.minute <= START))
        if (minute >= firstMinute) feed.read(after, 'minute', minute, minute);
        else feed.read(after, 'hour', Math.floor(minute / 60), Math.floor(minute / 60));
      feed.read(after, 'minute', START + 1, through);
      feed.passTo(through);
      const { slices } = feed.since(through - WINDOW + 1);
      const known = (value: number, since: number): Tally =>
        sum(
          rows
            .filter((row) => row.value === value && Math.floor(row.minute / 60) >= Math.floor(since / 60))
            .map(({ n }): Tally => new Map([[NAME, n]])),
        );
      for (const value of [5, 6]) {
        expect(slices.get(value)?.window ?? ZERO).toEqual(known(value, through - WINDOW + 1));
        expect(slices.get(value)?.trailing ?? ZERO).toEqual(known(value, through - TRAILING + 1));
      }
    }),
  );
});

it('a window that begins within an hour holds of each value what came from then on, as the window of the whole does', () => {
  fc.assert(
    fc.property(rowsOf, fc.integer({ min: 1, max: WINDOW - 1 }), (rows, back) => {
      const seen = rows.filter(({ minute }) => minute <= START);
      const start = START - back;
      const feed = new BesideFeed({ minutes: 0, dimension: 13 }, (name) => name === NAME, WINDOW, START);
      feed.begin(storeOf(seen), START - (START % 60) - 420);
      feed.passTo(START);
      feed.cutAt(storeOf(seen), start);
      const { slices } = feed.since(start);
      for (const value of [5, 6]) {
        const known = seen.filter((row) => row.value === value && row.minute >= start);
        expect(slices.get(value)?.window ?? ZERO).toEqual(sum(known.map(({ n }): Tally => new Map([[NAME, n]]))));
      }
    }),
  );
});
