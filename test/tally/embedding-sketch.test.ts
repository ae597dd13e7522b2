import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DIRECTIONS, sketchOf } from '../../src/tally/embedding-sketch.ts';
import { SCORE_KEYS } from '../../src/tally/feature-bins.ts';
import { random } from '../random.ts';

const next = random(5);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
const embedding = (length: number): number[] => Array.from({ length }, normal);

it('is sixteen parts, the same for ever: stored tallies rest on it', () => {
  expect(sketchOf(Array.from({ length: 8 }, (_, i) => i - 3))).toEqual([
    20, 13, 31, 12, 36, 14, 37, 15, 26, 17, 17, 19, 27, 25, 21, 27,
  ]);
});

it('does not depend on how long the embedding is as an arrow', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (factor) => {
      const one = embedding(64);
      const [a, b] = [sketchOf(one)!, sketchOf(one.map((x) => x * factor))!];
      // Rounding may move what lies on an edge.
      expect(a.every((key, k) => Math.abs(key - b[k]!) <= 1)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

it.each([8, 256, 1536])('of %i numbers: parts are filled as those of a normal distribution', (length) => {
  const counts = new Array<number>(SCORE_KEYS).fill(0);
  for (let i = 0; i < 200; i++) for (const key of sketchOf(embedding(length))!) counts[key]!++;
  const all = counts.reduce((sum, n) => sum + n, 0);
  const within = (from: number, to: number): number => counts.slice(from, to).reduce((sum, n) => sum + n, 0) / all;
  expect(all).toBe(200 * DIRECTIONS);
  expect(within(0, 25)).toBeCloseTo(0.5, 1);
  // From -0.96 to 0.96.
  expect(within(19, 31)).toBeCloseTo(0.663, 1);
});

it('is nothing for what is no embedding', () => {
  expect(sketchOf([])).toBeNull();
  expect(sketchOf([1])).toBeNull();
  expect(sketchOf([0, 0, 0])).toBeNull();
  expect(sketchOf([1, Number.NaN])).toBeNull();
  expect(sketchOf([1, Number.POSITIVE_INFINITY])).toBeNull();
  expect(sketchOf(new Float64Array(20_000).fill(1))).toBeNull();
  expect(sketchOf([1e200, 1e200])).toBeNull();
});
