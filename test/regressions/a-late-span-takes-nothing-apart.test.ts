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

// So they are where there are more links than there is room for: that was known until the next start only.
it('nor does it where links had to go before their time, also after a start', () => {
  const world = new LedgerWorld();
  const soon = { ...late, endTenths: END + 600 };
  const other = { ...span('link', ''), traceId: 'other'.padEnd(16), endTenths: END + 300 };
  world.commit([records([...links, ...calls, other])]);
  new PartTable(world.db).dropOldest(END / 10 + 1, 'links', 1);
  world.now += 60_000;
  world.crash();
  world.commit([records([soon])]);
  const heads = [...new PartTable(world.db).between(0, soon.endTenths + 1)].flatMap(({ judged }) =>
    judged.interaction === null ? [] : [judged.interaction.headSpanIds.length],
  );
  expect(heads).toEqual([2, 1]);
  expect(world.differences()).toEqual([]);
  world.end();
});
