import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Dictionary } from '../../src/model/dictionary.ts';
import { EMPTY_SPAN } from '../../src/model/span.ts';
import { readFeedback } from '../../src/server/ratings.ts';
import type { RatingOutcome } from '../../src/store/items.ts';
import type { NewRating } from '../../src/store/rating.ts';
import { InteractionFinder } from '../../src/store/sqlite/interaction-finder.ts';
import { Traces } from '../../src/store/sqlite/traces.ts';
import type { TraceStore } from '../../src/store/trace-store.ts';
import { END, ENGINES, evaluation, NOW, records, resources, type World } from './ledger-world.ts';

const DAY = 86_400_000;
const trace = 'trace'.padEnd(16);
const span = {
  ...EMPTY_SPAN,
  traceId: trace,
  spanId: 'span'.padEnd(8),
  service: resources[0]!,
  kind: 'model' as const,
  endTenths: END,
};
const target = { trace, span: '', response: '', interaction: '', conversation: '', service: '' };

const thumb = (value: 'up' | 'down', at = NOW): NewRating => ({
  identity: 'thumb',
  target,
  rating: { type: 'feedback', kind: 'thumbs', value },
  detail: null,
  at,
  isTimed: true,
});

const labelled = (label: string, at = NOW): NewRating => ({
  identity: 'verdict',
  target,
  rating: { type: 'evaluation', evaluation, score: null },
  detail: { label },
  at,
  isTimed: true,
});

/** The turns of one conversation, each in a trace of its own; `tenths` after the first. */
const turn = (tenths: number) => ({
  ...span,
  traceId: `turn ${tenths}`.padEnd(16),
  endTenths: END + tenths,
  conversationId: 'talk',
});
const aboutTalk = (identity: string, at: number): NewRating => ({
  ...thumb('up', at),
  identity,
  target: { ...target, trace: '', conversation: 'talk' },
});

function rate(world: World, ...ratings: NewRating[]): readonly RatingOutcome[] {
  const [result] = world.commit([{ type: 'ratings', ratings }]);
  if (result?.type !== 'ratings') throw new Error(`answered with ${result?.type}`);
  return result.outcomes;
}

const active = (world: World): unknown[] =>
  world.db
    .prepare('select value, detail from rating where active = 1')
    .all()
    .map((row) => ({ ...row }));

describe.each(ENGINES)('on $engine', ({ begin }) => {
  it('a batch that is sent twice holds duplicates only, also where it takes back what it said', () => {
    const world = begin();
    world.commit([records([span])]);
    const said = [thumb('up', NOW - 2000), thumb('down', NOW - 1000)];
    expect(rate(world, ...said)).toEqual(['accepted', 'accepted']);
    expect(rate(world, ...said)).toEqual(['duplicate', 'duplicate']);
    expect(world.db.prepare('select count(*) as n from rating').get()).toEqual({ n: 2 });
    expect(world.differences()).toEqual([]);
    world.end();
  });

  it('a word whose sender is ahead of time is no later one when it is sent again, now or when its time has come', () => {
    const world = begin();
    world.commit([records([span])]);
    const read = (value: 'up' | 'down', seconds: number): NewRating => ({
      ...readFeedback(
        { traceId: '74'.repeat(16), kind: 'thumbs', value, at: new Date(NOW + seconds * 1000).toISOString() },
        new Dictionary([]),
        world.now,
      ),
      identity: 'thumb',
      target,
    });
    expect(rate(world, read('up', 300))).toEqual(['accepted']);
    world.now = NOW + 60_000;
    expect(rate(world, read('down', 360))).toEqual(['accepted']);
    world.now = NOW + 90_000;
    expect(rate(world, read('up', 390))).toEqual(['accepted']);
    world.now = NOW + 95_000;
    expect(rate(world, read('down', 395))).toEqual(['accepted']);
    for (const seconds of [120, 3600]) {
      world.now = NOW + seconds * 1000;
      expect(rate(world, read('up', 300), read('down', 360), read('up', 390))).toEqual([
        'duplicate',
        'duplicate',
        'duplicate',
      ]);
    }
    expect(active(world)).toMatchObject([{ value: '"down"' }]);
    expect(world.differences()).toEqual([]);
    world.end();
  });

  it('of several words from ahead of time that come together the last one counts', () => {
    const world = begin();
    world.commit([records([span])]);
    const ahead = (value: 'up' | 'down', seconds: number): NewRating => ({
      ...thumb(value),
      detail: { clock: new Date(NOW + seconds * 1000).toISOString() },
    });
    const said = [ahead('up', 10), ahead('down', 20), ahead('up', 30)];
    expect(rate(world, ...said)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(active(world)).toMatchObject([{ value: '"up"' }]);
    expect(rate(world, ...said)).toEqual(['duplicate', 'duplicate', 'duplicate']);
    expect(world.differences()).toEqual([]);
    world.end();
  });

  it('what was said earlier and comes later is stored once, and does not count', () => {
    const world = begin();
    world.commit([records([span])]);
    expect(rate(world, thumb('down', NOW))).toEqual(['accepted']);
    expect(rate(world, thumb('up', NOW - 1000))).toEqual(['accepted']);
    expect(rate(world, thumb('up', NOW - 1000))).toEqual(['duplicate']);
    expect(active(world)).toEqual([{ value: '"down"', detail: null }]);
    world.end();
  });

  it('another label of an evaluation without a score is another value', () => {
    const world = begin();
    world.commit([records([span])]);
    expect(rate(world, labelled('grounded'))).toEqual(['accepted']);
    expect(rate(world, labelled('invented', NOW + 1))).toEqual(['accepted']);
    expect(rate(world, labelled('invented', NOW + 1))).toEqual(['duplicate']);
    expect(active(world)).toEqual([{ value: 'null', detail: '{"label":"invented"}' }]);
    world.end();
  });

  it('feedback about a time long past waits for its spans through a crash, as it does without one', () => {
    const world = begin();
    expect(rate(world, thumb('up', NOW - 20 * DAY))).toEqual(['pending']);
    world.crash();
    world.commit([records([{ ...span, endTenths: END - (20 * DAY) / 100 - 10 }])]);
    expect(world.db.prepare('select count(*) as n from rating where owner_trace is not null').get()).toEqual({ n: 1 });
    expect(world.differences()).toEqual([]);
    world.end();
  });

  it('feedback that never found its interaction is let go after seven days, and dropped with the rows of its time', () => {
    const world = begin({ interactionsMs: 10 * DAY, minutesMs: 100 * DAY, hoursMs: 400 * DAY });
    rate(world, thumb('up'));
    world.now = NOW + 6 * DAY;
    world.settle();
    expect(world.ledger.status.ratings.waiting.feedback).toBe(1);
    world.now = NOW + 8 * DAY;
    world.settle();
    expect(world.ledger.status.ratings).toMatchObject({ waiting: { feedback: 0 }, unmatched: { feedback: 1 } });
    world.now = NOW + 11 * DAY;
    world.settle();
    expect(world.db.prepare('select count(*) as n from rating').get()).toEqual({ n: 0 });
    world.end();
  });

  it('seven days after they came those are let go that came by then, and no others: as a restart has it', () => {
    const world = begin();
    const about = (name: string): NewRating => ({
      ...thumb('up', world.now),
      identity: name,
      target: { ...target, trace: name.padEnd(16) },
    });
    world.commit([records([turn(0)])]);
    rate(world, about('early'), aboutTalk('early word', NOW), { ...aboutTalk('waits', NOW - DAY) });
    world.now = NOW + 3 * DAY;
    rate(world, about('late'), about('late too'), aboutTalk('late word', world.now));
    // What it replaces was said, and came, long ago.
    world.now = NOW + 7 * DAY + 7_200_000;
    rate(world, { ...about('early'), rating: { type: 'feedback', kind: 'thumbs', value: 'down' } });
    world.settle();
    const { ratings } = world.ledger.status;
    expect(ratings).toMatchObject({ waiting: { feedback: 3 }, unmatched: { feedback: 1 } });
    world.commit([
      records([
        { ...span, traceId: 'late'.padEnd(16), endTenths: END + 10 },
        { ...turn(20), endTenths: END + (2 * DAY) / 100 },
      ]),
    ]);
    const joined = (): unknown[] =>
      world.db
        .prepare('select identity from rating where owner_trace is not null order by identity')
        .all()
        .map(({ identity }) => identity);
    expect(joined()).toEqual(['early word', 'late', 'late word']);
    world.settle();
    const after = world.ledger.status.ratings;
    world.crash();
    world.settle();
    expect(world.ledger.status.ratings).toEqual(after);
    expect(world.differences()).toEqual([]);
    world.end();
  });

  it('the last word counts, and from when it was said, in whatever order three of them come', () => {
    const said = [thumb('up', NOW), thumb('down', NOW + 600_000), thumb('up', NOW + 1_200_000)];
    const tallies = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ].map((order) => {
      const world = begin();
      world.commit([records([span])]);
      for (const i of order) rate(world, said[i]!);
      expect(world.differences()).toEqual([]);
      const tallies = world.tallies();
      world.end();
      return tallies;
    });
    for (const one of tallies) expect(one).toEqual(tallies[0]);
  });

  it('the same without a time is a repeat, and leaves nothing behind', () => {
    const world = begin();
    world.commit([records([span])]);
    rate(world, { ...thumb('up', NOW), isTimed: false });
    expect(rate(world, { ...thumb('up', NOW + 60_000), isTimed: false })).toEqual(['duplicate']);
    expect(world.db.prepare('select count(*) as n from rating').get()).toEqual({ n: 1 });
    world.end();
  });

  it('the same value once more, with an earlier or a later time, is a duplicate', () => {
    const world = begin();
    world.commit([records([span])]);
    rate(world, thumb('up', NOW + 60_000));
    expect(rate(world, thumb('up', NOW), thumb('up', NOW + 120_000))).toEqual(['duplicate', 'duplicate']);
    expect(active(world)).toHaveLength(1);
    expect(world.differences()).toEqual([]);
    world.end();
  });

  it('law: what counts of many words is what the whole history says, in whatever order it comes', () => {
    const words = fc.array(fc.tuple(fc.constantFrom('up', 'down'), fc.nat(6)), { minLength: 2, maxLength: 14 });
    fc.assert(
      fc.property(words, (said) => {
        const world = begin();
        const history: { value: string; at: number }[] = [];
        for (const [value, seconds] of said as ['up' | 'down', number][]) {
          const at = NOW + seconds * 1000;
          const [outcome] = rate(world, thumb(value, at));
          const beside = [history.findLast((one) => one.at <= at), history.find((one) => one.at > at)];
          expect(outcome === 'duplicate').toBe(
            beside.some((one) => one?.value === value) || isKnown(history, value, at),
          );
          if (isKnown(history, value, at)) continue;
          history.splice(history.findLastIndex((one) => one.at <= at) + 1, 0, { value, at });
        }
        const last = history.at(-1)!.value;
        const { at } = history[history.findLastIndex(({ value }) => value !== last) + 1]!;
        const stored = world.db.prepare('select value, at from rating where active = 1').all();
        expect(stored.map((row) => ({ ...row }))).toEqual([{ value: JSON.stringify(last), at }]);
        world.end();
      }),
      { numRuns: 25 },
    );
  });

  it('law: of a conversation the latest turn before it was said is meant, in whatever order turns and words come', () => {
    const events = fc.uniqueArray(fc.record({ isTurn: fc.boolean(), tenths: fc.nat(30) }), {
      minLength: 2,
      maxLength: 12,
      selector: ({ isTurn, tenths }) => `${isTurn} ${tenths}`,
    });
    fc.assert(
      fc.property(events, (come) => {
        const world = begin();
        for (const { isTurn, tenths } of come)
          if (isTurn) world.commit([records([turn(tenths)])]);
          else rate(world, aboutTalk(String(tenths), NOW + tenths * 100));
        const turns = come.filter(({ isTurn }) => isTurn).map(({ tenths }) => tenths);
        const owners = world.db.prepare('select identity, owner_trace from rating order by id').all() as never[];
        expect(
          owners.map(({ identity, owner_trace: owner }) => [identity, owner && Buffer.from(owner).toString()]),
        ).toEqual(
          come
            .filter(({ isTurn }) => !isTurn)
            .map(({ tenths }) => {
              const latest = Math.max(...turns.filter((one) => one <= tenths));
              return [String(tenths), latest < 0 ? null : turn(latest).traceId];
            }),
        );
        expect(world.differences()).toEqual([]);
        world.end();
      }),
      { numRuns: 15 },
    );
  });
});

const isKnown = (history: readonly { value: string; at: number }[], value: string, at: number): boolean =>
  history.some((one) => one.value === value && one.at === at);

describe('a long conversation', () => {
  it('is read once for all words about it that come together', () => {
    const interactionsOfConversation = vi.fn(() => []);
    const finder = new InteractionFinder({ interactionsOfConversation } as unknown as TraceStore, () => 'bot');
    for (let i = 0; i < 100; i++) finder.find(aboutTalk(String(i), NOW));
    expect(interactionsOfConversation).toHaveBeenCalledTimes(1);
    finder.forget();
    finder.find(aboutTalk('one', NOW));
    expect(interactionsOfConversation).toHaveBeenCalledTimes(2);
  });

  it('is not read when its next turn comes, which no word of before it can mean', () => {
    const world = ENGINES[0]!.begin();
    world.commit([records([turn(0), turn(10)])]);
    rate(world, ...[11, 12, 13].map((tenths) => aboutTalk(String(tenths), NOW + tenths * 100)));
    const read = vi.spyOn(Traces.prototype, 'interactionsOfConversation');
    world.commit([records([turn(20)])]);
    expect(read).not.toHaveBeenCalled();
    world.commit([records([turn(12)])]);
    expect(read).toHaveBeenCalledTimes(1);
    read.mockRestore();
    world.end();
  });
});
