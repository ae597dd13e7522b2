import { expect, it } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { exchange, objective, service, World } from '../server/world.ts';

const MINUTE = 60_000;

// An objective that was a report has seen nothing, and so was taken for one that had had nothing to judge: with the first span that
// came late it was judged from the beginning of the store, and opened incidents of last week.
it('an objective that was a report begins when it is judged, late data or not', async () => {
  const of = (name: string, measure: object, target: number) => objective(name, { service: 'bot', measure, target });
  const others = [of('up', { type: 'availability' }, 0.5), of('fast', { type: 'latency', threshold: '4s' }, 0.5)];
  const world = await World.start({
    services: [service('bot')],
    objectives: [...others, of('all', { type: 'composite', rule: 'worst', of: ['up', 'fast'] }, 0.9)],
  });
  const pass = async (minutes: number, failed: (i: number) => boolean): Promise<void> => {
    const asked = Array.from({ length: minutes * 10 }, (_, i) =>
      exchange('bot', world.now + i * 6000, { failed: failed(i) }),
    );
    world.now += minutes * MINUTE;
    await world.spans(asked);
    world.now += 20_000;
    expect(await world.plimsoll.tick()).not.toBeNull();
    world.now -= 20_000;
  };
  try {
    await pass(120, () => false);
    await pass(240, (i) => i % 10 < 4);
    await pass(240, () => false);
    world.configuration = { ...world.configuration, objectives: [...others, of('all', { type: 'availability' }, 0.9)] };
    await world.restart();
    await pass(60, () => false);
    await world.spans([exchange('bot', world.now - 100 * MINUTE)]);
    await pass(60, () => false);
    const { incidents } = await world.get<{ incidents: IncidentJson[] }>('/incidents');
    expect(incidents).toEqual([]);
  } finally {
    await world.end();
  }
});
