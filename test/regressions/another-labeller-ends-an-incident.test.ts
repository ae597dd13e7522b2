import { afterEach, expect, it } from 'vitest';
import { incidentsOf, Traffic, verdictOf } from '../scenarios/traffic.ts';
import { objective, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
let world: World;
afterEach(() => world.end());

it('labels of somebody who has not labelled before are counted from their first on, and an open incident stays open', async () => {
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [
      objective('correct', { service: 'bot', measure: { type: 'accuracy', label: 'correct' }, target: 0.9 }),
    ],
  });
  const traffic = new Traffic(world, 'bot', START);
  async function labelled(minutes: number, source: string, value: boolean): Promise<void> {
    for (let i = 0; i < minutes; i++) {
      const asked = await traffic.pass(1, { perMinute: 10 });
      const labels = asked.map((one) => ({
        traceId: one.traceId,
        name: 'correct',
        value,
        source,
        sampling: 'random',
        at: new Date(one.end + 2000).toISOString(),
      }));
      await world.post('/labels', { labels });
      await traffic.judge();
    }
  }
  await labelled(8, 'dana', false);
  expect(await verdictOf(world, 'correct')).toBe('breached');
  await labelled(3, 'kim', false);
  expect(await incidentsOf(world)).toMatchObject([{ id: 'INC-1', state: 'new' }]);
  const { estimate } = await world.get<{ estimate: { n: number } }>('/objectives/correct');
  expect(estimate.n).toBe(110);
  await world.restart();
  await labelled(40, 'kim', true);
  expect(await incidentsOf(world)).toMatchObject([{ state: 'resolved', closeCode: 'recovered_automatically' }]);
});
