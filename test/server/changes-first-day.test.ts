import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChangeDetailJson } from '../../src/server/api/openapi/changes.ts';
import { exchange, objective, random, service, World } from './world.ts';

const START = Date.parse('2026-11-20T10:00:00Z');
const MINUTE = 60_000;
const DAY = 1440;
const chance = random(29);

let world: World;
let at = START;
beforeAll(async () => {
  world = await World.start({
    now: START,
    services: [service('bot', { changes: 'review' })],
    objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.95 })],
  });
}, 60_000);
afterAll(() => world.end());

async function pass(minutes: number): Promise<void> {
  const asked = Array.from({ length: minutes }, (_, i) =>
    exchange('bot', at + i * MINUTE + 500, { failed: chance() < 0.01 }),
  );
  at += minutes * MINUTE;
  world.now = at;
  await world.spans(asked);
  world.now = at + 20_000;
  expect(await world.plimsoll.tick()).not.toBeNull();
}

it('a change of a service that is two days old is reviewed by its first day, also by a tick that comes late', async () => {
  await pass(DAY);
  await world.post('/changes', { changes: [{ id: 'corpus-2', service: 'bot', type: 'retrieval_corpus', after: '2' }] });
  await pass(DAY + 30);
  const { review } = await world.get<ChangeDetailJson>('/changes/corpus-2');
  expect(review).toMatchObject({
    result: 'successful',
    findings: [{ objective: 'up', compared: 'times', decision: 'approve', before: { n: DAY }, after: { n: DAY } }],
  });
  expect(review!.text).toContain('its first day with the day before: there is no week before');
}, 120_000);
