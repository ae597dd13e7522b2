import { expect, it } from 'vitest';
import { incidentsOf, Traffic } from '../scenarios/traffic.ts';
import { type Exchange, objective, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');

const correct = (label: string) =>
  objective('correct', { service: 'bot', measure: { type: 'accuracy', label }, target: 0.9 });

// An objective on a label that nobody gives has nothing to judge. When its name was put right it began with that minute, and the first label
// that came late made it judge the whole store: it opened incidents of last week.
it('an objective whose label had a wrong name knows the past when it is put right, and opens nothing of what is over', async () => {
  const world = await World.start({ now: START, services: [service('bot')], objectives: [correct('corect')] });
  const traffic = new Traffic(world, 'bot', START);
  const label = (asked: readonly Exchange[], value: (i: number) => boolean): Promise<unknown> =>
    world.post('/labels', {
      labels: asked.map(({ traceId, end }, i) => ({
        traceId,
        name: 'correct',
        value: value(i),
        source: 'team',
        at: new Date(end + 1000).toISOString(),
      })),
    });
  const pass = async (minutes: number, value: (i: number) => boolean): Promise<void> => {
    await label(await traffic.pass(minutes), value);
    await traffic.judge();
  };
  try {
    await pass(120, () => true);
    await pass(120, (i) => i % 10 < 5);
    await pass(240, () => true);
    const late = await traffic.pass(1);
    await pass(60, () => true);
    world.configuration = { ...world.configuration, objectives: [correct('correct')] };
    await world.restart();
    await pass(60, () => true);
    expect(await incidentsOf(world)).toEqual([]);
    await label(late, () => true);
    await pass(10, () => true);
    expect(await incidentsOf(world)).toEqual([]);
    // What breaks from now on is an incident as ever.
    await pass(60, (i) => i % 10 < 5);
    expect(await incidentsOf(world)).toMatchObject([{ id: 'INC-1', state: 'new' }]);
  } finally {
    await world.end();
  }
});
