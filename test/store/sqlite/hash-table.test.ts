import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HashTable } from '../../../src/store/sqlite/hash-table.ts';

const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

it('holds every pair once, however many numbers a hash has', () => {
  const pairs = fc.array(fc.tuple(fc.constantFrom(7, 7, 7, 7 + 4096, 8, 99), fc.integer({ min: 1000, max: 1400 })), {
    minLength: 100,
    maxLength: 800,
  });
  fc.assert(
    fc.property(pairs, fc.integer({ min: 1000, max: 1400 }), fc.nat(200), fc.nat(300), (list, first, width, max) => {
      const table = new HashTable(16);
      const known = new Map<number, Set<number>>();
      for (const [hash, number] of list) {
        const numbers = known.get(hash) ?? new Set();
        expect(table.add(hash, number, number)).toBe(!numbers.has(number));
        known.set(hash, numbers.add(number));
      }
      expect(table.count).toBe(known.values().reduce((sum, { size }) => sum + size, 0));
      for (const hash of [7, 7 + 4096, 8, 99, 5]) {
        const numbers = known.get(hash) ?? new Set();
        const found: number[] = [];
        table.find(hash, found);
        expect(sorted(found)).toEqual(sorted([...numbers]));
        const within: number[] = [];
        table.findWithin(hash, within, first, first + width);
        expect(sorted(within)).toEqual(sorted([...numbers].filter((one) => one >= first && one <= first + width)));
        const some: number[] = [];
        table.find(hash, some, max);
        expect(some.length > max).toBe(numbers.size > max);
        for (const number of [1000, 1200, ...numbers]) expect(table.has(hash, number)).toBe(numbers.has(number));
      }
    }),
    { numRuns: 100 },
  );
});

// A sender that gives all its spans one trace id makes part after part of one trace: every one of them was in the way of the next,
// and of all traces whose place was there. 120,000 took half a minute to note, the last of them half a millisecond each.
it("numbers of one hash are in nobody's way", () => {
  const table = new HashTable();
  for (let number = 1; number <= 300_000; number++) table.add(7, number, 0);
  const others: number[] = [];
  for (let hash = 0; hash < 300_000; hash++) if (hash !== 7) table.find(hash, others);
  expect(others).toEqual([]);
  expect(table.has(7, 299_999)).toBe(true);
}, 30_000);
