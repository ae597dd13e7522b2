import { afterEach, expect, it, vi } from 'vitest';
import type { IncidentJson } from '../../../src/model/incident.ts';
import { incidentsOf, Traffic } from '../../scenarios/traffic.ts';
import { StandIn } from '../../standins/http-server.ts';
import { objective, service, World } from '../world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
let world: World;
let receiver: StandIn;
afterEach(async () => {
  await world.end();
  await receiver.stop();
});

it('an incident says when the first destination took the news: in the record alone, and for good', async () => {
  receiver = await StandIn.start();
  receiver.otherwise = { status: 503 };
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
    spec: {
      sinks: [{ name: 'ops', type: 'webhook', url: `${receiver.url}/in`, secret: 'env:OPS' }],
      egress: { allow: ['127.0.0.1'] },
    },
  });
  const traffic = new Traffic(world, 'bot', START);
  await traffic.live(8, { failed: 20 });
  const [opened] = await incidentsOf(world);
  await world.plimsoll.deliver();
  expect(receiver.received.length).toBeGreaterThan(0);
  expect((await incidentsOf(world))[0]!.notifiedAt).toBeNull();

  receiver.otherwise = { status: 200 };
  world.now += 3_600_000;
  await world.post(`/incidents/${opened!.id}/note`, { text: 'nobody was told yet' });
  const notifiedAt = await vi.waitFor(async () => {
    const [incident] = await incidentsOf(world);
    expect(incident!.notifiedAt).not.toBeNull();
    return incident!.notifiedAt;
  });
  expect(notifiedAt).toBe(new Date(world.now).toISOString());
  const { deliveries, timeline } = await world.get<IncidentJson & { deliveries: unknown[] }>(
    `/incidents/${opened!.id}`,
  );
  expect(deliveries).toHaveLength(timeline.length);

  // And what it is told leads somewhere, although the port is any free one.
  const { data } = JSON.parse(receiver.received[0]!.body);
  expect(data.links.incident).toBe(`${world.plimsoll.addresses.http}/incidents/${opened!.id}`);

  world.now += 30_000;
  const noted = await world.post<IncidentJson>(`/incidents/${opened!.id}/note`, { text: 'asked the provider' });
  expect(noted.notifiedAt).toBe(notifiedAt);
  await world.restart();
  expect((await incidentsOf(world))[0]!.notifiedAt).toBe(notifiedAt);
});
