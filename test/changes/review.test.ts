import fc from 'fast-check';
import { expect, it } from 'vitest';
import { changeReview } from '../../src/changes/review.ts';
import { binomial, random } from '../random.ts';

const arms = fc.tuple(fc.nat(5000), fc.nat(5000)).map(([n, g]) => ({ n, good: g % (n + 1) }));

it('a change is never both approved and rolled back', () => {
  fc.assert(
    fc.property(arms, arms, fc.double({ min: 0.001, max: 0.5, noNaN: true }), (canary, stable, margin) => {
      const { lnNotWorse, lnWorse } = changeReview(canary, stable, margin);
      expect(Math.min(lnNotWorse, lnWorse)).toBeLessThanOrEqual(1e-6);
      expect(Number.isFinite(lnNotWorse) && Number.isFinite(lnWorse)).toBe(true);
    }),
  );
});

it('more good answers of the canary never speak against it', () => {
  fc.assert(
    fc.property(arms, arms, (canary, stable) => {
      fc.pre(canary.good < canary.n);
      const before = changeReview(canary, stable, 0.05);
      const after = changeReview({ n: canary.n, good: canary.good + 1 }, stable, 0.05);
      // The mixture is not monotone by itself: up to its own change.
      expect(after.lnNotWorse - after.lnWorse).toBeGreaterThanOrEqual(before.lnNotWorse - before.lnWorse - 1e-6);
    }),
  );
});

it('an arm without traffic decides nothing', () => {
  expect(changeReview({ n: 0, good: 0 }, { n: 1000, good: 900 }, 0.02).decision).toBe('inconclusive');
  expect(changeReview({ n: 1000, good: 10 }, { n: 0, good: 0 }, 0.02).decision).toBe('inconclusive');
});

it('a canary that loses exactly the margin is approved in fewer than one of twenty runs, however often it is looked at', () => {
  const next = random(31);
  let approved = 0;
  for (let run = 0; run < 200; run++) {
    const canary = { n: 0, good: 0 };
    const stable = { n: 0, good: 0 };
    for (let look = 0; look < 30; look++) {
      canary.n += 100;
      stable.n += 100;
      canary.good += binomial(next, 100, 0.9);
      stable.good += binomial(next, 100, 0.95);
      if (changeReview(canary, stable, 0.05).decision !== 'approve') continue;
      approved++;
      break;
    }
  }
  expect(approved).toBeLessThan(10);
});

it('what can not be is refused', () => {
  expect(() => changeReview({ n: 1, good: 2 }, { n: 1, good: 1 }, 0.1)).toThrow('good of the canary is 2');
  expect(() => changeReview({ n: 1, good: 1 }, { n: 1, good: 1 }, 0)).toThrow('margin is 0');
});
