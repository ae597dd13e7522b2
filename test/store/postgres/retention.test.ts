import { afterAll, describe, expect, it } from 'vitest';
import { EMPTY_SPAN, type Span } from '../../../src/model/span.ts';
import type { NewRating } from '../../../src/store/rating.ts';
import { hasPostgres } from '../../postgres/server.ts';
import { END, NOW, PgWorld, plans, records, resources } from '../ledger-world.ts';

const DAY = 86_400_000;
const RETENTION = { interactionsMs: 10 * DAY, minutesMs: 20 * DAY, hoursMs: 90 * DAY };

const span = (trace: string, endTenths: number, kind: Span['kind'] = 'model'): Span => ({
  ...EMPTY_SPAN,
  traceId: trace.padEnd(16),
  spanId: 'span'.padEnd(8),
  service: resources[0]!,
  kind,
  endTenths,
});
const thumb = (trace: string): NewRating => ({
  identity: trace,
  target: { trace: trace.padEnd(16), span: '', response: '', interaction: '', conversation: '', service: '' },
  rating: { type: 'feedback', kind: 'thumbs', value: 'up' },
  detail: null,
  at: NOW,
  isTimed: true,
});

describe.skipIf(!hasPostgres)('what is past its retention on PostgreSQL', () => {
  const worlds: PgWorld[] = [];
  afterAll(() => {
    for (const world of worlds) world.end();
  });
  const begin = (): PgWorld => {
    const world = new PgWorld(RETENTION);
    worlds.push(world);
    return world;
  };
  const rows = (world: PgWorld, table: string): number =>
    (world.db.prepare(`select count(*) as n from ${table}`).get() as { n: number }).n;
  const partitions = (world: PgWorld, table: string): number =>
    rows(world, `pg_inherits where inhparent = '${table}'::regclass`);

  it('goes with its partition, and what is left is still the fold of its rows', () => {
    const world = begin();
    world.commit([records([span('old', END), span('link', END, 'none')])]);
    world.commit([{ type: 'ratings', ratings: [thumb('old')] }]);
    world.now = NOW + 5 * DAY;
    world.commit([records([span('new', END + (5 * DAY) / 100)])]);
    world.settle();
    expect([rows(world, 'span'), rows(world, 'link'), rows(world, 'rating')]).toEqual([2, 0, 1]);
    world.now = NOW + 12 * DAY;
    world.settle();
    expect([rows(world, 'span'), rows(world, 'rating'), rows(world, 'pointer')]).toEqual([1, 0, 0]);
    expect(world.differences()).toEqual([]);
    // What is sent once more by then is a span of its own.
    expect(world.commit([records([span('new', END + (5 * DAY) / 100)])])).toMatchObject([{ stored: 0, duplicates: 1 }]);
    world.now = NOW + 130 * DAY;
    world.settle();
    expect([rows(world, 'span'), rows(world, 'tally'), rows(world, 'tally_hour')]).toEqual([0, 0, 0]);
    expect(rows(world, 'tally_day')).toBeGreaterThan(0);
    expect(partitions(world, 'span')).toBe(2);
    expect(world.differences()).toEqual([]);
  });

  it('rows of a service that are to be kept longer keep all of their time', () => {
    const world = begin();
    world.crash(plans.map((plan) => ({ ...plan, keptDays: 30 })));
    world.commit([records([span('kept', END)])]);
    world.now = NOW + 20 * DAY;
    world.settle();
    expect(rows(world, 'span')).toBe(1);
    world.now = NOW + 32 * DAY;
    world.settle();
    expect(rows(world, 'span')).toBe(0);
  });

  it('a time whose partition somebody else has dropped gets another one', () => {
    const world = begin();
    world.commit([records([span('one', END)])]);
    world.db.exec(`drop table span_${Math.floor(END / 864_000)}`);
    expect(world.commit([records([span('two', END)])])).toMatchObject([{ stored: 1, duplicates: 0 }]);
    expect(rows(world, 'span')).toBe(1);
  });
});
