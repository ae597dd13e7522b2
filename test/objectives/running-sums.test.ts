import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RunningSums } from '../../src/objectives/running-sums.ts';

const SLOTS = 8;
const count = fc.oneof(
  { weight: 4, arbitrary: fc.nat(20) },
  { weight: 2, arbitrary: fc.integer({ min: 2 ** 30, max: 2 ** 31 }) },
  { weight: 1, arbitrary: fc.integer({ min: 2 ** 32 - 2, max: 2 ** 45 }) },
  { weight: 1, arbitrary: fc.integer({ min: -30, max: -1 }) },
);
const move = fc.record({ on: fc.nat(3), back: fc.nat(SLOTS), n: count, bad: count });

it('whatever is added, to the newest or to those before, every stretch is the sum of what it holds', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.array(move, { maxLength: 60 }), (begin, moves) => {
      const sums = new RunningSums(SLOTS);
      const held = new Map<number, { n: number; bad: number }>();
      let head = begin;
      sums.passTo(head);
      for (const { on, back, n, bad } of moves) {
        head += on;
        sums.passTo(head);
        const at = head - back;
        if (at < 0 || !sums.holds(at)) continue;
        sums.add(at, n, bad);
        const known = held.get(at) ?? { n: 0, bad: 0 };
        held.set(at, { n: known.n + n, bad: known.bad + bad });
        for (let first = Math.max(0, head - SLOTS + 2); first <= head; first++) {
          const expected = { n: 0, bad: 0 };
          for (let i = first; i <= head; i++) {
            expected.n += held.get(i)?.n ?? 0;
            expected.bad += held.get(i)?.bad ?? 0;
          }
          expect(sums.since(first)).toEqual(expected);
          expect(sums.of(first)).toEqual(held.get(first) ?? { n: 0, bad: 0 });
        }
      }
    }),
    { numRuns: 500 },
  );
});
