import { afterEach, expect, it } from 'vitest';
import { objective, service, World } from '../server/world.ts';
import { incidentsOf, Traffic, verdictOf } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
let world: World;
afterEach(() => world.end());

const streamed = (seconds: number) => ({ attributes: { 'gen_ai.response.time_to_first_chunk': seconds } });

it('answers begin late, though they end in time: an incident about the first token, with its quantiles', async () => {
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [
      objective('prompt', {
        service: 'bot',
        measure: { type: 'time_to_first_token', threshold: '500ms' },
        target: 0.95,
      }),
      objective('fast', { service: 'bot', measure: { type: 'latency', threshold: '4s' }, target: 0.95 }),
    ],
  });
  const traffic = new Traffic(world, 'bot', START);
  await traffic.pass(120, { more: streamed(0.2) });
  await traffic.judge();
  expect(await verdictOf(world, 'prompt')).toBe('met');
  await traffic.live(8, { more: streamed(0.7) });
  const [incident, ...others] = await incidentsOf(world);
  expect(others).toEqual([]);
  expect(incident).toMatchObject({ objectives: ['prompt'], category: 'ai.availability.latency' });
  expect(incident!.title).toContain('first tokens within 500ms');
  expect(incident!.traces.bad).toHaveLength(5);
  expect(await verdictOf(world, 'fast')).toBe('met');
  const { timeToFirstToken } = await world.get<{ timeToFirstToken: Record<string, unknown>[] }>(
    `/services/bot/measures?step=1h&from=${new Date(START).toISOString()}&to=${new Date(START + 3_600_000).toISOString()}`,
  );
  expect(timeToFirstToken).toHaveLength(1);
  expect(timeToFirstToken[0]).toMatchObject({ n: 1200 });
  expect(timeToFirstToken[0]!['p99Ms']).toBeCloseTo(200, -1);
  await traffic.live(60, { more: streamed(0.2) });
  expect(await incidentsOf(world)).toMatchObject([{ state: 'resolved' }]);
});

it('where nobody says when the first token came the verdict is that there is no evidence', async () => {
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [
      objective('prompt', {
        service: 'bot',
        measure: { type: 'time_to_first_token', threshold: '500ms' },
        target: 0.95,
      }),
    ],
  });
  const traffic = new Traffic(world, 'bot', START);
  await traffic.pass(60);
  await traffic.judge();
  expect(await verdictOf(world, 'prompt')).toBe('insufficient_evidence');
  const { estimate } = await world.get<{ estimate: object }>('/objectives/prompt');
  expect(estimate).toMatchObject({ status: 'undefined', value: null, n: 0, coverage: 0 });
});
