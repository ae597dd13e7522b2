import { afterEach, expect, it } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { incidentsOf, Traffic } from '../scenarios/traffic.ts';
import { objective, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
let world: World;
afterEach(() => world.end());

const groundedness = objective('grounded', {
  service: 'bot',
  measure: { type: 'accuracy', evaluation: 'groundedness', pass: '>= 0.7' },
  target: 0.9,
});
const satisfied = objective('satisfied', { service: 'bot', measure: { type: 'satisfaction' }, target: 0.9 });

it('an incident of two promises, one of them no longer heard of, is not stale, and says so once', async () => {
  world = await World.start({
    now: START,
    services: [service('bot', { evaluations: { groundedness: { pass: 0.7 } } })],
    objectives: [groundedness, satisfied],
  });
  const traffic = new Traffic(world, 'bot', START);
  const live = async (minutes: number, scored: boolean, rated: boolean, score: number): Promise<void> => {
    for (let i = 0; i < minutes; i++) {
      const asked = await traffic.pass(1, { perMinute: 10 });
      if (scored) await world.rate(asked.map((one) => ({ exchange: one, score })));
      if (rated)
        await world.post('/feedback', {
          feedback: asked.map((one) => ({
            traceId: one.traceId,
            kind: 'thumbs',
            value: score > 0.5 ? 'up' : 'down',
            at: new Date(one.end + 1000).toISOString(),
          })),
        });
      await traffic.judge();
    }
  };
  await live(10, true, true, 0.1);
  const [incident] = await incidentsOf(world);
  expect(incident!.objectives.toSorted()).toEqual(['grounded', 'satisfied']);

  await live(75, false, true, 0.1);
  const heard = (await incidentsOf(world))[0]!;
  expect(heard.flags).toEqual([]);
  expect(heard.timeline.filter((entry) => entry.event === 'flagged')).toEqual([]);

  await traffic.silence(70);
  const silent = (await incidentsOf(world))[0]!;
  expect([silent.state, silent.flags]).toEqual(['new', ['stale']]);
  expect(silent.timeline.filter((entry) => entry.event === 'flagged')).toHaveLength(1);

  await live(1, true, true, 0.9);
  expect((await incidentsOf(world))[0]!.flags).toEqual([]);
});

it('silence and then an hour of good answers, judged at once: it resolves, and is not stale any more', async () => {
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
  });
  const traffic = new Traffic(world, 'bot', START);
  await traffic.live(8, { failed: 20 });
  await traffic.silence(61);
  expect((await incidentsOf(world))[0]!.flags).toEqual(['stale']);
  await traffic.pass(60);
  await traffic.judge();
  expect(await incidentsOf(world)).toEqual([
    expect.objectContaining({ state: 'resolved', flags: [], closeCode: 'recovered_automatically' }),
  ]);
});

it('nobody is told of silence about an incident that a person has ended', async () => {
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
  });
  const traffic = new Traffic(world, 'bot', START);
  await traffic.live(8, { failed: 20 });
  const cancelled = await world.post<IncidentJson>('/incidents/INC-1/cancel', { reason: 'a test' });
  await traffic.silence(90);
  expect(await incidentsOf(world)).toEqual([cancelled]);
});
