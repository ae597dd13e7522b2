import fc from 'fast-check';
import { expect, it } from 'vitest';
import { budgetOutOfRange, budgetShares, sliceShare, wholeShare } from '../../src/catalog/false-incident-budget.ts';
import { alarmThreshold, DETECTOR_LIMITS } from '../../src/objectives/e-detector.ts';
import { SLICE_VALUES_MAX } from '../../src/tally/plan.ts';
import { objective, service } from '../server/world.ts';

const up = (name: string, more: object = {}) =>
  objective(name, { service: 'bot', measure: { type: 'availability' }, target: 0.99, ...more });

it('the budget is shared by criticality among those with a sequential test, and none of it is left', () => {
  const vital = service('vital', { criticality: 1 });
  const minor = service('minor', { criticality: 4 });
  const objectives = [up('a'), up('b'), up('c', { alert: { detector: 'burn_rate' } })];
  const shares = budgetShares(objectives, ({ name }) => (name === 'a' ? vital : minor));
  expect([...shares.values()]).toEqual([0.8, 0.2]);
});

it('drift detectors take their part of it, what is only reported takes nothing', () => {
  const drift = objective('drift', { service: 'bot', measure: { type: 'drift', feature: 'duration' } });
  const all = up('all', { measure: { type: 'composite', of: ['a', 'b'], rule: 'worst' } });
  const objectives = [up('a'), up('b'), drift, all];
  const shares = budgetShares(objectives, () => service('bot'));
  expect([...shares].map(([{ name }, share]) => [name, share])).toEqual([
    ['a', 1 / 3],
    ['b', 1 / 3],
    ['drift', 1 / 3],
  ]);
});

it('slices take half of what their objective may take, together and at most', () => {
  const sliced = up('a', { alert: { slices: ['prompt_version', 'response_model'] } });
  expect(wholeShare(sliced, 0.6)).toBe(0.3);
  expect(2 * SLICE_VALUES_MAX * sliceShare(sliced, 0.6)).toBeCloseTo(0.3, 12);
  expect(wholeShare(up('b'), 0.6)).toBe(0.6);
});

it('is refused exactly when a threshold leaves the range, and the nearest one is in it', () => {
  const [low, high] = DETECTOR_LIMITS.threshold;
  fc.assert(
    fc.property(
      fc.double({ min: -12, max: 8, noNaN: true }).map((exponent) => 10 ** exponent),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 20 }),
      (budget, weights) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const streams = weights.map((weight, i) => ({ objective: `o${i}`, share: weight / total }));
        const isIn = (per30Days: number): boolean =>
          streams.every(({ share }) => {
            const threshold = alarmThreshold(per30Days, share);
            return threshold >= low * (1 - 1e-9) && threshold <= high * (1 + 1e-9);
          });
        const found = budgetOutOfRange(budget, streams);
        if (found === null) expect(isIn(budget)).toBe(true);
        else {
          expect(found.threshold < low || found.threshold > high).toBe(true);
          expect(isIn(found.nearest)).toBe(true);
        }
      },
    ),
  );
  expect(budgetOutOfRange(1, [])).toBeNull();
});
