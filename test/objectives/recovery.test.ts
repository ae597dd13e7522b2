import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  decodeRecovery,
  encodeRecovery,
  isStale,
  recoveryParams,
  recoveryStep,
  startRecovery,
} from '../../src/objectives/recovery.ts';
import { binomial, random } from '../random.ts';

const minutes = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true })).map(([n, share]) => ({
    n,
    bad: Math.floor(n * share ** 6),
  })),
  { maxLength: 80 },
);

it('no incident resolves before its segment is fifteen minutes long, nor while the segment breaks the promise', () => {
  fc.assert(
    fc.property(fc.constantFrom(0.001, 0.05, 0.2), minutes, (q0, series) => {
      const params = recoveryParams({ q0 });
      const state = startRecovery(100, 500, 250, 1);
      for (const [i, { n, bad }] of series.entries()) {
        if (!recoveryStep(params, state, 101 + i, n, bad)) continue;
        expect(i).toBeGreaterThanOrEqual(14);
        expect(101 + i - state.start).toBeGreaterThanOrEqual(14);
        expect(state.segmentBad).toBeLessThanOrEqual(q0 * state.segmentN);
        return;
      }
    }),
  );
});

it('a service that is well again resolves after fifteen minutes, one that is silent does not', () => {
  const params = recoveryParams({ q0: 0.001 });
  const state = startRecovery(0, 600, 60, 1);
  for (let minute = 1; minute <= 200; minute++) expect(recoveryStep(params, state, minute, 0, 0)).toBe(false);
  for (let minute = 201; minute < 215; minute++) expect(recoveryStep(params, state, minute, 100, 0)).toBe(false);
  expect(recoveryStep(params, state, 215, 100, 0)).toBe(true);
});

it('what is counted is never lost: incident and segment together are all', () => {
  fc.assert(
    fc.property(minutes, (series) => {
      const params = recoveryParams({ q0: 0.05 });
      const state = startRecovery(0, 500, 250, 1.3);
      for (const [i, { n, bad }] of series.entries()) recoveryStep(params, state, i + 1, n, bad);
      expect(state.n + state.segmentN).toBe(500 + series.reduce((sum, { n }) => sum + n, 0));
      expect(state.bad + state.segmentBad).toBe(250 + series.reduce((sum, { bad }) => sum + bad, 0));
    }),
  );
});

it('a recovery survives being written and read', () => {
  fc.assert(
    fc.property(minutes, minutes, (before, after) => {
      const params = recoveryParams({ q0: 0.05 });
      const state = startRecovery(0, 500, 250, 1);
      for (const [i, { n, bad }] of before.entries()) recoveryStep(params, state, i + 1, n, bad);
      const again = decodeRecovery(encodeRecovery(state));
      expect(again).toEqual(state);
      const go = (s: typeof state) => after.map(({ n, bad }, i) => recoveryStep(params, s, 1000 + i, n, bad));
      expect(go(again)).toEqual(go(state));
    }),
  );
  expect(() => decodeRecovery(new Uint8Array(10))).toThrow(RangeError);
  expect(() => decodeRecovery(new Uint8Array([...encodeRecovery(startRecovery(0, 1, 1, 1)), 0]))).toThrow('65 bytes');
});

it('an hour without traffic is stale, the next traffic ends that', () => {
  const state = startRecovery(1000, 10, 10, 1);
  expect(isStale(state, 1059)).toBe(false);
  expect(isStale(state, 1060)).toBe(true);
  recoveryStep(recoveryParams({ q0: 0.05 }), state, 1061, 5, 5);
  expect(isStale(state, 1062)).toBe(false);
});

it('what goes on as before is resolved wrongly at most once in 200 minutes of evidence, by simulation far less', () => {
  const next = random(21);
  const params = recoveryParams({ q0: 0.05 });
  let wrong = 0;
  const days = 20;
  for (let day = 0; day < days; day++) {
    const state = startRecovery(0, 100, 10, 1);
    for (let minute = 1; minute <= 1440; minute++)
      if (recoveryStep(params, state, minute, 10, binomial(next, 10, 0.1))) {
        wrong++;
        break;
      }
  }
  expect(wrong).toBeLessThanOrEqual(1);
});

it.each([
  ['bad above n', 1, 5, 6],
  ['NaN', 1, Number.NaN, 0],
  ['a minute that was counted', 0, 5, 0],
])('refused: %s', (_, minute, n, bad) => {
  expect(() => recoveryStep(recoveryParams({ q0: 0.05 }), startRecovery(0, 10, 5, 1), minute, n, bad)).toThrow(
    RangeError,
  );
});

it('settings out of their range are refused', () => {
  expect(() => recoveryParams({ q0: 0 })).toThrow(RangeError);
  expect(() => recoveryParams({ q0: 0.1, threshold: 1 })).toThrow(RangeError);
  expect(() => startRecovery(0, 5, 6, 1)).toThrow(RangeError);
  expect(() => startRecovery(0, 5, 5, 0.9)).toThrow('phi is 0.9');
});
