import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { hasPostgres } from '../postgres/server.ts';
import { StandIn } from '../standins/http-server.ts';
import { exchange, objective, service, World } from './world.ts';

const START = Date.parse('2026-11-20T00:00:00Z');
const MINUTE = 60_000;
const LEASE = 10_000;
const OPTIONS = {
  engine: 'postgres',
  now: START,
  services: [service('bot')],
  objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
} as const;

describe.runIf(hasPostgres)('one of two replicas leads', () => {
  let a: World;
  let b: World;

  let receiver: StandIn;

  beforeEach(async () => {
    receiver = await StandIn.start();
    const spec = {
      sinks: [{ name: 'ops', type: 'webhook', url: `${receiver.url}/in`, secret: 'env:OPS' }],
      egress: { allow: ['127.0.0.1'] },
    };
    a = await World.start({ ...OPTIONS, spec });
    b = await a.replica({ spec });
  });

  afterEach(async () => {
    await b.end();
    await a.end();
    await receiver.stop();
  });

  /** Transitions; what is told of targets counts as a change. */
  const told = (): string[] =>
    receiver.received.map(({ body }) => {
      const type: string = JSON.parse(body).type;
      return type.startsWith('dev.plimsoll.incident.') ? type.split('.').at(-2)! : 'updated';
    });

  /** Minutes of traffic by both ways, judged by whoever may. */
  async function live(minutes: number, failed: boolean, ...replicas: World[]): Promise<void> {
    for (let i = 0; i < minutes; i++) {
      a.now += MINUTE;
      b.now = a.now;
      const made = Array.from({ length: 20 }, (_, k) => exchange('bot', a.now - 30_000 + k * 100, { failed }));
      await replicas[0]!.spans(made.slice(0, 10));
      await replicas.at(-1)!.spans(made.slice(10));
      b.now = a.now += 20_000;
      for (const replica of replicas) await replica.plimsoll.tick();
      b.now = a.now -= 20_000;
    }
  }

  const incidentsOf = async (world: World): Promise<IncidentJson[]> =>
    (await world.get<{ incidents: IncidentJson[] }>('/incidents')).incidents;
  const readiness = async ({ plimsoll }: World): Promise<unknown> =>
    (await fetch(`${plimsoll.addresses.http}/readyz`)).json();
  const metricsOf = async ({ plimsoll }: World): Promise<string> =>
    (await fetch(`${plimsoll.addresses.http}/metrics`)).text();

  test('only the leader judges; both say the same of what is promised', async () => {
    expect([a.plimsoll.role, b.plimsoll.role]).toEqual(['leader', 'follower']);
    expect(await readiness(b)).toMatchObject({ status: 'ready', role: 'follower' });
    await live(5, false, a, b);
    const ofA = await a.get('/objectives/up');
    expect(ofA).toMatchObject({ verdict: 'insufficient_evidence', judgedThrough: expect.any(String) });
    expect(await b.get('/objectives/up')).toEqual(ofA);
    expect(await metricsOf(a)).toContain('\nplimsoll_leader 1\n');
    const followed = await metricsOf(b);
    expect(followed).toContain('\nplimsoll_leader 0\n');
    expect(followed).not.toMatch(/^plimsoll_objective_/m);
  });

  test('when the leader falls silent the other one judges on: the incident is opened once, and closed by whoever leads then', async () => {
    await live(10, false, a, b);
    await live(3, true, a, b);
    const before = await incidentsOf(b);
    await World.pass(LEASE - 1, b);
    expect(b.plimsoll.role).toBe('follower');
    await World.pass(2, b);
    expect([a.plimsoll.role, b.plimsoll.role]).toEqual(['follower', 'leader']);
    await live(12, true, b);
    const [incident, ...others] = await incidentsOf(b);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ state: 'new' });
    if (before.length > 0) expect(incident!.id).toBe(before[0]!.id);
    // The old one comes back: it follows.
    await World.pass(0, a);
    await live(60, false, a, b);
    expect(await incidentsOf(a)).toMatchObject([{ id: incident!.id, state: 'resolved' }]);
    await vi.waitFor(() => expect(told().filter((type) => type !== 'updated')).toEqual(['opened', 'resolved']));
  });

  test('what could not be told by one leader is told by the next, and by nobody else', async () => {
    receiver.otherwise = { status: 503 };
    await live(10, false, a, b);
    await live(8, true, a, b);
    await a.plimsoll.deliver();
    expect(receiver.received.length).toBeGreaterThan(0);
    await World.pass(LEASE + 1, b, a);
    expect(b.plimsoll.role).toBe('leader');
    await b.plimsoll.tick();
    await b.plimsoll.deliver();
    const before = receiver.received.length;
    receiver.otherwise = { status: 200 };
    b.now = a.now += 3_600_000;
    await b.plimsoll.tick();
    await a.plimsoll.tick();
    await b.plimsoll.deliver();
    await vi.waitFor(() => expect(told().slice(before)).toContain('opened'));
    expect(
      told()
        .slice(before)
        .filter((type) => type === 'opened'),
    ).toHaveLength(1);
    const [{ id }] = (await incidentsOf(a)) as [IncidentJson];
    await vi.waitFor(async () =>
      expect((await a.get<{ deliveries: unknown[] }>(`/incidents/${id}`)).deliveries[0]).toMatchObject({
        transition: 'opened',
        state: 'delivered',
      }),
    );
  });

  test('who has lost the lease without knowing it writes nothing', async () => {
    await live(10, false, a, b);
    const lease = a.lease.now;
    await World.pass(LEASE + 1, b);
    expect(b.plimsoll.role).toBe('leader');
    // By its own clock it leads still.
    a.lease.now = lease;
    expect(a.plimsoll.role).toBe('leader');
    await live(5, true, a);
    expect(await incidentsOf(a)).toEqual([]);
    expect(a.plimsoll.role).toBe('follower');
    a.lease.now = lease + LEASE + 1;
    await live(5, true, b);
    expect(await incidentsOf(a)).toHaveLength(1);
  });

  test('what a person does on a replica that follows is not undone by the one that leads', async () => {
    await live(10, false, a, b);
    await live(8, true, a, b);
    const [{ id }] = (await incidentsOf(b)) as [IncidentJson];
    const promised = await a.get('/objectives/up');
    expect(promised).toMatchObject({ verdict: 'breached', incident: id });
    expect(await b.get('/objectives/up')).toEqual(promised);
    await b.post(`/incidents/${id}/acknowledge`, {});
    await a.post(`/incidents/${id}/note`, { text: 'seen by a' });
    await b.post(`/incidents/${id}/note`, { text: 'seen by b' });
    await live(60, false, a, b);
    const [incident] = await incidentsOf(b);
    expect(incident).toMatchObject({ id, state: 'resolved', ackedBy: expect.anything() });
    const { timeline } = await a.get<{ timeline: { event: string; text: string }[] }>(`/incidents/${id}`);
    expect(timeline.filter(({ event }) => event === 'note').map(({ text }) => text)).toEqual([
      'seen by a',
      'seen by b',
    ]);
  });

  test('objectives change while one follows: it says so at once, and the leader when its files have changed, too', async () => {
    await live(5, false, a, b);
    const slow = objective('slow', { service: 'bot', measure: { type: 'latency', threshold: '4s' }, target: 0.99 });
    for (const world of [b, a]) {
      const { objectives, ...rest } = world.configuration;
      await world.plimsoll.reconfigure({ ...rest, objectives: [...objectives, slow] });
      const known = await world.get<{ objectives: { name: string }[] }>('/objectives');
      expect(known.objectives.map(({ name }) => name).sort()).toEqual(['slow', 'up']);
      // One of them counts by the old configuration still.
      if (world === b) await live(2, false, a, b);
    }
    await live(3, false, a, b);
    const judged = await a.get('/objectives/slow');
    expect(judged).toMatchObject({ estimate: { n: 200 } });
    expect(await b.get('/objectives/slow')).toEqual(judged);
    await a.plimsoll.recounted;
    expect(a.verify()).toMatchObject({ differing: 0, unsettled: 0 });
  });

  test('a leader that stops in order is followed at once', async () => {
    await a.plimsoll.stop();
    await World.pass(1, b);
    expect(b.plimsoll.role).toBe('leader');
    await a.boot();
    expect(a.plimsoll.role).toBe('follower');
  });
});
