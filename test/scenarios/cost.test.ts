import { afterEach, expect, it } from 'vitest';
import { objective, service, World } from '../server/world.ts';
import { incidentsOf, Traffic, verdictOf } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const HOUR = 3_600_000;
let world: World;
afterEach(() => world.end());

interface Costs {
  cost: { currency: string; points: { value: number; n: number; coverage: number }[] }[];
  tokens: { n: number; input: number; output: number; cachedInput: number }[];
}
const measured = (): Promise<Costs> =>
  world.get<Costs>(
    `/services/bot/measures?step=1h&from=${new Date(START).toISOString()}&to=${new Date(START + HOUR).toISOString()}`,
  );

it('prompts grow and answers become dear: an incident, by prices that are published', async () => {
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [
      objective('cheap', { service: 'bot', measure: { type: 'cost', perInteraction: 0.001 }, target: 0.95 }),
    ],
  });
  const traffic = new Traffic(world, 'bot', START);
  await traffic.pass(60);
  await traffic.judge();
  // gpt-4o-mini: 120 tokens at 0.15 and 40 at 0.60 for a million.
  const each = (120 * 0.15 + 40 * 0.6) / 1e6;
  const { cost, tokens } = await measured();
  expect(cost).toMatchObject([{ currency: 'USD', points: [{ n: 1200, coverage: 1 }] }]);
  expect(cost[0]!.points[0]!.value).toBeCloseTo(1200 * each, 9);
  expect(tokens).toMatchObject([{ n: 1200, input: 144_000, output: 48_000 }]);
  const { dependencies } = await world.get<{ dependencies: object[] }>(
    `/services/bot/dependencies?from=${new Date(START).toISOString()}`,
  );
  expect(dependencies).toMatchObject([
    { provider: 'openai', tokens: { n: 1200, input: 144_000 }, cost: { currency: 'USD', n: 1200 } },
  ]);
  expect(await verdictOf(world, 'cheap')).toBe('met');
  await traffic.live(8, { more: { inputTokens: 20_000 } });
  const [incident] = await incidentsOf(world);
  expect(incident).toMatchObject({ objectives: ['cheap'], category: 'ai.cost.token_runaway' });
  expect(incident!.title).toContain('answers for at most 0.001 USD');
});

it('of models without a price nothing is held to be free: the verdict is that there is no evidence', async () => {
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [objective('cheap', { service: 'bot', measure: { type: 'cost', perInteraction: 0.001 } })],
  });
  const traffic = new Traffic(world, 'bot', START);
  await traffic.pass(60, { more: { model: 'house-model', attributes: { 'gen_ai.request.model': 'house-model' } } });
  await traffic.judge();
  expect(await verdictOf(world, 'cheap')).toBe('insufficient_evidence');
  expect(await world.get('/objectives/cheap')).toMatchObject({ estimate: { status: 'undefined', coverage: 0 } });
  expect((await measured()).cost).toEqual([{ currency: 'USD', points: [] }]);
});

it('a price of the own file counts after a restart also for what came before', async () => {
  world = await World.start({ now: START, services: [service('bot')] });
  const traffic = new Traffic(world, 'bot', START);
  await traffic.pass(30, { more: { model: 'house-model', attributes: { 'gen_ai.request.model': 'house-model' } } });
  await traffic.judge();
  const prices = { currency: 'EUR', models: [{ provider: 'openai', model: 'house-model', input: 2, output: 10 }] };
  world.configuration = { ...world.configuration, services: [service('bot', { prices })] };
  await world.restart();
  await traffic.pass(30, { more: { model: 'house-model', attributes: { 'gen_ai.request.model': 'house-model' } } });
  await traffic.judge();
  await expect
    .poll(async () => (await measured()).cost)
    .toMatchObject([{ currency: 'EUR', points: [{ n: 1200, coverage: 1, value: expect.closeTo(1200 * 0.00064, 9) }] }]);
});

it('what the telemetry itself says that it cost wins', async () => {
  world = await World.start({ now: START, services: [service('bot')] });
  const traffic = new Traffic(world, 'bot', START);
  await traffic.pass(10, { more: { attributes: { 'gen_ai.usage.cost': 0.25 } } });
  await traffic.pass(10, { more: { attributes: { 'gen_ai.usage.cost': 0 } } });
  await traffic.judge();
  const { cost } = await measured();
  expect(cost[0]!.points[0]!.value).toBeCloseTo(200 * 0.25 + 200 * 0.000042, 9);
});

it('a day has a limit: its sum is exact, reported and never an incident', async () => {
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [objective('budget', { service: 'bot', measure: { type: 'cost', perDay: 0.05 } })],
  });
  const traffic = new Traffic(world, 'bot', START);
  const read = () => world.get<Record<string, unknown>>('/objectives/budget');
  await traffic.pass(30);
  await traffic.judge();
  expect(await read()).toMatchObject({
    judgedBy: 'report',
    verdict: 'met',
    target: 0.05,
    estimate: { measure: 'cost_per_day', subject: 'USD', value: 0.0252, low: null, high: null, n: 600, coverage: 1 },
  });
  await traffic.pass(30);
  await traffic.pass(1, { more: { model: 'house-model', attributes: { 'gen_ai.request.model': 'house-model' } } });
  await traffic.judge();
  const spent = await read();
  expect(spent).toMatchObject({ verdict: 'at_risk', estimate: { value: 0.0504, n: 1200, coverage: 1200 / 1220 } });
  expect(spent['reason']).toContain('it is not known what they cost');
  expect(await incidentsOf(world)).toEqual([]);
  traffic.at = START + 24 * HOUR;
  await traffic.pass(10);
  await traffic.judge();
  expect(await read()).toMatchObject({ verdict: 'met', estimate: { value: 0.0084, n: 200 } });
});
