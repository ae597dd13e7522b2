import { expect, it } from 'vitest';
import { EMPTY_SPAN } from '../../src/model/span.ts';
import { POINTER_LIMITS } from '../../src/store/sqlite/pointers.ts';
import { END, LedgerWorld, records, resources } from '../store/ledger-world.ts';

const span = (trace: string, id: string, endTenths: number) => ({
  ...EMPTY_SPAN,
  traceId: trace.padEnd(16),
  spanId: id.padEnd(8),
  service: resources[0]!,
  kind: 'model' as const,
  endTenths,
});

// A part was pointed at with the end of its first span: once memory had to forget it, a copy of a span that ended later within
// that second was taken for one that memory would know.
it('a copy of a span that ended late in its second is known, after memory has forgotten its trace', () => {
  Object.assign(POINTER_LIMITS, { generation: 1, filterBytes: 0 });
  const world = new LedgerWorld();
  const [early, late] = [span('trace', 'early', END), span('trace', 'late', END + 9)];
  world.commit([records([early, late])]);
  world.settle();
  for (const other of ['one', 'two', 'three']) world.commit([records([span(other, 'call', END - 100)])]);
  expect(world.commit([records([late])])).toEqual([{ type: 'spans', stored: 0, duplicates: 1 }]);
  expect(world.differences()).toEqual([]);
  world.end();
});
