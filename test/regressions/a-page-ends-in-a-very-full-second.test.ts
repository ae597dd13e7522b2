import { expect, it } from 'vitest';
import { EMPTY_SPAN } from '../../src/model/span.ts';
import { beforeAll } from '../../src/store/reader.ts';
import { openReader } from '../../src/store/sqlite/reader.ts';
import { END, LedgerWorld, records, resources } from '../store/ledger-world.ts';

/** As many spans as are looked at for one page. */
const FULL = 200_000;
const span = (i: number, endTenths: number) => ({
  ...EMPTY_SPAN,
  traceId: `${i}`.padEnd(16),
  spanId: 'call'.padEnd(8),
  kind: 'model' as const,
  service: resources[0]!,
  endTenths,
});

// The next page began in front of that second, read it once more, and was at the same place again.
it('the page behind a second with very many spans is another one', () => {
  const world = new LedgerWorld();
  world.commit([records([span(0, END - 10)])]);
  world.commit([records(Array.from({ length: FULL }, (_, i) => span(i + 1, END)))]);
  const reader = openReader(world.file);
  const first = reader.interactions(({ endTenths }) => endTenths < END, beforeAll(0), beforeAll(END + 10), 10);
  expect(first).toEqual({ interactions: [], next: beforeAll(END) });
  const second = reader.interactions(() => true, beforeAll(0), first.next!, 10);
  expect(second.interactions.map(({ traceId }) => traceId.trim())).toEqual(['0']);
  expect(second.next).toBeNull();
  // An instant within a tenth of a second has something in front of it there.
  const within = reader.interactions(() => true, beforeAll(0), { ...beforeAll(END - 10), nanos: 1 }, 10);
  expect(within.interactions).toHaveLength(1);
  reader.close();
  world.end();
});
