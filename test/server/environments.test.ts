import { afterAll, beforeAll, expect, it } from 'vitest';
import { exchange, objective, service, World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await World.start({
    services: [service('bot'), service('bot', { environment: 'production' })],
    objectives: [
      objective('bot-availability', {
        service: 'bot',
        environment: 'production',
        measure: { type: 'availability' },
        target: 0.99,
      }),
    ],
  });
  const at = world.now - 90_000;
  await world.spans([exchange('bot', at), exchange('bot', at, { environment: 'staging' })]);
  await world.post('/settle', {});
});
afterAll(() => world.end());

interface Measure {
  readonly measure: string;
  readonly points: readonly { estimate: { n: number } }[];
}
const measures = async (query: string): Promise<[string, number][]> => {
  const answer = await world.get<{ measures: Measure[] }>(
    `/services/bot/measures?step=1h&from=2026-11-19T00:00:00Z${query}`,
  );
  return answer.measures.map(({ measure, points }) => [measure, points[0]!.estimate.n]);
};

it('each environment is measured alone, all of them together, and each measure once', async () => {
  expect(await measures('&environment=production')).toEqual([
    ['availability', 1],
    ['satisfaction', 0],
  ]);
  expect(await measures('&environment=staging')).toEqual([
    ['availability', 1],
    ['satisfaction', 0],
  ]);
  expect(await measures('')).toEqual([
    ['availability', 2],
    ['satisfaction', 0],
  ]);
});
