import fc from 'fast-check';
import { expect } from 'vitest';
import { SHORT_WINDOW_MINUTES } from '../../src/objectives/stream.ts';

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

interface Windows {
  passTo(minute: number): void;
  setMinute(minute: number, n: number, bad: number): void;
  window(minutes: number): { n: number; bad: number };
}

/** Every window is the sum of its minutes, whatever was asked before and however late a minute is set. @param make  a stream of three days */
export function expectWindowsToBeSums(make: (minutes: number) => Windows): void {
  fc.assert(
    fc.property(steps, (list) => {
      const stream = make(4320);
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
}
