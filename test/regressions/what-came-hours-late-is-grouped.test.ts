import { expect, it } from 'vitest';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import { COUNT } from '../../src/tally/counters.ts';
import { count } from '../../src/tally/group.ts';
import { END, ENGINES, records, resources } from '../store/ledger-world.ts';

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
const first = [span('left', 'entry'), span('call 1', 'left', { kind: 'model' })];
const rest = [
  span('entry', '', { spanKind: 'server' }),
  span('right', 'entry'),
  span('call 2', 'right', { kind: 'model' }),
];

// After an outage of hours a queue sends what it has kept. Links were dropped by when they had ended, that is at once: what of a
// request came a moment later made an interaction of its own.
it.each(ENGINES)(
  'on $engine what came hours late is grouped like others, as long after it came',
  ({ engine, begin }) => {
    const world = begin();
    const interactions = (): number => world.ofAll(0).reduce((sum, { tally }) => sum + count(tally, COUNT), 0);
    world.now += 5 * HOUR_MS;
    world.commit([records(first)]);
    expect(interactions()).toBe(1);
    world.now += HOUR_MS;
    world.settle();
    world.commit([records(rest)]);
    expect(interactions()).toBe(1);
    expect(world.differences()).toEqual([]);
    world.now += 3 * HOUR_MS;
    world.settle();
    const rows = engine === 'SQLite' ? 'part_range where links = 1' : 'link';
    expect(Number(world.db.prepare(`select count(*) as n from ${rows}`).get()!['n'])).toBe(0);
    world.end();
  },
);
