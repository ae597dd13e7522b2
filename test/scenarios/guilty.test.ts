import { afterEach, expect, it } from 'vitest';
import { type Exchange, exchange, objective, service, World } from '../server/world.ts';
import { incidentsOf, Traffic } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;
let world: World;
afterEach(() => world.end());

it('two models and two prompts, of which one pair fails: the pair is named, with traces of it', async () => {
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.95 })],
  });
  const traffic = new Traffic(world, 'bot', START);
  const kinds = ['a', 'b', 'c'].flatMap((model) => ['7', '8', '9'].map((promptVersion) => ({ model, promptVersion })));
  async function minute(failing: boolean): Promise<void> {
    const made: Exchange[] = traffic.make(1, { perMinute: 36 }).map((one, i) => {
      const kind = kinds[i % kinds.length]!;
      return { ...one, ...kind, failed: failing && kind.model === 'b' && kind.promptVersion === '8' };
    });
    world.now = Math.max(world.now, traffic.at);
    await world.spans(made);
  }
  for (let i = 0; i < 150; i++) await minute(false);
  await traffic.judge();
  let found = await incidentsOf(world);
  for (let i = 0; i < 30 && found.length === 0; i++) {
    await minute(true);
    await traffic.judge();
    found = await incidentsOf(world);
  }
  const [incident] = found;
  expect(incident!.slices.map(({ name }) => name)).toEqual(['response_model=b & prompt_version=8']);
  expect(incident!.slices[0]).toMatchObject({
    dimension: 'response_model & prompt_version',
    share: 1,
    baselineShare: 0,
    // Without it nothing would have failed.
    restored: { withAll: expect.closeTo(1 / 9, 1), without: 0 },
  });
  expect(incident!.description).toMatch(
    /It is associated with this; that this is its cause is not shown\. Without response_model=b & prompt_version=8, 0 % would have been bad since the onset, not \d+(\.\d)? %\./,
  );
  expect(incident!.traces.bad).toHaveLength(5);
  for (const trace of incident!.traces.bad) {
    const { interactions } = await world.get<{ interactions: Record<string, unknown>[] }>(`/interactions/${trace}`);
    expect(interactions).toMatchObject([{ responseModel: 'b', promptVersion: '8', status: 'error' }]);
  }
});

it('thumbs that come half an hour late: the prompt that was bad then is named, not the one of now', async () => {
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [objective('liked', { service: 'bot', measure: { type: 'satisfaction' }, target: 0.8 })],
  });
  const asked: Exchange[] = [];
  const say = (from: number, minutes: number, promptVersion: string): void => {
    for (let i = 0; i < minutes; i++)
      for (let k = 0; k < 10; k++)
        asked.push(exchange('bot', START + (from + i) * MINUTE + 10_000 + k * 4000, { promptVersion }));
  };
  say(0, 180, '7');
  say(180, 12, '8');
  say(192, 60, '7');
  const rate = (from: number, to: number): Promise<unknown> =>
    world.post('/feedback', {
      feedback: asked
        .filter((one) => one.end >= START + from * MINUTE && one.end < START + to * MINUTE)
        .map((one) => ({
          traceId: one.traceId,
          kind: 'thumbs',
          value: one.promptVersion === '8' ? 'down' : 'up',
          at: new Date(one.end + 30 * MINUTE).toISOString(),
        })),
    });
  world.now = START + 252 * MINUTE;
  await world.spans(asked);
  await rate(0, 180);
  world.now = START + 211 * MINUTE;
  await world.plimsoll.tick();
  expect(await incidentsOf(world)).toEqual([]);
  for (let i = 181; i <= 192; i++) {
    world.now = START + (i + 31) * MINUTE + 20_000;
    await rate(i - 1, i);
    await world.plimsoll.tick();
  }
  const [incident] = await incidentsOf(world);
  expect(incident!.slices[0]).toMatchObject({ name: 'prompt_version=8', share: 1 });
  expect(incident!.changes).toMatchObject([{ type: 'prompt', after: '8', origin: 'observed' }]);
  for (const trace of incident!.traces.bad) {
    const { interactions } = await world.get<{ interactions: Record<string, unknown>[] }>(`/interactions/${trace}`);
    expect(interactions).toMatchObject([{ promptVersion: '8' }]);
  }
  expect(incident!.traces.bad).toHaveLength(5);
});

it('a change of another environment is no suspect', async () => {
  world = await World.start({
    now: START,
    services: [service('bot', { environment: 'production' }), service('bot', { environment: 'staging' })],
    objectives: [
      objective('up', { service: 'bot', environment: 'production', measure: { type: 'availability' }, target: 0.99 }),
    ],
  });
  const traffic = new Traffic(world, 'bot', START);
  await traffic.pass(60);
  await traffic.judge();
  const change = (id: string, environment?: string) => ({
    id,
    service: 'bot',
    type: 'prompt',
    at: new Date(traffic.at).toISOString(),
    ...(environment === undefined ? {} : { environment }),
  });
  await world.post('/changes', {
    changes: [change('CHG-1', 'production'), change('CHG-2', 'staging'), change('CHG-3')],
  });
  await traffic.live(6, { failed: 20 });
  const [incident] = await incidentsOf(world);
  expect(incident!.changes.map(({ id }) => id).toSorted()).toEqual(['CHG-1', 'CHG-3']);
});
