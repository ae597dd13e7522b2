import { expect, it } from 'vitest';
import { composite } from '../../src/objectives/composite.ts';

it('a composite leaves out members without a value, up to a quarter of the weight', () => {
  const member = (value: number | null, weight: number) => ({ value, weight });
  expect(composite([member(0.9, 3), member(null, 1)], 'weighted')).toBeCloseTo(0.9, 12);
  expect(composite([member(0.9, 2), member(null, 1)], 'weighted')).toBeNull();
  expect(composite([member(0.9, 1), member(0.8, 1)], 'serial')).toBeCloseTo(0.72, 12);
  expect(composite([member(0.9, 1), member(0.8, 1)], 'worst')).toBe(0.8);
  expect(composite([], 'worst')).toBeNull();
  expect(() => composite([member(1, 0)], 'worst')).toThrow('weight is 0');
});
