import { expect, it } from 'vitest';
import { EMPTY_SPAN } from '../../src/model/span.ts';
import { PartTable } from '../../src/store/sqlite/parts.ts';
import { END, LedgerWorld, records, resources } from '../store/ledger-world.ts';

const PARTS = 2_100;
const TENTHS_PER_SECOND = 10;
const call = (i: number, second: number) => ({
  ...EMPTY_SPAN,
  traceId: 'trace'.padEnd(16),
  spanId: `${i}`.padEnd(8),
  parentSpanId: 'entry'.padEnd(8),
  service: resources[0]!,
  kind: 'model' as const,
  endTenths: END + (second - PARTS) * TENTHS_PER_SECOND,
});

// Of such a trace only the parts of the seconds that come are read, to know copies. It was judged by these as if they were all
// there is: their calls became an interaction once more, beside the one that they are in.
it('late spans of a trace in very many parts are judged among themselves', () => {
  const world = new LedgerWorld();
  const calls = Array.from({ length: PARTS }, (_, i) => call(i, i));
  world.commit([records(calls)]);
  const results = world.commit([records([calls[0]!, call(PARTS, 0)])]);
  expect(results).toEqual([{ type: 'spans', stored: 1, duplicates: 1 }]);
  const heads = [...new PartTable(world.db).between(0, END)].flatMap(
    ({ judged }) => judged.interaction?.headSpanIds ?? [],
  );
  expect(heads).toHaveLength(PARTS + 1);
  expect(new Set(heads).size).toBe(PARTS + 1);
  expect(world.ledger.status.longTraces).toBe(1);
  expect(world.differences()).toEqual([]);
  world.end();
});
