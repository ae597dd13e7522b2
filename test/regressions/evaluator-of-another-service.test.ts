import { expect, it } from 'vitest';
import { exchange, objective, service, World } from '../server/world.ts';

const evaluations = { groundedness: { scale: [0, 1], good: 'high', pass: 0.7 } };
const promise = (name: string) =>
  objective(`${name}-groundedness`, {
    service: name,
    measure: { type: 'accuracy', evaluation: 'groundedness' },
    target: 0.9,
  });

// The newest evaluator of a name was sought in the whole deployment: a service scored by an older one counted nothing.
it('services whose evaluations have the same name are each judged by their own evaluator', async () => {
  const world = await World.start({
    services: [service('bot', { evaluations }), service('search', { evaluations })],
    objectives: [promise('bot'), promise('search')],
  });
  try {
    const asked = ['bot', 'search', 'search'].map((name) => exchange(name, world.now));
    await world.spans(asked);
    const score = (index: number, evaluator: string): Promise<unknown> =>
      world.post('/evaluations', {
        evaluations: [{ traceId: asked[index]!.traceId, name: 'groundedness', score: 1, evaluator }],
      });
    await score(0, 'figures');
    await score(1, 'citations');
    await score(2, 'citations');
    world.now += 120_000;
    await world.plimsoll.tick();
    const seen = async (name: string): Promise<number> =>
      (await world.get<{ estimate: { n: number } }>(`/objectives/${name}-groundedness`)).estimate.n;
    expect([await seen('bot'), await seen('search')]).toEqual([1, 2]);
  } finally {
    await world.end();
  }
});
