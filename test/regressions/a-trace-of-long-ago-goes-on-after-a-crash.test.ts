import { expect, it } from 'vitest';
import { EMPTY_SPAN } from '../../src/model/span.ts';
import { PartTable } from '../../src/store/sqlite/parts.ts';
import { END, LedgerWorld, records, resources } from '../store/ledger-world.ts';

const TENTHS_PER_DAY = 864_000;
const common = {
  ...EMPTY_SPAN,
  traceId: 'trace'.padEnd(16),
  service: resources[0]!,
  endTenths: END - 5 * TENTHS_PER_DAY,
};
const agent = { ...common, spanId: 'agent'.padEnd(8), kind: 'agent' as const };
const call = { ...common, spanId: 'call'.padEnd(8), parentSpanId: agent.spanId, kind: 'model' as const };

// After a crash only pointers of the last two hours were read back: an import that went on then had its traces cut in two.
it('a trace of days ago, of which a part was sent before a crash, is one interaction', () => {
  const world = new LedgerWorld();
  world.commit([records([{ ...call, endTenths: call.endTenths - 10 }])]);
  world.settle();
  world.crash();
  world.commit([records([agent])]);
  world.settle();
  const leads = [...new PartTable(world.db).between(0, END)].map(({ judged }) => judged.lead);
  expect(leads).toEqual([agent.spanId, agent.spanId]);
  expect(world.differences()).toEqual([]);
  world.end();
});
