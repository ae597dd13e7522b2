import fc from 'fast-check';
import { expect, it } from 'vitest';
import { limitAbove, proposeObjectives, targetFor } from '../../src/catalog/proposed-objectives.ts';
import { wilson } from '../../src/measures/wilson.ts';
import { bucketOf } from '../../src/tally/exponential.ts';

const nothing = {
  interactions: { n: 0, bad: 0 },
  durations: { zeros: 0, buckets: new Map() },
  satisfaction: { n: 0, bad: 0 },
  labels: [],
};

it.each([
  [{ n: 100_000, bad: 0 }, 0.999],
  [{ n: 10_000, bad: 30 }, 0.99],
  [{ n: 100, bad: 0 }, 0.9],
  [{ n: 100, bad: 60 }, null],
])('%o: a target of %d', (counted, target) => {
  expect(targetFor(counted)).toBe(target);
});

it('no target is proposed of which more than half of the budget may have been spent', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const bad = Math.floor(n * share);
      const target = targetFor({ n, bad });
      if (target !== null) expect(1 - wilson(n - bad, n).low).toBeLessThanOrEqual((1 - target) / 2);
    }),
  );
});

it.each([
  [3, 10],
  [801, 1000],
  [1000, 1000],
  [1001, 1500],
  [7300, 8000],
  [9999, 10_000],
])('a limit above %d ms is %d ms', (ms, limit) => {
  expect(limitAbove(ms)).toBe(limit);
});

it('proposes what there were enough events of, and nothing else', () => {
  expect(proposeObjectives({ ...nothing, interactions: { n: 99, bad: 0 } })).toEqual([]);
  const durations = {
    zeros: 0,
    buckets: new Map([
      [bucketOf(800), 960],
      [bucketOf(5000), 40],
    ]),
  };
  const proposals = proposeObjectives({
    interactions: { n: 1010, bad: 10 },
    durations,
    satisfaction: { n: 30, bad: 3 },
    labels: [
      { name: 'correct', sampling: 'random', n: 400, bad: 20 },
      { name: 'correct', sampling: 'voluntary', n: 300, bad: 50 },
    ],
  });
  expect(proposals.map(({ suffix, measure, target }) => [suffix, Object.values(measure).join(' '), target])).toEqual([
    ['availability', 'availability', 0.95],
    ['latency', 'latency 1s', 0.8],
    ['correct', 'accuracy correct random', 0.8],
    ['correct-voluntary', 'accuracy correct voluntary', 0.5],
  ]);
});
