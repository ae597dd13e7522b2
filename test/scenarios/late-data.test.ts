import { afterEach, describe, expect, it } from 'vitest';
import { ENGINES, type World } from '../server/world.ts';
import { incidentsOf, Traffic, verdictOf, worldOfBot } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;

describe.each(ENGINES)('what comes late (%s)', (engine) => {
  let world: World;
  let traffic: Traffic;
  afterEach(async () => {
    await world.post('/settle', {});
    expect(world.verify()).toMatchObject({ differing: 0, unsettled: 0 });
    await world.end();
  });

  async function begin(): Promise<void> {
    world = await worldOfBot(START, engine);
    traffic = new Traffic(world, 'bot', START);
    await traffic.pass(60);
    await traffic.judge();
  }

  it('moves the onset of an incident that is open, which stays the one incident', async () => {
    await begin();
    const held = traffic.make(4, { failed: 20 });
    await traffic.live(6, { failed: 20 });
    const [before] = await incidentsOf(world);
    expect(Date.parse(before!.startedAt)).toBeGreaterThanOrEqual(START + 64 * MINUTE);
    await world.spans(held);
    await traffic.live(1, { failed: 20 });
    const [after, ...others] = await incidentsOf(world);
    expect(others).toEqual([]);
    expect(after).toMatchObject({ id: before!.id, state: 'new', openedAt: before!.openedAt, title: before!.title });
    expect(Date.parse(after!.startedAt)).toBeLessThanOrEqual(START + 61 * MINUTE);
    await world.restart();
    expect((await incidentsOf(world))[0]!.startedAt).toBe(after!.startedAt);
    await traffic.live(40);
    expect(await incidentsOf(world)).toMatchObject([{ state: 'resolved' }]);
  });

  it('takes the evidence back: scores that the evaluator corrects, across a restart', async () => {
    await begin();
    const asked = [];
    for (let i = 0; i < 6; i++) {
      const minute = await traffic.pass(1);
      await world.rate(minute.map((one) => ({ exchange: one, score: 0.1 })));
      asked.push(...minute);
      await traffic.judge();
    }
    expect(await verdictOf(world, 'grounded')).toBe('breached');
    await world.restart();
    await world.rate(asked.map((one) => ({ exchange: one, score: 0.9, laterMs: 10 * MINUTE })));
    await traffic.live(12);
    const [incident, ...others] = await incidentsOf(world);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ state: 'resolved', flags: ['evidence_withdrawn'] });
  });
});
