import { afterEach, expect, it } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { incidentsOf, Traffic, verdictOf } from '../scenarios/traffic.ts';
import { objective, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
let world: World;
let traffic: Traffic;
afterEach(() => world.end());

const available = (target: number) => objective('up', { service: 'bot', measure: { type: 'availability' }, target });

async function broken(): Promise<void> {
  world = await World.start({ now: START, services: [service('bot')], objectives: [available(0.99)] });
  traffic = new Traffic(world, 'bot', START);
  await traffic.live(8, { failed: 20 });
  expect(await verdictOf(world, 'up')).toBe('breached');
}

async function configured(objectives: World['configuration']['objectives']): Promise<void> {
  world.configuration = { ...world.configuration, objectives };
  await world.restart();
}

it('an objective that is no longer there: what was open of it ends, and says why', async () => {
  await broken();
  await configured([]);
  const [incident] = await incidentsOf(world);
  expect(incident).toMatchObject({ state: 'resolved', closeCode: 'no_resolution' });
  expect(incident!.closeNotes).toContain('no longer in the configuration');
  await traffic.live(5, { failed: 20 });
  expect(await incidentsOf(world)).toEqual([incident]);
});

it('a promise that has changed and is still broken: ended, and opened again by the judging that is now in force', async () => {
  await broken();
  await configured([available(0.95)]);
  expect((await incidentsOf(world))[0]).toMatchObject({ state: 'resolved', closeCode: 'no_resolution' });
  expect(await verdictOf(world, 'up')).not.toBe('breached');
  await traffic.live(6, { failed: 20 });
  const incidents = await incidentsOf(world);
  expect(incidents).toHaveLength(1);
  expect(incidents[0]).toMatchObject({ id: 'INC-1', state: 'in_progress' });
  expect(incidents[0]!.evidence.target).toBe(0.95);
  await traffic.live(40);
  expect((await incidentsOf(world))[0]).toMatchObject({ state: 'resolved', closeCode: 'recovered_automatically' });
});

it('a stricter promise does not judge the past, whatever comes late', async () => {
  world = await World.start({ now: START, services: [service('bot')], objectives: [available(0.9)] });
  traffic = new Traffic(world, 'bot', START);
  const late = traffic.make(1);
  // Two hours in which every twentieth fails: 0.9 is kept, 0.99 would not have been.
  await traffic.pass(120, { failed: 1 });
  await traffic.judge();
  expect(await incidentsOf(world)).toEqual([]);
  await configured([available(0.99)]);
  await traffic.live(2);
  await world.spans(late);
  await traffic.live(2);
  expect(await incidentsOf(world)).toEqual([]);
});

// Nothing is kept of an objective before its first checkpoint: it was taken for one that has had nothing to judge.
it('nor does one that is made stricter within its first hour', async () => {
  const start = Date.parse('2026-11-18T00:15:00Z');
  world = await World.start({ now: start, services: [service('bot')], objectives: [available(0.5)] });
  traffic = new Traffic(world, 'bot', start);
  const late = traffic.make(1);
  await traffic.pass(30, { failed: 8 });
  await traffic.judge();
  await configured([available(0.99)]);
  await traffic.live(2);
  await world.spans(late);
  await traffic.live(2);
  expect(await incidentsOf(world)).toEqual([]);
});

it('an objective that nothing is known of yet judges what comes late all the same', async () => {
  world = await World.start({
    now: START,
    services: [service('bot', { evaluations: { groundedness: { pass: 0.7 } } })],
    objectives: [
      objective('grounded', { service: 'bot', measure: { type: 'accuracy', evaluation: 'groundedness' }, target: 0.9 }),
    ],
  });
  traffic = new Traffic(world, 'bot', START);
  const past = new Traffic(world, 'bot', START - 86_400_000);
  const bad = await past.pass(30);
  await world.rate(bad.map((one) => ({ exchange: one, score: 0.1 })));
  const good = await past.pass(60);
  await world.rate(good.map((one) => ({ exchange: one, score: 0.9 })));
  await traffic.judge();
  const [incident] = await incidentsOf(world);
  expect(incident).toMatchObject({ state: 'resolved', detectedLate: true } satisfies Partial<IncidentJson>);
  expect(Date.parse(incident!.resolvedAt!)).toBeLessThan(START);
});
