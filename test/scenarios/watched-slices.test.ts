import { afterEach, expect, it } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { objective, service, World } from '../server/world.ts';
import { incidentsOf, Traffic, verdictOf } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;
const WHOLE = 38;
const PART = 2;
let world: World;
afterEach(() => world.end());

/** A service of which one prompt version, the 8, answers a twentieth of the traffic. */
async function start(slices: readonly string[]): Promise<void> {
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [
      objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.95, alert: { slices } }),
    ],
  });
}

async function pass(minutes: number, partFails: boolean, part = PART): Promise<void> {
  for (let i = 0; i < minutes; i++) {
    const whole = new Traffic(world, 'bot', world.now);
    // One in a minute and a half fails whatever happens.
    const rest = whole.make(1, { perMinute: WHOLE, failed: i % 3 === 0 ? 1 : 0 });
    const other = new Traffic(world, 'bot', world.now);
    const ofPart =
      part === 0 ? [] : other.make(1, { perMinute: part, failed: partFails ? part : 0, more: { promptVersion: '8' } });
    world.now = whole.at;
    await world.spans([...rest, ...ofPart]);
  }
}

async function judge(): Promise<void> {
  world.now += 20_000;
  expect(await world.plimsoll.tick()).not.toBeNull();
  world.now -= 20_000;
}

/** Minutes from when the part broke until an incident opened; null when none did. */
async function found(minutes: number): Promise<number | null> {
  for (let i = 1; i <= minutes; i++) {
    await pass(1, true);
    await judge();
    if ((await incidentsOf(world)).length > 0) return i;
  }
  return null;
}

it('a twentieth of the traffic that breaks is found by its own detector long before the service shows it', async () => {
  await start([]);
  await pass(180, false);
  await judge();
  const byService = (await found(60)) ?? 60;
  await world.end();

  await start(['prompt_version']);
  await pass(180, false);
  await judge();
  expect(await found(60)).toBeLessThanOrEqual(byService / 2);
  const [incident] = (await incidentsOf(world)) as [IncidentJson];
  const { evidence } = incident.breaches[0]!;
  expect(evidence.slice).toMatchObject({ dimension: 'prompt_version', value: '8' });
  expect(evidence.slice!.bad).toBe(evidence.slice!.n);
  expect(evidence.sinceOnset!.n).toBeGreaterThan(evidence.slice!.n);
  expect(evidence.detector).toMatchObject({ name: 'sequential', page: false });
  expect(incident.traces.bad).not.toEqual([]);
  expect(incident.description).toContain('prompt_version=8');
  expect(await verdictOf(world, 'up')).toBe('breached');
  // The prompt is taken back: nothing is left of it, and an hour later the promise is kept again.
  await pass(75, false, 0);
  await judge();
  expect(await incidentsOf(world)).toMatchObject([{ id: incident.id, state: 'resolved' }]);
  expect(await verdictOf(world, 'up')).not.toBe('breached');
});

it('when the whole service breaks as well there is one incident, and a slice that comes after joins it', async () => {
  await start(['prompt_version']);
  await pass(180, false);
  await judge();
  expect(await found(45)).not.toBeNull();
  for (let i = 0; i < 10; i++) {
    const traffic = new Traffic(world, 'bot', world.now);
    await traffic.pass(1, { perMinute: 40, failed: 40 });
    await judge();
  }
  const incidents = await incidentsOf(world);
  expect(incidents).toHaveLength(1);
  expect(incidents[0]!.timeline.map(({ text }) => text).join('\n')).toContain('the sequential detector sees it too');
});

it('late data of a slice are judged as if they had come in time, and a restart changes nothing', async () => {
  await start(['prompt_version']);
  await pass(180, false);
  await judge();
  // The prompt breaks, but its spans come an hour late.
  const broken = new Traffic(world, 'bot', world.now).make(30, {
    perMinute: PART,
    failed: PART,
    more: { promptVersion: '8' },
  });
  await pass(90, false, 0);
  await judge();
  expect(await incidentsOf(world)).toEqual([]);
  await world.restart();
  await world.spans(broken);
  await judge();
  const [incident] = (await incidentsOf(world)) as [IncidentJson];
  expect(incident.breaches[0]!.evidence.slice).toMatchObject({ value: '8' });
  expect(Date.parse(incident.startedAt)).toBe(START + 180 * MINUTE);
});
