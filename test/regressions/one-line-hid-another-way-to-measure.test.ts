import { afterEach, expect, it } from 'vitest';
import type { EstimateJson } from '../../src/model/estimate.ts';
import { Traffic } from '../scenarios/traffic.ts';
import { objective, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const HOUR = 3_600_000;
let world: World;
afterEach(() => world.end());

interface Line {
  readonly measure: string;
  readonly subject: string | null;
  readonly objectives: string[];
  readonly response?: object | null;
  readonly points: { estimate: EstimateJson }[];
}

/**
 * Of two objectives on one label, one by random ones and one by those of volunteers, only the first had a line; an objective on the
 * response rate took the line of satisfaction away; the cost of an hour was drawn as one of a day, against the limit of a day.
 */
it('what is measured in several ways has a line for each of them, under the names of its objectives', async () => {
  const of = (name: string, measure: object, target?: number) =>
    objective(name, { service: 'bot', measure, ...(target === undefined ? {} : { target }) });
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [
      of('random', { type: 'accuracy', label: 'correct', sampling: 'random' }, 0.7),
      of('strict', { type: 'accuracy', label: 'correct', sampling: 'random' }, 0.9),
      of('volunteers', { type: 'accuracy', label: 'correct', sampling: 'voluntary' }, 0.7),
      of('answered', { type: 'satisfaction', responseRate: true }, 0.05),
      of('day', { type: 'cost', perDay: 5 }),
    ],
  });
  const traffic = new Traffic(world, 'bot', START);
  const asked = await traffic.pass(20);
  const labels = asked.map(({ traceId, end }, i) => ({
    traceId,
    at: new Date(end + 1000).toISOString(),
    name: 'correct',
    source: 'audit',
    value: i % 2 === 0 || i % 4 === 1,
    sampling: i % 2 === 0 ? 'random' : 'voluntary',
  }));
  await world.post('/labels', { labels });
  await world.post('/feedback', { feedback: [{ traceId: asked[0]!.traceId, kind: 'thumbs', value: 'up' }] });
  await traffic.judge();
  const linesOf = async (step: string): Promise<Line[]> => {
    const until = new Date(START + 24 * HOUR).toISOString();
    const path = `/services/bot/measures?from=${new Date(START).toISOString()}&to=${until}&step=${step}`;
    return (await world.get<{ measures: Line[] }>(path)).measures;
  };
  const lines = await linesOf('1h');
  const named = (name: string) => lines.find(({ objectives }) => objectives.includes(name));
  expect(named('random')).toMatchObject({ subject: 'correct', objectives: ['random', 'strict'] });
  expect(named('random')!.points[0]!.estimate).toMatchObject({ method: 'labels', value: 1, n: 200 });
  expect(named('volunteers')!.points[0]!.estimate).toMatchObject({ method: 'voluntary_labels', value: 0.5, n: 200 });
  expect(named('volunteers')!.response).toMatchObject({ n: 200 });
  expect(lines.filter(({ measure }) => measure === 'satisfaction').map(({ subject }) => subject)).toEqual([
    'response rate',
    null,
  ]);
  const { estimate } = await world.get<{ estimate: EstimateJson }>('/objectives/answered');
  expect([named('answered')!.points[0]!.estimate.maturity, estimate.maturity]).toEqual([null, null]);
  expect(named('day')).toBeUndefined();
  expect((await linesOf('1d')).find(({ measure }) => measure === 'cost_per_day')).toMatchObject({
    objectives: ['day'],
  });
});
