import { expect, it, vi } from 'vitest';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import { SpanRows } from '../../src/store/postgres/span-rows.ts';
import { COUNT } from '../../src/tally/counters.ts';
import { count } from '../../src/tally/group.ts';
import { hasPostgres } from '../postgres/server.ts';
import { END, PgWorld, records, resources } from '../store/ledger-world.ts';

const SPANS = 5_100;
const call = (i: number, end: number): Span => ({
  ...EMPTY_SPAN,
  traceId: 'trace'.padEnd(16),
  spanId: `${i}`.padEnd(8),
  parentSpanId: 'entry'.padEnd(8),
  service: resources[0]!,
  kind: 'model',
  endTenths: end,
});

// Of a trace of more than 5,000 spans only copies are looked for. To see that it is one, up to 100,000 of its spans were read
// with each batch.
it.skipIf(!hasPostgres)('a trace that is long is not read again to see that with each of its batches', () => {
  const world = new PgWorld();
  world.commit([records(Array.from({ length: SPANS }, (_, i) => call(i, END - 6000 + i)))]);
  const read = vi.spyOn(SpanRows.prototype, 'byHash');
  const rowsRead = (): number => read.mock.results.reduce((sum, { value }) => sum + (value as unknown[]).length, 0);
  expect(world.commit([records([call(1, END - 5999), call(SPANS, END)])])).toEqual([
    { type: 'spans', stored: 1, duplicates: 1 },
  ]);
  expect(rowsRead()).toBe(SPANS);
  expect(world.commit([records([call(SPANS, END), call(SPANS + 1, END + 5)])])).toEqual([
    { type: 'spans', stored: 1, duplicates: 1 },
  ]);
  expect(rowsRead()).toBe(SPANS);
  // Nor for ever: after a while it is looked at again.
  world.commit([records([call(SPANS + 2, END + 7000)])]);
  expect(rowsRead()).toBe(2 * SPANS + 2);
  read.mockRestore();
  expect(world.ledger.status.longTraces).toBe(3);
  expect(world.ofAll(0).reduce((sum, { tally }) => sum + count(tally, COUNT), 0)).toBe(4);
  expect(world.differences()).toEqual([]);
  world.end();
});
