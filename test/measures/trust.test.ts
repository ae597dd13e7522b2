import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TRUST_WEIGHTS, trustIndex } from '../../src/measures/trust-index.ts';

const part = { good: 90, n: 100, prior: null };
const all = Object.fromEntries(Object.keys(TRUST_WEIGHTS).map((name) => [name, { ...part, good: 99 }]));

it('rises with every part', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(TRUST_WEIGHTS)), fc.nat(98), (name, good) => {
      const lower = trustIndex({ ...all, [name]: { ...part, good } })!;
      const higher = trustIndex({ ...all, [name]: { ...part, good: good + 1 } })!;
      expect(higher.ungated).toBeGreaterThan(lower.ungated);
      expect(lower.low).toBeLessThanOrEqual(lower.value);
      expect(lower.high).toBeGreaterThanOrEqual(lower.value);
    }),
  );
});

it('an unsafe service is not trusted, whatever else it does well', () => {
  expect(trustIndex({ ...all, safety: { good: 800, n: 1000, prior: null } })).toMatchObject({
    gated: true,
    value: 50,
  });
});

it('without safety, or with too little of the weight, nothing is published', () => {
  const { safety: _, ...others } = all;
  expect(trustIndex(others)!.published).toBe(false);
  expect(trustIndex({ safety: part, satisfaction: part })!.published).toBe(false);
  expect(trustIndex({ safety: part, satisfaction: part, reliance: part })!.published).toBe(true);
});

it('coverage is of the parts that apply, and parts with few events are not there', () => {
  expect(trustIndex({ safety: part, satisfaction: part }, ['safety', 'satisfaction'])!.coverage).toBeCloseTo(1, 12);
  expect(trustIndex({ safety: { good: 9, n: 9, prior: null } })).toBeNull();
  expect(() => trustIndex({ safety: { good: 11, n: 10, prior: null } })).toThrow('safety has goodness 11 of 10');
  expect(() => trustIndex({ safety: { good: 10, n: 10, prior: 2 } })).toThrow('a prior is 2');
});
