import fc from 'fast-check';
import { expect, it } from 'vitest';
import { changeReview, eventsToApprove } from '../../src/changes/review.ts';
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

it('as many events as are said approve a change that loses nothing in four of five cases, a few less do not', () => {
  const next = random(32);
  for (const [share, margin] of [
    [0.97, 0.05],
    [0.9, 0.05],
    [0.995, 0.01],
  ] as const) {
    const needed = eventsToApprove(share, margin)!;
    const approved = (n: number): number => {
      let runs = 0;
      for (let run = 0; run < 200; run++) {
        const arm = () => ({ n, good: binomial(next, n, share) });
        if (changeReview(arm(), arm(), margin).decision === 'approve') runs++;
      }
      return runs / 200;
    };
    expect(approved(needed)).toBeGreaterThan(0.7);
    expect(approved(Math.round(needed / 2))).toBeLessThan(0.8);
  }
  expect(eventsToApprove(0.5, 1e-7)).toBeNull();
});
