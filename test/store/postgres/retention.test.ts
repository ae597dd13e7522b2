import { afterAll, describe, expect, it } from 'vitest';
import { EMPTY_SPAN, type Span } from '../../../src/model/span.ts';
import { connectForWriting } from '../../../src/store/postgres/database.ts';
import { PgLedger } from '../../../src/store/postgres/ledger.ts';
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

  describe('where rows of some services are kept longer', () => {
    /** The first service is regulated; a file says of the second that it is kept for a while. */
    const kept = plans.map((plan, i) => ({ ...plan, keptDays: i === 0 ? 30 : 15 }));
    const other = (trace: string, endTenths: number): Span => ({ ...span(trace, endTenths), service: resources[1]! });
    const traces = (world: PgWorld): string[] =>
      world.db
        .prepare("select trim(convert_from(trace, 'utf8')) as name from span order by 1")
        .all()
        .map(({ name }) => name as string);
    const at = (world: PgWorld, days: number): void => {
      world.now = NOW + days * DAY;
      world.settle();
    };

    it('they are in a partition of their own when the time of the others is over, and so is what was said of them', () => {
      const world = begin();
      world.crash([kept[0]!, plans[1]!]);
      world.commit([records([span('regulated', END), other('usual', END), other('both', END + 1)])]);
      world.commit([records([{ ...span('both', END + 1), spanId: 'other'.padEnd(8) }])]);
      world.commit([{ type: 'ratings', ratings: [thumb('regulated'), thumb('usual')] }]);
      at(world, 9);
      expect([traces(world), rows(world, 'rating')]).toEqual([['both', 'both', 'regulated', 'usual'], 2]);
      const before = world.tallies();
      at(world, 12);
      expect([traces(world), rows(world, 'rating')]).toEqual([['both', 'both', 'regulated'], 1]);
      // Only they are in it, under its name and with its indices.
      const place = Math.floor(END / 864_000);
      expect(rows(world, `span_${place}`)).toBe(3);
      expect(rows(world, `pg_index where indrelid = 'span_${place}'::regclass`)).toBe(2);
      expect(rows(world, "pg_class where relname like 'span_kept%' and relkind = 'r'")).toBe(0);
      // Nothing is counted again without the others.
      world.db.prepare('insert into refold values (0, ?)').run(Math.floor(END / 600));
      world.ledger.refold(10, world.now);
      expect(world.tallies()).toEqual(before);
      expect(world.differences()).toEqual([]);
      // It is the same span as ever.
      expect(world.commit([records([span('regulated', END)])])).toMatchObject([{ stored: 0, duplicates: 1 }]);
      expect(world.ledger.places('regulated'.padEnd(16))).toEqual([END]);
      at(world, 29);
      expect(traces(world)).toEqual(['both', 'both', 'regulated']);
      at(world, 32);
      expect([traces(world), rows(world, 'rating')]).toEqual([[], 0]);
      expect(rows(world, `pg_class where relname like 'span%${place}'`)).toBe(0);
    });

    it('each goes when its own time is over, however long nobody looked', () => {
      const world = begin();
      world.crash(kept);
      world.commit([records([span('regulated', END), other('a while', END)])]);
      at(world, 12);
      expect(traces(world)).toEqual(['a while', 'regulated']);
      world.commit([records([span('later', END + (4 * DAY) / 100), other('then', END + (4 * DAY) / 100 + 600)])]);
      at(world, 17);
      expect(traces(world)).toEqual(['later', 'regulated', 'then']);
      at(world, 28);
      expect(traces(world)).toEqual(['later', 'regulated']);
      expect(world.differences()).toEqual([]);
    });

    it('what comes in for that time while they are told apart is not lost', () => {
      const world = begin();
      world.crash([kept[0]!, plans[1]!]);
      world.commit([records([span('regulated', END), other('usual', END), span('later', END + 6000)])]);
      world.now = NOW + 12 * DAY;
      const pieces = world.ledger.upkeep(world.now);
      let late = 0;
      while (pieces.next().done !== true) {
        if (rows(world, "pg_class where relname like 'span_kept%' and relkind = 'r'") === 0 || late > 3) continue;
        world.commit([records([span(`late ${late}`, END + late)])]);
        late++;
      }
      expect(late).toBe(4);
      expect(traces(world)).toEqual(['late 0', 'late 1', 'late 2', 'late 3', 'later', 'regulated']);
      expect(world.differences()).toEqual([]);
    });

    it('two replicas are not in the way of each other', () => {
      const world = begin();
      const both = [kept[0]!, plans[1]!];
      world.crash(both);
      for (let i = 0; i < 20; i++)
        world.commit([records([span(`s${i}`, END + i * 200), other(`o${i}`, END + i * 200)])]);
      const db = connectForWriting({ url: world.url, password: null });
      const second = new PgLedger(db, RETENTION, 'second');
      second.setPlans(both);
      second.recover(world.now);
      world.now = NOW + 12 * DAY;
      const at = [world.ledger.upkeep(world.now), second.upkeep(world.now)];
      while (!at.every((one) => one.next().done === true));
      db.close();
      expect(traces(world)).toEqual(Array.from({ length: 20 }, (_, i) => `s${i}`).sort());
      expect(world.differences()).toEqual([]);
    });

    it('a change of mind leaves nothing behind', () => {
      const world = begin();
      world.crash([kept[0]!, plans[1]!]);
      world.commit([records([span('regulated', END)])]);
      world.now = NOW + 12 * DAY;
      const pieces = world.ledger.upkeep(world.now);
      const count = (): number => rows(world, "pg_class where relname like 'span_kept%' and relkind = 'r'");
      while (count() === 0) pieces.next();
      world.crash(plans);
      world.settle();
      expect([count(), rows(world, 'span')]).toEqual([0, 0]);
    });
  });

  it('a time whose partition somebody else has dropped gets another one', () => {
    const world = begin();
    world.commit([records([span('one', END)])]);
    world.db.exec(`drop table span_${Math.floor(END / 864_000)}`);
    expect(world.commit([records([span('two', END)])])).toMatchObject([{ stored: 1, duplicates: 0 }]);
    expect(rows(world, 'span')).toBe(1);
  });
});
