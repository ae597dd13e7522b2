import { expect, it } from 'vitest';
import type { PlanData } from '../../src/catalog/plan-book.ts';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import type { NewRating } from '../../src/store/rating.ts';
import { beforeAll } from '../../src/store/reader.ts';
import { openReader } from '../../src/store/sqlite/reader.ts';
import { END, LedgerWorld, NOW, plans, records, resources } from './ledger-world.ts';

const DAY = 86_400_000;
const TENTHS_PER_DAY = 864_000;
const RETENTION = { interactionsMs: 45 * DAY, minutesMs: 100 * DAY, hoursMs: 400 * DAY, daysMs: 500 * DAY };

/** The first service is regulated, or a file says so of it: its rows are kept for so many days. */
const kept = (keptDays: number): PlanData[] => plans.map((plan, i) => (i === 0 ? { ...plan, keptDays } : plan));

let spans = 0;
/** @param i  of the service @param daysLater  than the others */
function span(i: number, daysLater = 0): Span {
  spans++;
  return {
    ...EMPTY_SPAN,
    traceId: `trace ${spans}`.padEnd(16),
    spanId: `s${spans}`.padEnd(8),
    kind: 'model',
    service: resources[i]!,
    endTenths: END + daysLater * TENTHS_PER_DAY + spans,
  };
}

const thumb = (of: Span, at: number): NewRating => ({
  identity: of.traceId,
  target: { trace: of.traceId, span: '', response: '', interaction: '', conversation: '', service: '' },
  rating: { type: 'feedback', kind: 'thumbs', value: 'down' },
  detail: null,
  at,
  isTimed: true,
});

/** Services of the interactions that are shown, newest first, and of those that somebody rated. */
function shown(world: LedgerWorld): { interactions: number[]; ratings: number } {
  const reader = openReader(world.file);
  const before = beforeAll(END + 1000 * TENTHS_PER_DAY);
  const { interactions } = reader.interactions(() => true, beforeAll(0), before, 100);
  const ratings = Number(world.db.prepare('select count(*) as n from rating').get()!['n']);
  reader.close();
  return { interactions: interactions.map(({ service }) => resources.indexOf(service)), ratings };
}

function filled(): { world: LedgerWorld; spans: Span[] } {
  const world = new LedgerWorld(RETENTION);
  world.ledger.reconfigure(RETENTION, kept(200), NOW);
  const sent = [span(0), span(1), span(1), span(0), span(0), span(1)];
  world.commit([records(sent)]);
  world.commit([{ type: 'ratings', ratings: sent.slice(1, 4).map((one) => thumb(one, NOW + 1)) }]);
  world.settle();
  return { world, spans: sent };
}

it('rows of regulated services, and what was said of them, outlive the others, and go when their time is over', () => {
  const { world, spans: sent } = filled();
  world.now = NOW + 44 * DAY;
  world.settle();
  expect(shown(world)).toEqual({ interactions: [1, 0, 0, 1, 1, 0], ratings: 3 });
  world.now = NOW + 46 * DAY;
  world.settle();
  expect(shown(world)).toEqual({ interactions: [0, 0, 0], ratings: 1 });
  expect(world.ledger.places(sent[0]!.traceId).length).toBeGreaterThan(0);
  world.crash(kept(200));
  world.now = NOW + 199 * DAY;
  world.settle();
  expect(shown(world)).toEqual({ interactions: [0, 0, 0], ratings: 1 });
  expect(world.differences()).toEqual([]);
  world.now = NOW + 201 * DAY;
  world.settle();
  expect(shown(world)).toEqual({ interactions: [], ratings: 0 });
  expect(
    world.db.prepare('select (select count(*) from part) as parts, (select count(*) from part_range) as ranges').get(),
  ).toEqual({ parts: 0, ranges: 0 });
  world.end();
});

it('what is kept longer is not counted again, and what comes later is counted beside it', () => {
  const { world } = filled();
  world.now = NOW + 46 * DAY;
  world.settle();
  const before = world.tallies();
  world.db.prepare('insert into refold values (0, ?), (1, ?)').run(Math.floor(END / 600), Math.floor(END / 600));
  world.ledger.refold(10, world.now);
  expect(world.tallies()).toEqual(before);
  world.commit([records([span(0, 46), span(1, 46)])]);
  expect(world.differences()).toEqual([]);
  expect(shown(world).interactions).toEqual([1, 0, 0, 0, 0]);
  world.end();
});

it('how long rows are kept counts nothing: no minute is counted again when it changes', () => {
  const { world } = filled();
  world.ledger.reconfigure(RETENTION, kept(400), NOW);
  expect(world.db.prepare('select count(*) as n from refold').get()).toEqual({ n: 0 });
  world.now = NOW + 46 * DAY;
  world.settle();
  world.now = NOW + 300 * DAY;
  world.settle();
  expect(shown(world).interactions).toEqual([0, 0, 0]);
  world.end();
});

it('a part of several services is kept as long as the one that is kept longest', () => {
  const world = new LedgerWorld(RETENTION);
  world.ledger.reconfigure(RETENTION, kept(200), NOW);
  const one = span(1);
  const other = { ...span(0), traceId: one.traceId, endTenths: one.endTenths };
  world.commit([records([one, other])]);
  world.settle();
  world.now = NOW + 46 * DAY;
  world.settle();
  expect(shown(world).interactions.toSorted()).toEqual([0, 1]);
  world.end();
});

it('minutes, hours and days each go when their own time is over', () => {
  const { world } = filled();
  const counts = (): number[] =>
    ['tally', 'tally_hour', 'tally_day'].map((table) =>
      Math.min(1, Number(world.db.prepare(`select count(*) as n from ${table}`).get()!['n'])),
    );
  for (const [days, expected] of [
    [99, [1, 1, 1]],
    [101, [0, 1, 1]],
    [399, [0, 1, 1]],
    [401, [0, 0, 1]],
    [499, [0, 0, 1]],
    [502, [0, 0, 0]],
  ] as const) {
    world.now = NOW + days * DAY;
    world.settle();
    expect([days, counts()]).toEqual([days, expected]);
    expect(world.differences()).toEqual([]);
  }
  world.end();
});
