import { expect, it } from 'vitest';
import type { PlanData } from '../../src/catalog/plan-book.ts';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import { END, LedgerWorld, plans, records, resources } from '../store/ledger-world.ts';

const span = (spanId: string): Span => ({
  ...EMPTY_SPAN,
  traceId: spanId.padEnd(16),
  spanId: spanId.padEnd(8),
  service: resources[0]!,
  kind: 'model',
  endTenths: END - 36_000,
});

// Minutes that were folded again were marked with the number of the next settlement: when that one changed such a minute before
// what was judged in between was stored, its mark was taken for the old one and removed, and the change was never judged.
it('a minute that changes after it was counted again has a mark of its own', () => {
  const world = new LedgerWorld();
  world.commit([records([span('one')])]);
  world.settle();
  world.crash(plans.map((plan): PlanData => ({ ...plan, thresholdsMs: [1000, 2000] })));
  world.ledger.refold(100, world.now);
  const marks = () => world.db.prepare('select minute, settlement from unjudged').all() as { settlement: number }[];
  const [before] = marks();
  world.commit([records([span('two')])]);
  world.settle();
  const [after] = marks();
  expect(after).toMatchObject({ minute: (before as { minute?: number }).minute });
  expect(after!.settlement).toBeGreaterThan(before!.settlement);
  world.end();
});
