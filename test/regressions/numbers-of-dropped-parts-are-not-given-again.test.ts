import { expect, it } from 'vitest';
import { EMPTY_SPAN } from '../../src/model/span.ts';
import { END, LedgerWorld, records, resources } from '../store/ledger-world.ts';

const HOUR_MS = 3_600_000;
const common = { ...EMPTY_SPAN, traceId: 'trace'.padEnd(16), service: resources[0]!, endTenths: END };
const call = { ...common, spanId: 'call'.padEnd(8), kind: 'model' as const };
const link = { ...common, spanId: 'link'.padEnd(8) };
const next = { ...call, traceId: 'next'.padEnd(16), endTenths: END + 4 * 36_000 };

// Links are the last parts of their commit, and go after two hours: the next process gave their numbers again, which the
// written pointers had reached already. Then a crash, and nothing pointed at the new parts.
it('a copy is known after a quiet night, a restart and a crash', () => {
  const world = new LedgerWorld();
  world.commit([records([call, link])]);
  world.settle();
  world.now += 4 * HOUR_MS;
  world.settle();
  world.crash();
  world.commit([records([next])]);
  world.crash();
  expect(world.commit([records([next])])).toEqual([{ type: 'spans', stored: 0, duplicates: 1 }]);
  expect(world.differences()).toEqual([]);
  world.end();
});
