import { afterEach, expect, it } from 'vitest';
import { Traffic, worldOfBot } from '../scenarios/traffic.ts';
import type { World } from './world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
let world: World;
afterEach(() => world.end());

it('an evaluator that has stopped while the service is used is a finding, once a day has passed', async () => {
  world = await worldOfBot(START);
  const traffic = new Traffic(world, 'bot', START);
  const gaps = async () =>
    (await world.get<{ findings: { kind: string; evidence: object }[] }>('/services/bot')).findings.filter(
      ({ kind }) => kind === 'monitoring_gap',
    );
  const scored = await traffic.pass(60);
  await world.rate(scored.map((exchange) => ({ exchange, score: 0.9 })));
  await traffic.judge();
  await traffic.pass(12 * 60, { perMinute: 1 });
  await traffic.judge();
  expect(await gaps()).toEqual([]);
  await traffic.pass(13 * 60, { perMinute: 1 });
  await traffic.judge();
  expect(await gaps()).toMatchObject([{ evidence: { objective: 'grounded' } }]);
});
