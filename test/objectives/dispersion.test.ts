import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dispersion, NO_MINUTES, withMinute } from '../../src/objectives/dispersion.ts';
import { binomial, random } from '../random.ts';

const sumsOf = (minutes: readonly (readonly [number, number])[]) =>
  minutes.reduce((sums, [n, bad]) => withMinute(sums, n, bad), NO_MINUTES);

it('running sums give what the definition gives', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.integer({ min: 1, max: 100 }), fc.nat(100)).map(([n, b]) => [n, b % (n + 1)] as const),
        { minLength: 1000, maxLength: 1100 },
      ),
      (minutes) => {
        const n = minutes.reduce((sum, [count]) => sum + count, 0);
        const bad = minutes.reduce((sum, [, count]) => sum + count, 0);
        const p = bad / n;
        fc.pre(bad >= 20 && bad < n);
        const pearson = minutes.reduce((sum, [count, b]) => sum + (b - count * p) ** 2 / (count * p * (1 - p)), 0);
        expect(dispersion(sumsOf(minutes)).phiHat).toBeCloseTo(pearson / (minutes.length - 1), 6);
      },
    ),
    { numRuns: 20 },
  );
});

it('independent events have dispersion 1: both parts are used, nearly untempered', () => {
  const next = random(3);
  const sums = sumsOf(Array.from({ length: 10_080 }, () => [20, binomial(next, 20, 0.05)] as const));
  const { phiHat, detectorPhi, recoveryPhi } = dispersion(sums);
  expect(phiHat).toBeCloseTo(1, 1);
  expect(detectorPhi).toBe(phiHat! <= 1.05 ? 1 : 1.25 * phiHat!);
  expect(recoveryPhi).toBe(detectorPhi);
});

it('failures that come together turn the event part off and temper the recovery', () => {
  const next = random(4);
  const sums = sumsOf(Array.from({ length: 5000 }, () => [20, next() < 0.05 ? 20 : 0] as const));
  const { phiHat, detectorPhi, recoveryPhi } = dispersion(sums);
  expect(phiHat).toBeGreaterThan(15);
  expect(detectorPhi).toBeNull();
  expect(recoveryPhi).toBeCloseTo(1.25 * phiHat!, 12);
});

it.each([
  ['too few minutes', { minutes: 999, n: 9990, bad: 100, squares: 10 }],
  ['too few bad events', { minutes: 5000, n: 50_000, bad: 19, squares: 2 }],
  ['nothing but bad events', { minutes: 5000, n: 50_000, bad: 50_000, squares: 50_000 }],
  ['nothing', NO_MINUTES],
])('%s: the dispersion is not known', (_, sums) => {
  expect(dispersion(sums)).toEqual({ phiHat: null, detectorPhi: null, recoveryPhi: 3 });
});

it('empty minutes do not count, impossible ones are refused', () => {
  expect(withMinute(NO_MINUTES, 0, 0)).toEqual(NO_MINUTES);
  expect(() => withMinute(NO_MINUTES, 1, 2)).toThrow('bad is 2');
});
