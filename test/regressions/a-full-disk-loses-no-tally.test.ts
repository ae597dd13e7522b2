import { expect, it } from 'vitest';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import { dictionary, END, LedgerWorld, records, resources } from '../store/ledger-world.ts';

const span = (n: number, more: Partial<Span> = {}): Span => ({
  ...EMPTY_SPAN,
  traceId: `trace ${n}`.padEnd(16),
  spanId: `${n}`.padEnd(8),
  service: resources[0]!,
  kind: 'model',
  endTenths: END + n * 10,
  ...more,
});

const pagesOf = (world: LedgerWorld): number =>
  (world.db.prepare('pragma page_count').get() as { page_count: number }).page_count;

// Reading memory back from the store failed on the full disk as well. What had been acknowledged and lay in memory was then
// counted nowhere, and the next settlement, with room again, took away the marks that would have told.
it('what was acknowledged before the disk was full is counted when there is room again', () => {
  const world = new LedgerWorld();
  world.commit([records([span(1), span(2)])]);
  world.db.exec(`pragma max_page_count = ${pagesOf(world)}`);
  // Of its own minute each, so that a settlement needs new pages.
  const many = Array.from({ length: 400 }, (_, i) => span(i + 10, { endTenths: END - i * 600 }));
  let acknowledged = 2;
  for (const one of many) {
    try {
      world.commit([records([one])]);
      acknowledged++;
    } catch {}
  }
  expect(() => world.settle()).toThrow(/full/);
  expect(acknowledged).toBeLessThan(402);
  const first = dictionary.size;
  const model = dictionary.code('a model named while the disk is full');
  expect(() => world.commit([{ type: 'dictionary', first, texts: [dictionary.text(model)] }])).toThrow(/full/);
  world.db.exec('pragma max_page_count = 1000000');
  world.commit([records([span(5, { responseModel: model })])]);
  expect(world.differences()).toEqual([]);
  world.end();
});
