import { afterEach, expect, it } from 'vitest';
import { type Exchange, objective, service, World } from '../server/world.ts';
import { incidentsOf, Traffic, verdictOf } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
let world: World;
afterEach(() => world.end());

const judge = (asked: readonly Exchange[], relevance: number[], judged?: number[]): Promise<unknown> =>
  world.post('/evaluations', {
    evaluations: asked.map((one) => ({
      traceId: one.traceId,
      name: 'search',
      evaluator: 'curators',
      relevance,
      ...(judged !== undefined && { judged }),
      at: new Date(one.end + 5000).toISOString(),
    })),
  });

it('retrieval puts the best documents last: an incident about their order; what has no best order is no evidence', async () => {
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [
      objective('order', {
        service: 'bot',
        measure: { type: 'relevance', ranking: { metric: 'ndcg', k: 3 } },
        target: 0.8,
      }),
    ],
  });
  const traffic = new Traffic(world, 'bot', START);
  await judge(await traffic.pass(60), [0, 0, 0]);
  await traffic.judge();
  expect(await verdictOf(world, 'order')).toBe('insufficient_evidence');
  await judge(await traffic.pass(180), [3, 2, 0], [3, 2, 0, 0]);
  await traffic.judge();
  const read = () =>
    world.get<{ verdict: string; estimate: { value: number; n: number; coverage: number } }>('/objectives/order');
  const before = await read();
  expect(before).toMatchObject({
    verdict: 'met',
    judgedBy: 'scores',
    estimate: { measure: 'relevance', subject: 'ndcg@3', value: 1 },
  });
  expect(before.estimate).toMatchObject({ n: 3600, coverage: 3600 / 4800 });
  for (let i = 0; i < 40 && (await incidentsOf(world)).length === 0; i++) {
    await judge(await traffic.pass(1), [0, 2, 3], [3, 3, 3, 2, 0]);
    await traffic.judge();
  }
  expect(await incidentsOf(world)).toMatchObject([{ objectives: ['order'], category: 'ai.relevance.retrieval_miss' }]);
});

it('grades that were judged hold those that were shown; anything else is refused', async () => {
  world = await World.start({ now: START, services: [service('bot')] });
  const traffic = new Traffic(world, 'bot', START);
  const [one] = await traffic.pass(1);
  const evaluation = (more: object) => ({ traceId: one!.traceId, name: 'search', evaluator: 'curators', ...more });
  const answer = await world.post<{ accepted: number; rejected: { index: number }[] }>('/evaluations', {
    evaluations: [
      evaluation({ relevance: [1, 0] }),
      evaluation({ relevance: [2], judged: [1, 0] }),
      evaluation({ judged: [1] }),
      evaluation({ relevance: [1], score: 0.5 }),
      evaluation({ relevance: [-1] }),
      evaluation({ relevance: [] }),
    ],
  });
  expect(answer.accepted).toBe(1);
  expect(answer.rejected.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5]);
  const { evaluations } = await world.get<{ evaluations: object[] }>(`/interactions/${one!.traceId}`);
  expect(evaluations).toMatchObject([{ name: 'search', evaluator: 'curators', relevance: [1, 0] }]);
});
