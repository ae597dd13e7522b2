import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeTally } from '../../src/tally/codec.ts';
import { sum } from '../../src/tally/group.ts';
import { PackedTallies } from '../../src/tally/packed-tallies.ts';

const tally = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: -(2 ** 50), max: 2 ** 50 })), {
    maxLength: 40,
  })
  .map((entries) => new Map(entries.filter(([, count]) => count !== 0)));

it('a packed tally is read as the map that it was', () => {
  fc.assert(
    fc.property(fc.array(tally, { maxLength: 60 }), fc.nat(2 ** 32 - 1), (tallies, other) => {
      const all = new PackedTallies();
      const packed = tallies.map((one) => all.add(encodeTally(one)));
      for (const [i, one] of tallies.entries()) {
        const same = packed[i]!;
        const sorted = [...one].sort(([a], [b]) => a - b);
        expect([...same]).toEqual(sorted);
        expect([...same.keys()]).toEqual(sorted.map(([name]) => name));
        expect([...same.values()]).toEqual(sorted.map(([, count]) => count));
        expect(same.size).toBe(one.size);
        for (const [name, count] of one) expect([same.has(name), same.get(name)]).toEqual([true, count]);
        expect([same.has(other), same.get(other)]).toEqual([one.has(other), one.get(other)]);
        const told = new Map<number, number>();
        same.forEach((count, name) => void told.set(name, count));
        expect(told).toEqual(one);
      }
      if (tallies.every((one) => [...one.values()].every((count) => Math.abs(count) < 2 ** 40)))
        expect(sum(packed)).toEqual(sum(tallies));
    }),
  );
});
