import { afterEach, expect, it, vi } from 'vitest';
import { incidentsOf, Traffic } from '../scenarios/traffic.ts';
import { objective, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
let world: World;
afterEach(() => world.end());

const grounded = (pass: string) =>
  objective('grounded', {
    service: 'bot',
    measure: { type: 'accuracy', evaluation: 'groundedness', pass },
    target: 0.9,
  });
const fast = (threshold: string) =>
  objective('fast', { service: 'bot', measure: { type: 'latency', threshold }, target: 0.9 });

async function history(objectives: World['configuration']['objectives']): Promise<Traffic> {
  world = await World.start({
    now: START,
    services: [service('bot', { evaluations: { groundedness: { pass: 0.7 } } })],
    objectives,
  });
  const traffic = new Traffic(world, 'bot', START);
  for (let i = 0; i < 3; i++) {
    const asked = await traffic.pass(300, { perMinute: 4 });
    await world.rate(asked.map((one) => ({ exchange: one, score: 0.9 })));
  }
  await traffic.judge();
  return traffic;
}

it.each([
  ['was not there before', []],
  ['counted with other limits before', [grounded('>= 0.5'), fast('9s')]],
])('an objective that %s is not judged by minutes that are still counted the old way', async (_what, before) => {
  const traffic = await history(before);
  world.configuration = { ...world.configuration, objectives: [grounded('>= 0.8'), fast('4s')] };
  await world.restart();
  await traffic.live(5, { perMinute: 4 });
  expect(await incidentsOf(world)).toEqual([]);
  // The rest is counted again little by little; then the estimate is right.
  await vi.waitFor(async () => {
    await world.plimsoll.tick();
    for (const name of ['grounded', 'fast']) {
      const { estimate } = await world.get<{ estimate: { n: number; value: number } }>(`/objectives/${name}`);
      expect([name, estimate.n >= 3600, estimate.value]).toEqual([name, true, 1]);
    }
  });
  expect(await incidentsOf(world)).toEqual([]);
});

it('a breach that was over before its objective was there gets a record when late data show that it is not', async () => {
  const traffic = await history([]);
  await traffic.pass(8, { failed: 20 });
  const from = traffic.at;
  await traffic.pass(30, { perMinute: 3 });
  await traffic.judge();
  world.configuration = {
    ...world.configuration,
    objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
  };
  await world.restart();
  await traffic.live(2, { perMinute: 3 });
  expect(await incidentsOf(world)).toEqual([]);
  const now = traffic.at;
  traffic.at = from;
  const hidden = traffic.make(32, { failed: 20 });
  traffic.at = now;
  await world.spans(hidden);
  await traffic.judge();
  expect(await incidentsOf(world)).toMatchObject([
    { id: 'INC-1', state: 'new', objectives: ['up'], detectedLate: true },
  ]);
});
