import { expect, it } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { exchange, objective, service, World } from '../server/world.ts';

const MINUTE = 60_000;

// What an objective had been when it was taken out of the configuration was still there when it was put in again: it went on from there,
// and opened incidents of the time in which nobody had wanted it.
it('an objective that is put in again learns from the time in which it was away, and opens nothing of it', async () => {
  const up = objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.9 });
  const fast = objective('fast', { service: 'bot', measure: { type: 'latency', threshold: '4s' }, target: 0.9 });
  const world = await World.start({ services: [service('bot')], objectives: [up, fast] });
  const pass = async (minutes: number, failed: number): Promise<void> => {
    const asked = Array.from({ length: minutes * 10 }, (_, i) =>
      exchange('bot', world.now + i * 6000, { failed: i % 10 < failed }),
    );
    world.now += minutes * MINUTE;
    await world.spans(asked);
    world.now += 20_000;
    expect(await world.plimsoll.tick()).not.toBeNull();
    world.now -= 20_000;
  };
  const incidents = async (): Promise<IncidentJson[]> =>
    (await world.get<{ incidents: IncidentJson[] }>('/incidents')).incidents;
  try {
    await pass(120, 0);
    await pass(60, 4);
    await pass(240, 0);
    const before = await incidents();
    expect(before).toMatchObject([{ id: 'INC-1', state: 'resolved' }]);
    world.configuration = { ...world.configuration, objectives: [fast] };
    await world.restart();
    await pass(240, 4);
    await pass(240, 0);
    world.configuration = { ...world.configuration, objectives: [fast, up] };
    await world.restart();
    await pass(60, 0);
    expect((await incidents()).map(({ id, state }) => [id, state])).toEqual([['INC-1', 'resolved']]);
    await pass(60, 4);
    expect((await incidents()).map(({ state }) => state)).toEqual(['new', 'resolved']);
  } finally {
    await world.end();
  }
});
