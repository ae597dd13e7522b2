import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { verifyStore } from '../../src/store/sqlite/verify.ts';
import { type Exchange, exchange, objective, random, service, World } from '../server/world.ts';
import { incidentsOf } from './traffic.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const NOW = Date.parse('2026-11-18T14:20:40Z');
const DAYS = 5;
/** Ratings of a piece are sent with the next one, as they would come behind. */
const PIECE_MS = 8 * 60 * MINUTE;
const OUTAGES = [NOW - 4.3 * DAY, NOW - 1.4 * DAY];
const BAD_ANSWERS = NOW - 3.1 * DAY;
const LASTS = 45 * MINUTE;

const isDuring = (begin: number, at: number): boolean => at >= begin && at < begin + LASTS;

/** One exchange a minute; two outages, and between them an hour of bad answers. */
const history = (): Exchange[] =>
  Array.from({ length: (DAYS * DAY) / MINUTE - 5 }, (_, i) => {
    const at = NOW - DAYS * DAY + i * MINUTE;
    return exchange('bot', at, { failed: OUTAGES.some((begin) => isDuring(begin, at)) });
  });

describe('days that are sent at once', () => {
  let world: World;
  let atOnce: unknown[];
  afterEach(() => world.end());

  async function begin(): Promise<void> {
    world = await World.start({
      now: NOW,
      services: [service('bot', { evaluations: { groundedness: { pass: 0.7 } } })],
      objectives: [
        objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 }),
        objective('grounded', {
          service: 'bot',
          measure: { type: 'accuracy', evaluation: 'groundedness' },
          target: 0.9,
        }),
      ],
    });
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
    ['in order', (pieces: Exchange[][]) => pieces],
    ['from the newest to the oldest', (pieces: Exchange[][]) => pieces.toReversed()],
    ['in any order', (pieces: Exchange[][]) => pieces.toSorted(() => draw() - 0.5)],
  ])('hold the same incidents when they come in pieces %s, judged after each, across a restart', async (_, ordered) => {
    await begin();
    const pieces = ordered([...Map.groupBy(history(), ({ end }) => Math.floor(end / PIECE_MS)).values()]);
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
    expect(verifyStore(world.configuration.deployment.store.path)).toMatchObject({ differing: 0, unsettled: 0 });
  });
});
