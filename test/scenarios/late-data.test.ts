import { afterEach, describe, expect, it } from 'vitest';
import { verifyStore } from '../../src/store/sqlite/verify.ts';
import type { World } from '../server/world.ts';
import { incidentsOf, Traffic, verdictOf, worldOfBot } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;

describe('what comes late', () => {
  let world: World;
  let traffic: Traffic;
  afterEach(async () => {
    await world.post('/settle', {});
    expect(verifyStore(world.configuration.deployment.store.path)).toMatchObject({ differing: 0, unsettled: 0 });
    await world.end();
  });

  async function begin(): Promise<void> {
    world = await worldOfBot(START);
    traffic = new Traffic(world, 'bot', START);
    await traffic.pass(60);
    await traffic.judge();
  }

  it('opens an incident about the past, which says that it was found late and when it was', async () => {
    await begin();
    const broke = traffic.at;
    const late = traffic.make(8, { failed: 20 });
    await traffic.pass(60);
    await traffic.judge();
    expect(await incidentsOf(world)).toEqual([]);
    await world.spans(late);
    await traffic.judge();
    const [incident] = await incidentsOf(world);
    expect(incident).toMatchObject({ state: 'resolved', detectedLate: true, closeCode: 'recovered_automatically' });
    expect(Math.abs(Date.parse(incident!.startedAt) - broke)).toBeLessThanOrEqual(MINUTE);
    expect(Date.parse(incident!.detectedAt)).toBeLessThan(Date.parse(incident!.openedAt) - 30 * MINUTE);
    expect(Date.parse(incident!.resolvedAt!)).toBeLessThanOrEqual(traffic.at);
    expect(incident!.timeline[0]!.event).toBe('opened');
    expect(incident!.timeline.at(-1)!.event).toBe('resolved');
  });

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

  it('takes the evidence back: spans of the same minutes that were well', async () => {
    await begin();
    const from = traffic.at;
    await traffic.live(4, { perMinute: 4, failed: 4 });
    expect(await verdictOf(world, 'up')).toBe('breached');
    traffic.at = from;
    const rest = traffic.make(4, { perMinute: 1000 });
    await world.spans(rest);
    await traffic.live(1);
    const [incident, ...others] = await incidentsOf(world);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ state: 'resolved', flags: ['evidence_withdrawn'] });
    expect(incident!.description).toContain('data that came later took back the breach');
    expect(await verdictOf(world, 'up')).not.toBe('breached');
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

  it('takes the recovery back: the incident is open again, and ends when it does', async () => {
    await begin();
    await traffic.live(6, { failed: 20 });
    const from = traffic.at;
    await traffic.live(30, { perMinute: 3 });
    expect(await incidentsOf(world)).toMatchObject([{ state: 'resolved' }]);
    const now = traffic.at;
    traffic.at = from;
    const hidden = traffic.make(30, { perMinute: 20, failed: 20 });
    traffic.at = now;
    await world.spans(hidden);
    await traffic.live(1);
    expect(await incidentsOf(world)).toMatchObject([{ id: 'INC-1', state: 'in_progress', resolvedAt: null }]);
    expect(await verdictOf(world, 'up')).toBe('breached');
    await traffic.live(40);
    expect(await incidentsOf(world)).toMatchObject([{ id: 'INC-1', state: 'resolved', flags: [] }]);
  });

  it('fills the gap between two breaches of two records: one goes on, nothing is withdrawn', async () => {
    await begin();
    await traffic.live(6, { failed: 20 });
    const from = traffic.at;
    await traffic.pass(100, { perMinute: 3 });
    await traffic.judge();
    await traffic.live(6, { failed: 20 });
    expect(await incidentsOf(world)).toMatchObject([
      { id: 'INC-2', state: 'new', recurrenceOf: 'INC-1' },
      { id: 'INC-1', state: 'resolved' },
    ]);
    const now = traffic.at;
    traffic.at = from;
    const hidden = traffic.make(100, { perMinute: 20, failed: 20 });
    traffic.at = now;
    await world.spans(hidden);
    await traffic.live(1, { failed: 20 });
    const [second, first] = await incidentsOf(world);
    expect(first).toMatchObject({ id: 'INC-1', state: 'resolved', flags: [] });
    expect(second).toMatchObject({ id: 'INC-2', state: 'new', flags: [] });
    await traffic.live(40);
    expect((await incidentsOf(world)).map(({ state }) => state)).toEqual(['resolved', 'resolved']);
  });
});
