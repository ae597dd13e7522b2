import fc from 'fast-check';
import { expect, it } from 'vitest';
import { burnRate } from '../../src/objectives/burn-rate.ts';
import { errorBudget } from '../../src/objectives/error-budget.ts';

const tallies = fc.tuple(fc.integer({ min: 1, max: 1e9 }), fc.nat(1e9)).map(([n, b]) => ({ n, bad: b % (n + 1) }));

const budgets = fc.double({ min: 1e-5, max: 0.5, noNaN: true });

it('burn 1 spends exactly the budget, and the budget of the whole is that of its parts', () => {
  fc.assert(
    fc.property(tallies, budgets, (tally, q0) => {
      const budget = errorBudget(tally, q0);
      expect(budget.consumed).toBeCloseTo(burnRate(tally, q0)!, 6);
      expect(budget.remaining).toBeCloseTo(1 - budget.consumed!, 12);
    }),
  );
});

it('a share of exactly the budget keeps the promise, one event more breaks it', () => {
  for (const [n, bad, q0] of [
    [100, 10, 1 - 0.9],
    [1000, 1, 1 - 0.999],
    [3000, 150, 0.05],
  ] as const) {
    expect(errorBudget({ n, bad }, q0).met).toBe(true);
    expect(errorBudget({ n, bad: bad + 1 }, q0).met).toBe(false);
  }
});

it('a calendar window is measured against what is still to come', () => {
  expect(errorBudget({ n: 500, bad: 5 }, 0.01, 500)).toMatchObject({ allowed: 10, consumed: 0.5, met: true });
});

it('a day without events has neither kept nor broken anything', () => {
  expect(errorBudget({ n: 0, bad: 0 }, 0.01)).toEqual({ allowed: 0, consumed: null, remaining: null, met: null });
});

it('counts that can not be are refused', () => {
  expect(() => errorBudget({ n: Number.NaN, bad: 0 }, 0.1)).toThrow('NaN');
  expect(() => errorBudget({ n: 1, bad: 0 }, 0.1, Infinity)).toThrow('expectedRest is Infinity');
});
