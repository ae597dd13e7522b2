import { expect, it } from 'vitest';
import { incidentsOf, Traffic } from '../scenarios/traffic.ts';
import { objective, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;
const TWO_DAYS = 2880;

// Of exactly two days ago a checkpoint was neither written again by a replay nor dropped: the next replay began with what it
// knew before, and an incident that had been over was opened again for good.
it('what comes late two days after an hour has ended is judged once and for all', async () => {
  const world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
  });
  try {
    const judgedThrough = async (minute: number): Promise<void> => {
      world.now = START + (minute + 1) * MINUTE + 20_000;
      const report = await world.plimsoll.tick();
      expect(report?.horizon).toBe(START / MINUTE + minute);
    };
    const hourEnd = 119;
    world.now = START + (hourEnd + TWO_DAYS) * MINUTE;
    const past = new Traffic(world, 'bot', START);
    await world.spans(past.make(30));
    await judgedThrough(hourEnd + TWO_DAYS - 1);
    past.at = START + 100 * MINUTE;
    await world.spans([...past.make(30, { failed: 20 }), ...past.make(60)]);
    await judgedThrough(hourEnd + TWO_DAYS);
    const [incident, ...others] = await incidentsOf(world);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ state: 'resolved' });
    past.at = START + 125 * MINUTE;
    await world.spans(past.make(1, { perMinute: 1, failed: 1 }));
    await judgedThrough(hourEnd + TWO_DAYS + 1);
    expect(await incidentsOf(world)).toEqual([incident]);
  } finally {
    await world.end();
  }
});
