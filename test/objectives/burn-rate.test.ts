import fc from 'fast-check';
import { expect, it } from 'vitest';
import { burnRate, burnRateLow, burnTiers, exceeds, fires, isUnreachable } from '../../src/objectives/burn-rate.ts';
import { burnSeries } from '../../src/objectives/burn-series.ts';

it('no traffic has no burn rate, and fires nothing', () => {
  expect(burnRate({ n: 0, bad: 0 }, 0.001)).toBeNull();
  for (const tier of burnTiers(30)) expect(exceeds(tier, { n: 0, bad: 0 }, 0.001)).toBe(false);
});

it('the lower end of a burn rate is 0 without a bad event, below the rate, and nears it with traffic', () => {
  expect(burnRateLow({ n: 0, bad: 0 }, 0.01)).toBeNull();
  expect(burnRateLow({ n: 50, bad: 0 }, 0.01)).toBe(0);
  const few = burnRateLow({ n: 20, bad: 2 }, 0.01)!;
  const many = burnRateLow({ n: 20_000, bad: 2000 }, 0.01)!;
  // Wilson's formula by hand: (0.1 + 0.0960365 - 0.1628185) / 1.1920730 = 0.0278660.
  expect(few).toBeCloseTo(2.7866, 3);
  expect(many).toBeGreaterThan(few);
  expect(many).toBeLessThan(burnRate({ n: 20_000, bad: 2000 }, 0.01)!);
});

it('a burn of exactly the threshold does not fire, a larger one does, in both windows only', () => {
  const [first] = burnTiers(30);
  const exactly = { n: 100_000, bad: 1440 };
  const more = { n: 100_000, bad: 1441 };
  expect(fires(first!, exactly, more, 0.001)).toBe(false);
  expect(fires(first!, more, exactly, 0.001)).toBe(false);
  expect(fires(first!, more, more, 0.001)).toBe(true);
});

it('a tier that a total outage can not reach is said to be unreachable', () => {
  expect(burnTiers(30).map((tier) => isUnreachable(tier, 0.1))).toEqual([true, false, false, false]);
  expect(burnTiers(30).some((tier) => isUnreachable(tier, 0.05))).toBe(false);
});

it('a series fires where a window counted by hand does', () => {
  const minute = fc.tuple(fc.nat(5), fc.nat(5)).map(([n, b]) => ({ n, bad: b % (n + 1) }));
  const tier = { longMinutes: 12, shortMinutes: 3, threshold: 2, severity: 'page' } as const;
  fc.assert(
    fc.property(fc.array(minute, { maxLength: 60 }), (series) => {
      const window = (end: number, length: number) =>
        series
          .slice(Math.max(0, end - length), end)
          .reduce((sum, { n, bad }) => ({ n: sum.n + n, bad: sum.bad + bad }), { n: 0, bad: 0 });
      const fired = series.map((_, i) => fires(tier, window(i + 1, 12), window(i + 1, 3), 0.2));
      const [result] = burnSeries(series, [tier], 0.2);
      expect(result).toEqual({
        tier,
        first: fired.includes(true) ? fired.indexOf(true) : null,
        minutes: fired.filter(Boolean).length,
        atEnd: fired.at(-1) ?? false,
      });
    }),
  );
});

it('counts and windows that can not be are refused', () => {
  expect(() => burnRate({ n: 1, bad: 2 }, 0.1)).toThrow('bad is 2 of n 1');
  expect(() => burnRate({ n: 1, bad: 1 }, 0)).toThrow('q0 is 0');
  expect(() => burnTiers(0)).toThrow('windowDays is 0');
});
