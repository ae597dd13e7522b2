import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Exchange, exchange, random, type World } from '../server/world.ts';
import { incidentsOf, worldOfBot } from './traffic.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const NOW = Date.parse('2026-11-18T14:20:40Z');
const DAYS = 4;
/** Ratings of a piece are sent with the next one, as they would come behind. */
const PIECE_MS = 8 * 60 * MINUTE;
const OUTAGES = [NOW - 3.4 * DAY, NOW - 1.2 * DAY];
const BAD_ANSWERS = NOW - 2.3 * DAY;
const LASTS = 45 * MINUTE;

const isDuring = (begin: number, at: number): boolean => at >= begin && at < begin + LASTS;

/** Two exchanges a minute, one of them of a sampled trace; two outages, and between them a time of bad answers. */
const history = (): Exchange[] =>
  Array.from({ length: (2 * DAYS * DAY) / MINUTE - 10 }, (_, i) => {
    const at = NOW - DAYS * DAY + (i * MINUTE) / 2;
    const failed = OUTAGES.some((begin) => isDuring(begin, at));
    return exchange('bot', at, { failed, traceState: i % 2 === 0 ? '' : 'ot=th:c' });
  });

const byTime = (all: Exchange[]): Exchange[][] => [
  ...Map.groupBy(all, ({ end }) => Math.floor(end / PIECE_MS)).values(),
];

describe('days that are sent afterwards', () => {
  let world: World;
  let atOnce: unknown[];
  afterEach(() => world.end());

  async function begin(): Promise<void> {
    world = await worldOfBot(NOW);
    await world.plimsoll.tick();
  }

  const rate = (exchanges: readonly Exchange[]): Promise<void> =>
    world.rate(exchanges.map((one) => ({ exchange: one, score: isDuring(BAD_ANSWERS, one.end) ? 0.1 : 0.9 })));

  /** In event order: what began when, and when it was over. */
  async function found(): Promise<unknown[]> {
    return (await incidentsOf(world))
      .map(({ category, state, startedAt, resolvedAt, objectives }) => ({
        category,
        state,
        startedAt,
        resolvedAt,
        objectives,
      }))
      .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  }

  beforeAll(async () => {
    await begin();
    const all = history();
    await world.spans(all);
    await rate(all);
    expect(await world.plimsoll.tick()).not.toBeNull();
    atOnce = await found();
    await world.end();
    expect(atOnce).toMatchObject([
      { category: 'ai.availability.error_rate', state: 'resolved' },
      { category: 'ai.hallucination.ungrounded', state: 'resolved' },
      { category: 'ai.availability.error_rate', state: 'resolved' },
    ]);
  });

  const draw = random(7);
  it.each([
    ['in order', byTime],
    ['from the newest to the oldest', (all: Exchange[]) => byTime(all).toReversed()],
    ['in any order', (all: Exchange[]) => byTime(all).toSorted(() => draw() - 0.5)],
    ['each of the whole time', (all: Exchange[]) => [...Map.groupBy(all, () => Math.floor(draw() * 9)).values()]],
  ])('hold the same incidents when they come in pieces %s, judged after each, across a restart', async (_, cut) => {
    await begin();
    const pieces = cut(history());
    let unrated: Exchange[] = [];
    for (const [i, piece] of pieces.entries()) {
      await world.spans(piece);
      await rate(unrated);
      unrated = piece;
      if (i % 3 === 2) world.now += MINUTE;
      expect(await world.plimsoll.tick()).not.toBeNull();
      if (i === 7) await world.restart();
    }
    await rate(unrated);
    expect(await world.plimsoll.tick()).not.toBeNull();
    expect(await found()).toEqual(atOnce);
    await world.post('/settle', {});
    expect(world.verify()).toMatchObject({ differing: 0, unsettled: 0 });
  });
});
