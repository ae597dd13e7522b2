import fc from 'fast-check';
import { expect, it } from 'vitest';
import { budgetForecast } from '../../src/objectives/budget-forecast.ts';
import { budgetOutlook, type OutlookInput } from '../../src/objectives/budget-outlook.ts';

/** A window of 28 days that allows 100 bad events of 100,000. */
const rolling = (bad: number, lately: number, more: Partial<OutlookInput> = {}): OutlookInput => ({
  q0: 0.001,
  window: { n: 100_000, bad },
  expectedRest: 0,
  lookback: { n: 900, bad: lately, minutes: 360 },
  minutesLeft: 28 * 1440,
  leaving: [],
  ...more,
});

it('where nothing leaves the window it is the forecast, as far as the window goes', () => {
  fc.assert(
    fc.property(fc.nat(99), fc.nat(50), fc.integer({ min: 1, max: 50_000 }), (bad, lately, minutesLeft) => {
      const outlook = budgetOutlook(rolling(bad, lately, { minutesLeft }))!;
      const { minutes, low, high, exhaustsInWindow } = budgetForecast({
        bad: lately,
        minutes: 360,
        remainingBad: 100 - bad,
        minutesLeft,
      });
      const within = (value: number | null): unknown =>
        value === null || value > minutesLeft ? null : expect.closeTo(value, 6);
      expect(outlook).toMatchObject({
        exhausted: false,
        minutes: within(minutes),
        low: within(low),
        high: within(high),
        probability: expect.closeTo(exhaustsInWindow, 12),
      });
    }),
  );
});

it('a rate that the window bears for ever is not said to spend it: as much leaves as comes', () => {
  // 70 bad of 100 allowed, ten a day each week day for seven days; 2.5 every six hours come, and ten a day leave.
  const leaving = Array.from({ length: 28 }, (_, day) => ({ after: (day + 1) * 1440, bad: 2.5 }));
  const input = rolling(70, 1, { leaving, lookback: { n: 900, bad: 1, minutes: 576 } });
  expect(budgetOutlook(input)).toMatchObject({ minutes: null });
  expect(budgetOutlook({ ...input, leaving: [] })).toMatchObject({ minutes: 30 * 576 });
});

it('what leaves later than the budget is spent does not save it', () => {
  const leaving = [{ after: 2000, bad: 60 }];
  expect(budgetOutlook(rolling(90, 10, { leaving }))).toMatchObject({ minutes: 360 });
  expect(budgetOutlook(rolling(90, 1, { leaving }))).toMatchObject({ minutes: 70 * 360 });
});

it('what leaves never makes it likelier that the budget is spent, nor sooner', () => {
  const leavings = fc
    .array(fc.record({ after: fc.nat(28 * 1440), bad: fc.nat(5) }), { maxLength: 15 })
    .map((list) => list.sort((a, b) => a.after - b.after));
  fc.assert(
    fc.property(fc.nat(99), fc.nat(50), leavings, (bad, lately, leaving) => {
      const saved = budgetOutlook(rolling(bad, lately, { leaving }))!;
      const plain = budgetOutlook(rolling(bad, lately))!;
      expect(saved.probability).toBeLessThanOrEqual(plain.probability + 1e-12);
      expect(saved.minutes ?? Infinity).toBeGreaterThanOrEqual((plain.minutes ?? Infinity) - 1e-6);
    }),
  );
});

it('an overspent budget is spent, and one of nothing is none', () => {
  expect(budgetOutlook(rolling(101, 0))).toMatchObject({ exhausted: true, minutes: 0, probability: 1 });
  expect(budgetOutlook(rolling(0, 0, { window: { n: 0, bad: 0 } }))).toBeNull();
});

it('a calendar window may spend what its rest is expected to allow', () => {
  const begun = rolling(50, 5, { window: { n: 10_000, bad: 50 }, minutesLeft: 20_000 });
  expect(budgetOutlook(begun)).toMatchObject({ exhausted: true, allowedBad: 10 });
  expect(budgetOutlook({ ...begun, expectedRest: 90_000 })).toMatchObject({ exhausted: false, minutes: 3600 });
});

it('sampled events are reckoned in as many as were seen', () => {
  // Each stands for ten: 500 bad of 10,000 allowed.
  const sampled = { n: 1_000_000, bad: 50, extra: { n: 9_000_000e6, bad: 450e6, squares: 99_000_000e6 } };
  const outlook = budgetOutlook(
    rolling(0, 0, {
      window: sampled,
      lookback: { n: 1000, bad: 10, extra: { n: 9000e6, bad: 90e6, squares: 99_000e6 }, minutes: 360 },
    }),
  );
  // 9,500 left, 100 in six hours.
  expect(outlook).toMatchObject({ remainingBad: 9500, minutes: expect.closeTo(95 * 360, 6) });
});
