import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plus, type SeenCounts } from '../../src/measures/sampling.ts';
import { EventStream } from '../../src/objectives/event-stream.ts';
import { SHORT_WINDOW_MINUTES } from '../../src/objectives/stream.ts';

const START = 28_800_000;
const WINDOWS = [5, 60, 360, 1440, 4320];
const counts = fc
  .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 50 }), fc.constantFrom(1, 1, 4, 2.5))
  .map(([n, some, weight]): SeenCounts => {
    const bad = Math.min(n, some);
    const extra = { n: n * (weight - 1) * 1e6, bad: bad * (weight - 1) * 1e6, squares: n * (weight ** 2 - 1) * 1e6 };
    return weight === 1 ? { n, bad } : { n, bad, extra };
  });
const steps = fc.array(
  fc.record({
    pass: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 200 })),
    back: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })),
    counts,
  }),
  { maxLength: 40 },
);

it('every window is the sum of its minutes, of sampled ones too, whichever came first', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const stream = new EventStream(4320);
      const minutes = new Map<number, SeenCounts>();
      let head = START;
      for (const { pass, back, counts: seen } of list) {
        head += pass;
        stream.passTo(head);
        stream.setMinute(head - back, seen);
        minutes.set(head - back, seen);
        for (const length of WINDOWS) {
          const first = head - length + 1;
          const from = length <= SHORT_WINDOW_MINUTES ? first : Math.floor(first / 60) * 60;
          let sum: SeenCounts = { n: 0, bad: 0 };
          for (const [minute, one] of minutes) if (minute >= from && minute <= head) sum = plus(sum, one);
          expect(stream.window(length)).toEqual(sum);
        }
      }
    }),
    { numRuns: 200 },
  );
});

it('hours of before, sampled or not, are part of the long windows', () => {
  const stream = new EventStream(4320);
  const extra = { n: 30e6, bad: 3e6, squares: 150e6 };
  stream.setHour(START / 60 - 2, { n: 10, bad: 1, extra });
  stream.setHour(START / 60 - 1, { n: 5, bad: 0 });
  stream.setMinute(START, { n: 1, bad: 1 });
  expect(stream.window(1440)).toEqual({ n: 16, bad: 2, extra });
  expect(stream.window(60)).toEqual({ n: 1, bad: 1 });
});

const losses = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 400 }), fc.array(fc.double({ min: 0, max: 1, noNaN: true }))),
  {
    maxLength: 40,
  },
);

it('sums of losses are those of their minutes to a millionth each, and come back to zero', () => {
  fc.assert(
    fc.property(losses, (minutes) => {
      const stream = new EventStream(4320, true);
      let head = START;
      const seen: { at: number; n: number; bad: number }[] = [];
      for (const [pass, list] of minutes) {
        head += pass;
        const one = { n: list.length, bad: list.reduce((sum, loss) => sum + loss, 0) };
        stream.setMinute(head, one);
        seen.push({ at: head, ...one });
        const known = seen.filter(({ at }) => at > head - 60);
        const { n, bad } = stream.window(60);
        expect(n).toBe(known.reduce((sum, minute) => sum + minute.n, 0));
        expect(bad).toBeCloseTo(
          known.reduce((sum, minute) => sum + minute.bad, 0),
          4,
        );
      }
      stream.passTo(head + 5000);
      expect(stream.window(60)).toEqual({ n: 0, bad: 0 });
    }),
    { numRuns: 100 },
  );
});
