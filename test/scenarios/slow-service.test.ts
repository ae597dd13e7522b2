import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objective, service, World } from '../server/world.ts';
import { incidentsOf, Traffic, verdictOf } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');

describe('a service becomes slow, in one of its two environments', () => {
  let world: World;
  let production: Traffic;
  let staging: Traffic;

  beforeAll(async () => {
    const fast = { service: 'bot', kind: 'SLA', measure: { type: 'latency', threshold: '4s' }, target: 0.95 };
    world = await World.start({
      now: START,
      services: [
        service('bot', { environment: 'production', criticality: 1 }),
        service('bot', { environment: 'staging', criticality: 4 }),
      ],
      objectives: [
        objective('fast', { ...fast, environment: 'production' }),
        objective('fast-staging', { ...fast, environment: 'staging' }),
      ],
    });
    production = new Traffic(world, 'bot', START);
    staging = new Traffic(world, 'bot', START);
    await both(120, 0);
    await production.judge();
  });
  afterAll(() => world.end());

  async function both(minutes: number, slow: number): Promise<void> {
    await production.pass(minutes, { slow });
    await staging.pass(minutes, { more: { environment: 'staging' } });
  }

  it('opens an incident for that one, about latency, as an SLA', async () => {
    for (let i = 0; i < 8; i++) {
      await both(1, 16);
      await production.judge();
    }
    const incidents = await incidentsOf(world);
    expect(incidents).toHaveLength(1);
    expect(incidents[0]).toMatchObject({
      environment: 'production',
      objectives: ['fast'],
      category: 'ai.availability.latency',
      kind: 'SLA',
      impact: 1,
    });
    expect(incidents[0]!.title).toContain('answers within 4s off target');
    expect(incidents[0]!.evidence.estimate).toMatchObject({ measure: 'latency', subject: '4s', status: 'ok' });
    expect(await verdictOf(world, 'fast-staging')).toBe('met');
    const staged = await world.get<{ incidents: unknown[] }>('/incidents?environment=staging');
    expect(staged.incidents).toEqual([]);
  });

  it('failures are not slow answers: an outage on top adds nothing to what latency counts', async () => {
    const before = await world.get<{ estimate: { n: number } }>('/objectives/fast');
    await production.pass(1, { failed: 20, slow: 20 });
    await production.judge();
    const after = await world.get<{ estimate: { n: number } }>('/objectives/fast');
    expect(after.estimate.n).toBe(before.estimate.n);
  });

  it('a restart in the middle changes nothing', async () => {
    const before = await incidentsOf(world);
    await world.restart();
    await production.judge();
    expect(await incidentsOf(world)).toEqual(before);
    expect(await verdictOf(world, 'fast')).toBe('breached');
  });

  it('resolves when it is fast again', async () => {
    staging.at = production.at;
    for (let i = 0; i < 4; i++) {
      await both(10, 0);
      await production.judge();
    }
    expect(await incidentsOf(world)).toMatchObject([{ state: 'resolved', closeCode: 'recovered_automatically' }]);
  });
});
