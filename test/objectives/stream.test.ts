import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SHORT_WINDOW_MINUTES, Stream } from '../../src/objectives/stream.ts';

const START = 28_800_000;
const WINDOWS = [5, 60, 360, 361, 1440, 4320];
const steps = fc.array(
  fc.record({
    /** Minutes that pass first; and how far back of the head the minute lies that is set. */
    pass: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 200 })),
    back: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })),
    n: fc.integer({ min: 0, max: 50 }),
    bad: fc.integer({ min: 0, max: 50 }),
  }),
  { maxLength: 60 },
);

it('every window is the sum of its minutes, whatever was asked before and however late a minute is set', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const stream = new Stream(4320);
      const minutes = new Map<number, { n: number; bad: number }>();
      let head = START;
      for (const { pass, back, n, bad } of list) {
        head += pass;
        stream.passTo(head);
        stream.setMinute(head - back, n, bad);
        minutes.set(head - back, { n, bad });
        for (const length of WINDOWS) {
          // A long window loses its tail by whole hours.
          const first = head - length + 1;
          const from = length <= SHORT_WINDOW_MINUTES ? first : Math.floor(first / 60) * 60;
          const sum = { n: 0, bad: 0 };
          for (const [minute, counts] of minutes)
            if (minute >= from && minute <= head) {
              sum.n += counts.n;
              sum.bad += counts.bad;
            }
          expect(stream.window(length)).toEqual(sum);
        }
      }
    }),
    { numRuns: 200 },
  );
});

it('an hour that is older than the longest window takes the place of none that is in it', () => {
  const stream = new Stream(4320);
  const slots = 4320 / 60 + 2;
  const hour = 500_000;
  for (let back = slots - 1; back > 0; back--) stream.setHour(hour - back, 10, 1);
  stream.setMinute(hour * 60 + 30, 10, 1);
  const before = stream.window(4320);
  for (let back = 1; back < slots; back++) stream.setHour(hour - slots - back, 7, 7);
  expect(stream.window(4320)).toEqual(before);
});
