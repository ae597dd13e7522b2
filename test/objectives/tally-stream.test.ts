import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TallyStream } from '../../src/objectives/tally-stream.ts';
import { sum, type Tally, ZERO } from '../../src/tally/group.ts';

const FIRST = 29_000_040;
const HOUR = 60;
const COUNTERS = [1, 2, 3];
const IGNORED = 9;

const tally = fc
  .array(fc.tuple(fc.constantFrom(...COUNTERS, IGNORED), fc.integer({ min: 1, max: 1000 })), { maxLength: 3 })
  .map((entries): Tally => new Map(entries));
/** Minutes that are set, and set again late. */
const steps = fc.array(fc.record({ back: fc.nat(400), ahead: fc.nat(200), tally }), { maxLength: 60 });

const kept = (one: Tally): Tally => new Map([...one].filter(([name]) => name !== IGNORED));

it('every window is the sum of its minutes, long ones from the beginning of an hour', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 3000 }), (list, minutes) => {
      const stream = new TallyStream((name) => name !== IGNORED, 3000);
      const known = new Map<number, Tally>();
      let head = FIRST;
      stream.passTo(head);
      for (const one of list) {
        head += one.ahead;
        stream.passTo(head);
        const minute = Math.max(FIRST, head - one.back);
        stream.setMinute(minute, one.tally);
        known.set(minute, one.tally);
        const first = head - minutes + 1;
        const from = minutes <= 360 ? first : Math.floor(first / HOUR) * HOUR;
        const wanted = [...known].filter(([at]) => at >= from).map(([, of]) => kept(of));
        expect(new Map(stream.window(minutes))).toEqual(new Map(sum(wanted)));
        expect(stream.lastHour).toEqual(stream.window(60));
      }
    }),
    { numRuns: 200 },
  );
});

it('a whole hour may be set, and set again', () => {
  const stream = new TallyStream(() => true, 2880);
  stream.passTo(FIRST);
  const hour = Math.floor(FIRST / HOUR) - 20;
  stream.setHour(hour, new Map([[1, 5]]));
  expect(stream.window(2880)).toEqual(new Map([[1, 5]]));
  stream.setHour(hour, new Map([[1, 3]]));
  expect(stream.window(2880)).toEqual(new Map([[1, 3]]));
  expect(stream.window(1200)).toEqual(new Map([[1, 3]]));
  expect(stream.window(600)).toEqual(ZERO);
  stream.setHour(hour, ZERO);
  expect(stream.window(2880)).toEqual(ZERO);
});
