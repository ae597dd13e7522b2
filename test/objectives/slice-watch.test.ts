import fc from 'fast-check';
import { expect, it } from 'vitest';
import { alarmThreshold, detectorParams } from '../../src/objectives/e-detector.ts';
import { recoveryParams } from '../../src/objectives/recovery.ts';
import {
  decodeSlices,
  encodeSlices,
  type SliceEvent,
  type SliceMinute,
  type SliceStates,
  sliceDetector,
  sliceOfDetector,
  watchSlices,
} from '../../src/objectives/slice-watch.ts';

const START = 28_800_000;
const MODEL = 7;
const q0 = 0.05;
const params = {
  dimensions: [MODEL],
  each: {
    ticket: detectorParams({ q0, threshold: alarmThreshold(1, 1 / 200) }),
    page: null,
    recovery: recoveryParams({ q0 }),
  },
};

/** Minutes of two models, the second of which fails as often as it is told to. */
function pass(states: SliceStates, from: number, minutes: number, n: number, bad: number): SliceEvent[] {
  const events: SliceEvent[] = [];
  for (let minute = from; minute < from + minutes; minute++) {
    const seen: SliceMinute[] = [{ minute, dimension: MODEL, value: 1, n: 95, bad: 1 }];
    if (n > 0) seen.push({ minute, dimension: MODEL, value: 2, n, bad });
    events.push(...watchSlices(params, states, minute, seen));
  }
  return events;
}

it('of two slices the one that breaks alarms, wakes nobody, and recovers by itself', () => {
  const states: SliceStates = new Map();
  expect(pass(states, START, 60, 5, 0)).toEqual([]);
  const [alarm, ...more] = pass(states, START + 60, 15, 5, 5);
  expect(alarm).toMatchObject({
    detector: sliceDetector(MODEL, 2),
    event: { type: 'alarm', onset: START + 60, page: false },
  });
  expect(more).toEqual([]);
  expect(pass(states, START + 75, 120, 5, 0)).toMatchObject([
    { detector: sliceDetector(MODEL, 2), event: { type: 'resolved' } },
  ]);
});

it('a broken slice whose traffic has gone elsewhere for an hour is over; silence of the whole service ends nothing', () => {
  const states: SliceStates = new Map();
  pass(states, START, 60, 5, 0);
  expect(pass(states, START + 60, 15, 5, 5)).toHaveLength(1);
  expect(pass(states, START + 75, 59, 0, 0)).toEqual([]);
  expect(pass(states, START + 134, 1, 0, 0)).toEqual([
    { detector: sliceDetector(MODEL, 2), event: { type: 'resolved', minute: START + 134 } },
  ]);
  // A night without any traffic is no minute in which the slice was missed.
  const quiet: SliceStates = new Map();
  pass(quiet, START, 60, 5, 0);
  expect(pass(quiet, START + 60, 15, 5, 5)).toHaveLength(1);
  expect(pass(quiet, START + 600, 59, 0, 0)).toEqual([]);
  expect(pass(quiet, START + 659, 1, 0, 0)).toHaveLength(1);
});

it('a checkpoint of the slices goes on as they would have', () => {
  const minute = fc.record({ n: fc.integer({ min: 0, max: 9 }), bad: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.array(minute, { maxLength: 40 }), fc.array(minute, { maxLength: 40 }), (before, after) => {
      const states: SliceStates = new Map();
      let at = START;
      for (const { n, bad } of before) pass(states, at++, 1, n, Math.min(n, bad));
      const bytes = encodeSlices(states);
      const again = decodeSlices(params, bytes);
      expect(encodeSlices(again)).toEqual(bytes);
      for (const { n, bad } of after) {
        expect(pass(again, at, 1, n, Math.min(n, bad))).toEqual(pass(states, at, 1, n, Math.min(n, bad)));
        at++;
      }
      expect(encodeSlices(again)).toEqual(encodeSlices(states));
    }),
    { numRuns: 50 },
  );
});

it('the name of a detector says which slice it is of', () => {
  expect(sliceOfDetector(sliceDetector(3, 14))).toEqual({ dimension: 3, value: 14 });
  expect(sliceOfDetector('sequential')).toBeNull();
});
