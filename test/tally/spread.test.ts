import fc from 'fast-check';
import { expect, it } from 'vitest';
import { spread } from '../../src/tally/spread.ts';

const minute = 60_000;

it.each([
  ['an unknown begin: all in the minute of the end', 7, 0, 10 * minute, 0, [[9, 7]]],
  ['within a minute', 7, 9 * minute + 1, 9 * minute + 30_000, 0, [[9, 7]]],
  [
    'over three minutes',
    7,
    8 * minute,
    11 * minute,
    0,
    [
      [8, 2],
      [9, 2],
      [10, 3],
    ],
  ],
  ['a minute that is too old is left out, with what is its', 4, 8 * minute, 10 * minute, 9, [[9, 2]]],
  ['a begin behind the end', 2, 20 * minute, 10 * minute, 0, [[9, 2]]],
  ['nothing', 0, 8 * minute, 10 * minute, 0, []],
])('%s', (_, count, from, to, since, wanted) => {
  expect([...spread(count, from, to, since)].map((one) => [one.minute, one.count])).toEqual(wanted);
});

it('nothing is lost and nothing added', () => {
  const count = fc.nat({ max: 2 ** 40 });
  fc.assert(
    fc.property(count, fc.nat({ max: 1e8 }), fc.integer({ min: 1, max: 1e8 }), (n, from, length) => {
      const shares = [...spread(n, from + 1, from + 1 + length, 0)];
      expect(shares.reduce((sum, one) => sum + one.count, 0)).toBe(n);
    }),
  );
});
