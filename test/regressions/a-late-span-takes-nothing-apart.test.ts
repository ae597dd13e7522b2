import { expect, it } from 'vitest';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import { PartTable } from '../../src/store/sqlite/parts.ts';
import { END, LedgerWorld, records, resources } from '../store/ledger-world.ts';

const HOUR_MS = 3_600_000;
const span = (id: string, parent: string, more: Partial<Span> = {}): Span => ({
  ...EMPTY_SPAN,
  traceId: 'trace'.padEnd(16),
  spanId: id.padEnd(8),
  parentSpanId: parent === '' ? '' : parent.padEnd(8),
  service: resources[0]!,
  endTenths: END,
  ...more,
});
const links = [span('entry', '', { spanKind: 'server' }), span('left', 'entry'), span('right', 'entry')];
const calls = [span('call 1', 'left', { kind: 'model' }), span('call 2', 'right', { kind: 'model' })];
const late = span('late', 'entry', { kind: 'model', endTenths: END + 3 * 36_000 });

// Links are kept for two hours. Without them the calls of one request have nothing in common: a span that came later made two
// interactions of what had been counted as one.
it('an interaction whose links are gone stays one when a late span of its trace comes', () => {
  const world = new LedgerWorld();
  world.commit([records([...links, ...calls])]);
  world.now += 3 * HOUR_MS;
  world.settle();
  world.commit([records([late])]);
  const heads = [...new PartTable(world.db).between(0, late.endTenths + 1)].flatMap(({ judged }) =>
    judged.interaction === null ? [] : [judged.interaction.headSpanIds.map((id) => id.trim())],
  );
  expect(heads).toEqual([['call 1', 'call 2'], ['late']]);
  expect(world.differences()).toEqual([]);
  world.end();
});
