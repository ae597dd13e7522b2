import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EscalationJson } from '../../src/server/api/incident-care.ts';
import type { DeliveryJson } from '../../src/server/api/openapi/outbox.ts';
import { hasPostgres } from '../postgres/server.ts';
import { objective, service, World } from '../server/world.ts';
import { StandIn } from '../standins/http-server.ts';
import { incidentsOf, Traffic } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;
/** How long a lease lasts, ms. */
const LEASE = 10_000;

describe.runIf(hasPostgres)('two replicas on one PostgreSQL', () => {
  let receiver: StandIn;
  let a: World;
  let b: World;

  beforeEach(async () => {
    receiver = await StandIn.start();
    const levels = ['first', 'second'].map((name) => ({ sinks: [name], ackTimeout: '5m' }));
    const spec = {
      sinks: ['first', 'second'].map((name) => ({
        name,
        type: 'webhook',
        url: `${receiver.url}/${name}`,
        secret: 'env:HOOK',
      })),
      egress: { allow: ['127.0.0.1'] },
      escalationPolicies: [{ name: 'on-call', levels }],
    };
    const services = [service('bot', { escalationPolicy: 'on-call' })];
    const objectives = [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })];
    a = await World.start({ engine: 'postgres', now: START, services, objectives, spec });
    b = await a.replica({ services, objectives, spec, now: START });
  });
  afterEach(async () => {
    await b.end();
    await a.end();
    await receiver.stop();
  });

  it('who takes over goes on where the other one was, and each level is told once', async () => {
    const traffic = new Traffic(a, 'bot', START);
    for (let i = 0; i < 15 && (await incidentsOf(a)).length === 0; i++) await traffic.live(1, { failed: 20 });
    const { id } = (await incidentsOf(a))[0]!;
    const detail = (world: World) =>
      world.get<{ escalation: EscalationJson; deliveries: DeliveryJson[] }>(`/incidents/${id}`);
    const delivered = () =>
      vi.waitFor(async () =>
        expect((await detail(a)).deliveries.filter(({ state }) => state === 'pending')).toEqual([]),
      );
    /** A minute in which both want to judge: one of them does. */
    const minute = async () => {
      a.now += MINUTE;
      b.now = a.now;
      await Promise.all([a.plimsoll.tick(), b.plimsoll.tick()]);
      await delivered();
    };
    await delivered();
    for (let i = 0; i < 4; i++) await minute();
    expect((await detail(b)).escalation.calls).toHaveLength(1);
    // The first one does not answer any more in time: the other one leads.
    await World.pass(LEASE + 1, b, a);
    expect([a.plimsoll.role, b.plimsoll.role]).toEqual(['follower', 'leader']);
    for (let i = 0; i < 14; i++) await minute();
    for (const world of [a, b]) {
      const { calls } = (await detail(world)).escalation;
      expect(calls.map(({ level }) => level)).toEqual([1, 2, 1, 2]);
      expect(new Set(calls.map(({ seq }) => seq)).size).toBe(4);
    }
    const told = receiver.received.filter(
      ({ path, body }) => path === '/second' && JSON.parse(body).type === 'dev.plimsoll.incident.escalated.v1',
    );
    expect(told).toHaveLength(3);
  });
});
