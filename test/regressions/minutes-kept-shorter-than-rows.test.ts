import { expect, it } from 'vitest';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import { END, LedgerWorld, NOW, records, resources } from '../store/ledger-world.ts';

const DAY = 86_400_000;
const span: Span = {
  ...EMPTY_SPAN,
  traceId: 'trace'.padEnd(16),
  spanId: 'span'.padEnd(8),
  service: resources[0]!,
  kind: 'model',
  endTenths: END,
};

// Their tallies had gone on purpose: verify found them missing, and folding them again counted them a second time in hours and days.
it('minutes past their retention are neither missed nor folded again while their rows are kept', () => {
  const world = new LedgerWorld({ interactionsMs: 45 * DAY, minutesMs: DAY, hoursMs: 400 * DAY });
  world.commit([records([span])]);
  world.settle();
  const longer = (): unknown[] => world.db.prepare('select hour, service, dimension, data from tally_hour').all();
  const before = longer();
  world.now = NOW + 2 * DAY;
  world.settle();
  expect(world.db.prepare('select count(*) as n from tally').get()).toEqual({ n: 0 });
  expect(world.differences()).toEqual([]);
  world.db.prepare('insert into refold values (0, ?)').run(Math.floor(END / 600));
  world.ledger.refold(10, world.now);
  expect(longer()).toEqual(before);
  world.end();
});
