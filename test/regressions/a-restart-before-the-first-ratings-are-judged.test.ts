import { afterEach, expect, it } from 'vitest';
import { incidentsOf, Traffic, worldOfBot } from '../scenarios/traffic.ts';
import { type Exchange, objective, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;
const BAD = { from: START + 60 * MINUTE, to: START + 100 * MINUTE };

let world: World;
afterEach(() => world.end());

const isBad = ({ end }: Exchange): boolean => end >= BAD.from && end < BAD.to;

const found = async (): Promise<unknown[]> =>
  (await incidentsOf(world)).map(({ state, startedAt, resolvedAt, detectedLate, objectives }) => ({
    state,
    startedAt,
    resolvedAt,
    detectedLate,
    objectives,
  }));

// Whether nobody had rated before, or the configuration was another one, only the process knew that saw the first rating: after a restart the
// bad answers were taken for the past of an objective that is new, and nobody was told of them.
it.each<[string, () => Promise<unknown>]>([
  ['nothing', async () => {}],
  ['a restart', () => world.restart()],
  [
    'a reload of other settings',
    () => world.plimsoll.reconfigure({ ...world.configuration, services: [service('bot', { evaluations, owner })] }),
  ],
])(
  'the first ratings are late ones of the past, and %s comes before they are judged: they are judged late',
  async (_, between) => {
    world = await worldOfBot(START);
    const traffic = new Traffic(world, 'bot', START);
    const asked = await traffic.pass(240);
    await traffic.judge();
    await world.rate(asked.map((one) => ({ exchange: one, score: isBad(one) ? 0.1 : 0.9 })));
    await between();
    await traffic.live(2);
    expect(await found()).toEqual([
      {
        state: 'resolved',
        startedAt: '2026-11-18T01:00:00.000Z',
        resolvedAt: '2026-11-18T01:55:00.000Z',
        detectedLate: true,
        objectives: ['grounded'],
      },
    ]);
  },
);

const evaluations = { groundedness: { pass: 0.7 } };
const owner = { name: 'Somebody Else' };

// An objective that has been changed has nothing to judge for a moment. When a new evaluator was seen just then, the minutes before the
// change were its business again: what the new one said of them opened incidents of what had been judged before.
it('a new evaluator, seen when an objective has just been changed, rates nothing anew that was judged by what it was before', async () => {
  const grounded = (target: number) =>
    objective('grounded', { service: 'bot', measure: { type: 'accuracy', evaluation: 'groundedness' }, target });
  world = await World.start({
    now: START,
    services: [service('bot', { evaluations })],
    objectives: [grounded(0.5)],
  });
  const traffic = new Traffic(world, 'bot', START);
  const asked = await traffic.pass(240);
  const scores = asked.map((one, i) => ({ exchange: one, score: isBad(one) && i % 5 < 2 ? 0.1 : 0.9 }));
  await world.rate(scores);
  await traffic.judge();
  world.configuration = { ...world.configuration, objectives: [grounded(0.9)] };
  await world.restart();
  await traffic.judge();
  await world.post('/evaluations', {
    evaluations: scores.map(({ exchange: { traceId, end }, score }) => ({
      traceId,
      name: 'groundedness',
      score,
      evaluator: 'another',
      at: new Date(end + 6000).toISOString(),
    })),
  });
  await traffic.live(2);
  expect(await found()).toEqual([]);
});
