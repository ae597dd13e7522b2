import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeDrift,
  driftParams,
  driftStatistic,
  driftStep,
  driftTolerance,
  encodeDrift,
  initialDrift,
} from '../../src/objectives/drift-detector.ts';
import { random } from '../random.ts';

const counts = fc.array(fc.array(fc.nat(30), { minLength: 4, maxLength: 4 }), { maxLength: 40 });
const reference = [5000, 5000, 5000, 5000];

/** Counts of n events, drawn with these shares. */
function draw(next: () => number, n: number, shares: readonly number[]): number[] {
  const drawn = shares.map(() => 0);
  for (let i = 0; i < n; i++) {
    let u = next();
    let b = 0;
    while (b < shares.length - 1 && u >= shares[b]!) u -= shares[b++]!;
    drawn[b]!++;
  }
  return drawn;
}

it('a state survives being written and read, and goes on as if nothing had happened', () => {
  fc.assert(
    fc.property(counts, counts, (before, after) => {
      const params = driftParams({ reference, threshold: 43_200 });
      const state = initialDrift(params, 1);
      for (const [minute, tally] of before.entries()) driftStep(params, state, minute, tally);
      const again = decodeDrift(params, encodeDrift(state));
      expect(again).toEqual(state);
      const go = (s: typeof state) => after.map((tally, i) => driftStep(params, s, 100 + i, tally));
      expect(go(again)).toEqual(go(state));
    }),
  );
  const other = driftParams({ reference: [1, 1], threshold: 43_200 });
  expect(() => decodeDrift(other, encodeDrift(initialDrift(driftParams({ reference, threshold: 10 }), 1)))).toThrow(
    'not of this drift detector',
  );
});

it('no drift and a small drift raise nothing, a large one is found within the hour and dated', () => {
  const next = random(5);
  const params = driftParams({ reference, threshold: 43_200 });
  const run = (shares: readonly number[], from: number, minutes: number, state: ReturnType<typeof initialDrift>) => {
    for (let minute = from; minute < from + minutes; minute++) {
      const alarm = driftStep(params, state, minute, draw(next, 10, shares));
      if (alarm !== null) return alarm;
    }
    return null;
  };
  const state = initialDrift(params, 1);
  expect(run([0.25, 0.25, 0.25, 0.25], 0, 5000, state)).toBeNull();
  expect(run([0.26, 0.24, 0.25, 0.25], 5000, 5000, state)).toBeNull();
  const alarm = run([0.5, 0.3, 0.1, 0.1], 10_000, 60, state);
  expect(alarm!.onset).toBeGreaterThanOrEqual(9990);
  expect(alarm!.n).toBe(10 * (alarm!.minute - alarm!.onset + 1));
  expect(driftStatistic(state)).toBe(-Infinity);
});

describe('as table G of the specification has it, at ten events a minute, the threshold of a fleet, and no memory of before', () => {
  /** Ten bins of which five grow and five shrink by one factor, so that the PSI is what is asked for. */
  const sharesOf = (psi: number): number[] => {
    let [low, high] = [0, 1];
    for (let i = 0; i < 60; i++) {
      const d = (low + high) / 2;
      if ((d / 2) * Math.log((1 + d) / (1 - d)) < psi) low = d;
      else high = d;
    }
    return Array.from({ length: 10 }, (_, b) => 0.1 * (b < 5 ? 1 + low : 1 - low));
  };
  const params = driftParams({ reference: Array.from({ length: 10 }, () => 2000), threshold: 4.32e7 });

  it.each([
    [0.5, 16],
    [0.25, 36],
  ])('a PSI of %f is found in the median in at most %i minutes and a seventh', (psi, minutes) => {
    const next = random(psi * 100);
    const shares = sharesOf(psi);
    const delays = Array.from({ length: 31 }, () => {
      const state = initialDrift(params, 1);
      for (let minute = 0; ; minute++)
        if (driftStep(params, state, minute, draw(next, 10, shares)) !== null) return minute + 1;
    }).sort((a, b) => a - b);
    expect(delays[15]!).toBeLessThanOrEqual(minutes * (1 + 1 / 7));
  });

  it('a PSI of 0.03 raises nothing in 30 days', () => {
    const next = random(8);
    const state = initialDrift(params, 1);
    const shares = sharesOf(0.03);
    for (let minute = 0; minute < 43_200; minute++)
      expect(driftStep(params, state, minute, draw(next, 10, shares))).toBeNull();
  });
});

it('a small baseline is believed less', () => {
  expect(driftTolerance(10, 20_000)).toBe(0.05);
  expect(driftTolerance(10, 1000)).toBeCloseTo(Math.sqrt(0.02), 12);
});

it.each([
  ['one bin', () => driftParams({ reference: [10], threshold: 1000 })],
  ['no events', () => driftParams({ reference: [0, 0], threshold: 1000 })],
  ['a threshold of 1', () => driftParams({ reference, threshold: 1 })],
  ['a tolerance of 0', () => driftParams({ reference, threshold: 1000, tolerance: 0 })],
  ['a NaN half-life', () => driftParams({ reference, threshold: 1000, halfLives: [Number.NaN] })],
  ['a negative count', () => driftParams({ reference: [1, -1], threshold: 1000 })],
  ['phi below 1', () => initialDrift(driftParams({ reference, threshold: 1000 }), 0)],
])('refused: %s', (_, call) => {
  expect(call).toThrow(RangeError);
});

it('counts that do not fit, and minutes out of order, are refused', () => {
  const params = driftParams({ reference, threshold: 43_200 });
  const state = initialDrift(params, 1);
  expect(driftStep(params, state, 3, [0, 0, 0, 0])).toBeNull();
  driftStep(params, state, 3, [1, 2, 3, 4]);
  expect(() => driftStep(params, state, 3, [1, 0, 0, 0])).toThrow('minute 3');
  expect(() => driftStep(params, state, 4, [1, 0, 0])).toThrow('3 counts for 4 bins');
  expect(() => driftStep(params, state, 4, [1, 0, Number.NaN, 0])).toThrow('counts[2]');
});

it('of bins in groups the statistic is the mean of what each group would have alone: a mean of e-detectors', () => {
  const threshold = 1e12;
  const groups = [4, 3];
  const references = [reference, [2000, 9000, 9000]];
  const alone = references.map((one) => {
    const params = driftParams({ reference: one, threshold, tolerance: 0.05 });
    return { params, state: initialDrift(params, 1) };
  });
  const params = driftParams({ reference: references.flat(), groups, threshold, tolerance: 0.05 });
  const state = initialDrift(params, 1);
  const next = random(9);
  for (let minute = 0; minute < 200; minute++) {
    const drawn = [draw(next, 20, [0.25, 0.25, 0.25, 0.25]), draw(next, 20, [0.13, 0.42, 0.45])];
    expect(driftStep(params, state, minute, drawn.flat())).toBeNull();
    const statistics = alone.map((one, g) => {
      driftStep(one.params, one.state, minute, drawn[g]!);
      return Math.exp(driftStatistic(one.state));
    });
    const mean = statistics.reduce((sum, one) => sum + one, 0) / statistics.length;
    expect(Math.exp(driftStatistic(state)) / mean).toBeCloseTo(1, 9);
  }
  expect(() => driftParams({ reference, groups: [4, 3], threshold })).toThrow('groups of 7 bins together, but 4 bins');
});

it('a minute of events that weigh differently bets on their shares alone, whatever the dispersion', () => {
  const params = driftParams({ reference, threshold: 1e12 });
  const [known, unknown] = [initialDrift(params, 1), initialDrift(params, null)];
  for (let minute = 0; minute < 100; minute++) {
    const weighed = [12.5, 2.25, 2.25, 3];
    driftStep(params, known, minute, weighed, true);
    driftStep(params, unknown, minute, weighed);
  }
  expect(driftStatistic(known)).toBe(driftStatistic(unknown));
  expect(() => driftStep(params, known, 200, [Number.NaN, 1, 1, 1], true)).toThrow('counts[0] is NaN');
  expect(() => driftStep(params, known, 200, [-1, 1, 1, 1], true)).toThrow('counts[0] is -1');
});
