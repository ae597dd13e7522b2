import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { hashBytes, hashId, OF_RESPONSE, OF_TRACE } from '../../../src/store/id-hash.ts';
import { openForWriting } from '../../../src/store/sqlite/database.ts';
import { Pointers } from '../../../src/store/sqlite/pointers.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-pointers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** So little that a few hundred traces are more than memory holds. */
const LITTLE = { generation: 20, filtered: 2, filterBytes: 200, mergedAtOnce: 30 };
const TENTHS_PER_HOUR = 36_000;
let files = 0;

const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ trace: fc.nat(60), end: fc.nat(5 * TENTHS_PER_HOUR) }) },
  { weight: 2, arbitrary: fc.constant('settle' as const) },
  { weight: 8, arbitrary: fc.constant('merge' as const) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
);

const entriesIn = (db: DatabaseSync, what: 'chunks' | 'runs'): number => {
  const of = { chunks: 'sum(length(data)) / 8 from pointer_chunk', runs: 'sum(entries) from pointer_run' };
  return (db.prepare(`select coalesce(${of[what].replace(' from', ', 0) as n from')}`).get() as { n: number }).n;
};

it('a copy of a span finds the part that the span is in, whatever memory has had to forget', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 200, maxLength: 300 }), fc.nat(), (steps, salt) => {
      const db = openForWriting(join(folder, `${files++}.db`));
      let pointers = new Pointers(db, LITTLE);
      let unsettled: { hash: number; part: number; end: number }[] = [];
      const added: { hash: number; part: number; end: number }[] = [];
      for (const one of steps) {
        if (one === 'merge') pointers.merge();
        else if (one === 'restart') {
          pointers = new Pointers(db, LITTLE);
          pointers.load(5 * TENTHS_PER_HOUR);
          for (const { hash, part, end } of unsettled) pointers.addTrace(hash, part, end);
        } else if (one === 'settle' || unsettled.length === LITTLE.generation) {
          // A generation is always larger than what waits to be written.
          pointers.settle();
          unsettled = [];
        } else {
          const entry = { hash: hashId(`trace ${salt} ${one.trace}`, OF_TRACE), part: added.length + 1, end: one.end };
          added.push(entry);
          unsettled.push(entry);
          pointers.addTrace(entry.hash, entry.part, entry.end);
        }
      }
      for (const { hash, part, end } of added) {
        expect(pointers.findRecent(hash, end)).toContain(part);
        expect(pointers.findBetween(hash, end, part, part)).toEqual([part]);
        expect(pointers.findTrace(hash, 'all')).toContain(part);
      }
      while (pointers.merge());
      for (const { hash, part } of added.filter((one) => !unsettled.includes(one)))
        expect(pointers.findTrace(hash, 'all')).toContain(part);
      // Nothing is left of what was merged or given up.
      expect(entriesIn(db, 'chunks')).toBe(added.length - unsettled.length);
      expect(entriesIn(db, 'runs')).toBe(added.length - unsettled.length);
      db.close();
    }),
    { numRuns: 40, endOnFailure: true },
  );
});

it('a name is found before and after it was written, and no trace is found by it', () => {
  const db = openForWriting(join(folder, `${files++}.db`));
  const pointers = new Pointers(db);
  const hash = hashId('response', OF_RESPONSE);
  pointers.addName(hash, 7, 100);
  expect(pointers.findName(hash, 'newest')).toEqual([7]);
  pointers.settle();
  expect(pointers.findName(hash, 'newest')).toEqual([7]);
  expect(pointers.findTrace(hashId('response', OF_TRACE), 'all')).toEqual([]);
  pointers.dropBefore(101);
  expect(pointers.findName(hash, 'all')).toEqual([]);
  db.close();
});

it('a part of billions of parts ago can get a name beside new ones', () => {
  const db = openForWriting(join(folder, `${files++}.db`));
  const pointers = new Pointers(db);
  const parts = [2 ** 33, 7, 2 ** 33 + 1];
  const hashes = parts.map((part) => hashId(`${part}`, OF_RESPONSE));
  for (const [i, part] of parts.entries()) pointers.addName(hashes[i]!, part, 100);
  for (const [i, part] of parts.entries()) expect(pointers.findName(hashes[i]!, 'all')).toEqual([part]);
  pointers.settle();
  for (const [i, part] of parts.entries()) expect(pointers.findName(hashes[i]!, 'all')).toEqual([part]);
  db.close();
});

it('an id has the same hash as text and as bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      expect(hashBytes(bytes, 0, 16, OF_TRACE)).toBe(hashId(Buffer.from(bytes).toString('latin1'), OF_TRACE));
    }),
  );
});
