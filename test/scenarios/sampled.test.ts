import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objective, service, World } from '../server/world.ts';
import { incidentsOf, Traffic, verdictOf } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
/** One in four was kept; and every one. */
const ONE_IN_FOUR = { traceState: 'ot=th:c' };
const ALL = { traceState: 'ot=th:0' };

interface Judged {
  readonly estimate: { n: number; value: number; low: number; sampled?: { represents: number; effective: number } };
  readonly budget: { consumed: number };
}

describe('a service whose good traces are sampled, one in four, and whose failed ones are all kept', () => {
  let world: World;
  let bot: Traffic;

  beforeAll(async () => {
    world = await World.start({
      now: START,
      services: [service('bot', { criticality: 1 }), service('shop', { criticality: 1 })],
      objectives: [
        objective('up', { service: 'bot', kind: 'SLO', measure: { type: 'availability' }, target: 0.95 }),
        objective('shop-up', { service: 'shop', kind: 'SLO', measure: { type: 'availability' }, target: 0.95 }),
      ],
    });
    bot = new Traffic(world, 'bot', START);
    const shop = new Traffic(world, 'shop', START);
    await shop.pass(180);
    // 76 good and 2 failed a minute, of which 19 and 2 are seen: 2.6 % bad, where the seen alone say 9.5 %.
    for (let i = 0; i < 180; i++) await sampledMinute(19, 2);
    await bot.judge();
  });
  afterAll(() => world.end());

  async function sampledMinute(good: number, failed: number): Promise<void> {
    const begin = bot.at;
    await bot.pass(1, { perMinute: good, more: ONE_IN_FOUR });
    bot.at = begin;
    await bot.pass(1, { perMinute: failed, failed, more: ALL });
  }

  it('is judged by what its traces stand for: it keeps its promise', async () => {
    expect(await verdictOf(world, 'up')).toBe('met');
    const { estimate, budget } = await world.get<Judged>('/objectives/up');
    expect(estimate.n).toBe(180 * 21);
    expect(estimate.sampled!.represents).toBe(180 * 78);
    expect(estimate.sampled!.effective).toBeCloseTo((180 * 78 ** 2) / (19 * 16 + 2), 2);
    expect(estimate.value).toBeCloseTo(76 / 78, 9);
    expect(estimate.low).toBeGreaterThan(0.95);
    expect(budget.consumed).toBeCloseTo(2 / 78 / 0.05, 9);
  });

  it('says so only where it is so', async () => {
    const { estimate } = await world.get<Judged>('/objectives/shop-up');
    expect(estimate).not.toHaveProperty('sampled');
    const metrics = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
    const represented = metrics.split('\n').filter((line) => line.startsWith('plimsoll_measure_represented_events{'));
    expect(represented.every((line) => line.includes('service="bot"'))).toBe(true);
    expect(represented).toContainEqual(expect.stringMatching(/window="28d".* 14040$/));
    expect(metrics).toMatch(/plimsoll_measure_effective_events\{.*service="bot".*window="28d".*\} 3578/);
  });

  it('its history is weighted too', async () => {
    const { measures } = await world.get<{
      measures: { measure: string; points: { estimate: Judged['estimate'] }[] }[];
    }>('/services/bot/measures?step=1h');
    const { points } = measures.find(({ measure }) => measure === 'availability')!;
    expect(points[0]!.estimate).toMatchObject({ n: 60 * 21, sampled: { represents: 60 * 78 } });
    expect(points[0]!.estimate.value).toBeCloseTo(76 / 78, 9);
  });

  it('an outage that is sampled like the rest opens an incident, whose text says what it rests on', async () => {
    for (let i = 0; i < 8; i++) {
      await bot.pass(1, { perMinute: 20, failed: 10, more: ONE_IN_FOUR });
      await bot.judge();
    }
    const [incident] = await incidentsOf(world);
    expect(incident).toMatchObject({ state: 'new', objectives: ['up'] });
    expect(incident!.description).toMatch(
      /Traces are sampled: the \d+ that were seen stand for about \d+, and tell as much as \d+ unsampled ones\./,
    );
    expect(incident!.evidence.sinceOnset!.n % 20).toBe(0);
    expect(incident!.evidence.estimate.sampled!.represents).toBeGreaterThan(incident!.evidence.estimate.n);
  });

  it('a restart changes nothing, it ends when the failures do, and every tally is the fold of its rows', async () => {
    const before = await world.get<Judged>('/objectives/up');
    await world.restart();
    await bot.judge();
    expect((await world.get<Judged>('/objectives/up')).estimate).toEqual(before.estimate);
    await bot.live(30, { perMinute: 20, more: ONE_IN_FOUR });
    expect(await incidentsOf(world)).toMatchObject([{ state: 'resolved', closeCode: 'recovered_automatically' }]);
    const { compared, differing } = world.verify();
    expect(compared).toBeGreaterThan(200);
    expect(differing).toBe(0);
  });
});
