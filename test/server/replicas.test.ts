import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasPostgres } from '../postgres/server.ts';
import { type Exchange, exchange, objective, service, World } from './world.ts';

const BOT = service('bot', { evaluations: { groundedness: { pass: 0.7 } } });
const AVAILABILITY = objective('bot-availability', {
  service: 'bot',
  kind: 'SLO',
  measure: { type: 'availability' },
  target: 0.99,
  window: { rolling: '7d' },
});
const GROUNDED = objective('bot-grounded', {
  service: 'bot',
  kind: 'XLA',
  measure: { type: 'accuracy', evaluation: 'groundedness' },
  target: 0.8,
});
const START = Date.parse('2026-11-20T00:00:00Z');

interface Shown {
  readonly interactions: { readonly spanId: string }[];
  readonly calls: unknown[];
  readonly feedback: { readonly value: unknown }[];
}

describe.runIf(hasPostgres)('two replicas on one PostgreSQL', () => {
  let a: World;
  let b: World;

  beforeEach(async () => {
    a = await World.start({ engine: 'postgres', services: [BOT], objectives: [AVAILABILITY, GROUNDED], now: START });
    b = await a.replica();
  });

  afterEach(async () => {
    await b.end();
    await a.end();
  });

  const shownBy = (world: World, { traceId }: Exchange): Promise<Shown> => world.get(`/interactions/${traceId}`);

  test('the same span sent to both counts once, whichever asks', async () => {
    const one = exchange('bot', START - 1000);
    const two = exchange('bot', START - 900);
    await Promise.all([a.spans([one, two]), b.spans([one, two])]);
    await b.spans([one]);
    for (const world of [a, b]) {
      expect((await shownBy(world, one)).interactions).toHaveLength(1);
      expect(await countedBy(world)).toBe(2);
    }
  });

  test('a trace whose spans come by both ways is one interaction', async () => {
    const traceId = 'abcdef0123456789abcdef0123456789';
    const agent = exchange('bot', START - 1000, {
      traceId,
      spanId: '00000000000000a1',
      durationMs: 2000,
      operation: 'invoke_agent',
    });
    const call = exchange('bot', START - 1500, {
      traceId,
      spanId: '00000000000000b2',
      parentSpanId: agent.spanId,
      model: 'a model that only one of them has heard of',
    });
    await b.spans([call]);
    expect((await shownBy(a, call)).interactions).toHaveLength(1);
    await a.spans([agent]);
    for (const world of [a, b]) {
      const { interactions, calls } = await shownBy(world, agent);
      expect(interactions).toHaveLength(1);
      expect(calls).toHaveLength(1);
      expect(await countedBy(world)).toBe(1);
    }
  });

  test('feedback that lands on the other replica joins, whichever comes first', async () => {
    const one = exchange('bot', START - 1000);
    const two = exchange('bot', START - 900);
    const thumb = ({ traceId }: Exchange): object => ({ feedback: [{ traceId, kind: 'thumbs', value: 'down' }] });
    await a.spans([one]);
    expect(await b.post('/feedback', thumb(one))).toMatchObject({ accepted: 1, pending: 0 });
    expect(await b.post('/feedback', thumb(two))).toMatchObject({ accepted: 0, pending: 1 });
    await a.spans([two]);
    for (const world of [a, b])
      for (const exchanged of [one, two])
        expect((await shownBy(world, exchanged)).feedback).toMatchObject([{ value: 'down' }]);
    const { measures } = await a.get<{ measures: { measure: string; points: { estimate: { n: number } }[] }[] }>(
      `/services/bot/measures?from=${new Date(START - 60_000).toISOString()}&to=${new Date(START).toISOString()}&step=1m`,
    );
    expect(measures.find(({ measure }) => measure === 'satisfaction')!.points[0]!.estimate).toMatchObject({ n: 2 });
  });

  test('what only one of them has heard of is judged by the other', async () => {
    for (let minute = 0; minute < 5; minute++) {
      const asked = Array.from({ length: 10 }, (_, i) => exchange('bot', b.now - 30_000 + i * 100));
      await b.spans(asked);
      await b.rate(asked.map((one) => ({ exchange: one, score: 0.9 })));
      b.now = a.now += 60_000;
      await a.plimsoll.tick();
    }
    expect(a.plimsoll.role).toBe('leader');
    expect(await a.get('/objectives/bot-grounded')).toMatchObject({ estimate: { n: 50, value: 1 } });
    const { services } = await a.get<{ services: { name: string }[] }>('/services');
    await b.spans([exchange('nobody-knows', b.now - 1000)]);
    await a.plimsoll.tick();
    const after = await a.get<{ services: { name: string }[] }>('/services');
    expect(after.services.map(({ name }) => name)).toEqual(
      [...services.map(({ name }) => name), 'nobody-knows'].sort(),
    );
  });

  test('names have the same codes on both, whoever sees them first', async () => {
    await a.spans([exchange('bot', START - 1000, { model: 'first seen by a' })]);
    await b.spans([exchange('bot', START - 900, { model: 'first seen by b' })]);
    await a.spans([exchange('bot', START - 800, { model: 'first seen by b' })]);
    for (const world of [a, b]) {
      const { interactions } = await world.get<{ interactions: { responseModel: string }[] }>(
        '/services/bot/interactions',
      );
      expect(interactions.map(({ responseModel }) => responseModel)).toEqual([
        'first seen by b',
        'first seen by b',
        'first seen by a',
      ]);
    }
  });
});

/** What tallies say of the minute before the start. */
async function countedBy(world: World): Promise<number> {
  const { measures } = await world.get<{ measures: { measure: string; points: { estimate: { n: number } }[] }[] }>(
    `/services/bot/measures?from=${new Date(START - 60_000).toISOString()}&to=${new Date(START).toISOString()}&step=1m`,
  );
  return measures.find(({ measure }) => measure === 'availability')!.points[0]!.estimate.n;
}
