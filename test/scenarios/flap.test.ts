import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { objective, service, World } from '../server/world.ts';
import { StandIn } from '../standins/http-server.ts';
import { incidentsOf, Traffic } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');

describe('a service that comes and goes', () => {
  let world: World;
  let receiver: StandIn;
  let traffic: Traffic;
  /** Of incidents: of the problem that they become it hears, too. */
  const told = (): string[] =>
    receiver.received.flatMap(({ body }) => {
      const { subject, type } = JSON.parse(body);
      if (!subject.startsWith('INC-')) return [];
      // News of a timer are about the record, too.
      return `${subject.split('/')[0]} ${type.includes('.sla.') ? 'updated' : type.split('.').at(-2)}`;
    });
  const toldNow = (last: string): Promise<void> => vi.waitFor(() => expect(told().at(-1)).toBe(last));

  beforeAll(async () => {
    receiver = await StandIn.start();
    world = await World.start({
      now: START,
      services: [service('bot')],
      objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
      spec: {
        sinks: [{ name: 'ops', type: 'webhook', url: `${receiver.url}/in`, secret: 'env:OPS' }],
        egress: { allow: ['127.0.0.1'] },
      },
    });
    traffic = new Traffic(world, 'bot', START);
    await traffic.pass(60);
    await traffic.judge();
  });
  afterAll(async () => {
    await world.end();
    await receiver.stop();
  });

  it('breaks, and recovers', async () => {
    await traffic.live(6, { failed: 20 });
    await traffic.live(30);
    expect(await incidentsOf(world)).toMatchObject([{ id: 'INC-1', state: 'resolved', recurrenceOf: null }]);
    await toldNow('INC-1 resolved');
  });

  it('breaks again within the hour: the same record is opened again, a restart in between or not', async () => {
    await traffic.live(10);
    await world.restart();
    await traffic.live(6, { failed: 20 });
    const incidents = await incidentsOf(world);
    expect(incidents).toMatchObject([{ id: 'INC-1', state: 'in_progress', resolvedAt: null, closeCode: null }]);
    expect(incidents[0]!.breaches).toHaveLength(1);
    expect(incidents[0]!.breaches[0]!.recoveredAt).toBeNull();
    await vi.waitFor(() => expect(told().filter((one) => one === 'INC-1 reopened')).toHaveLength(1));
    await traffic.live(40);
    expect(await incidentsOf(world)).toMatchObject([{ id: 'INC-1', state: 'resolved' }]);
  });

  it('breaks again after more than an hour: a new record, that says which one it repeats', async () => {
    await traffic.pass(70);
    await traffic.judge();
    await traffic.live(6, { failed: 20 });
    expect(await incidentsOf(world)).toMatchObject([
      { id: 'INC-2', state: 'new', recurrenceOf: 'INC-1' },
      { id: 'INC-1', state: 'resolved' },
    ]);
    await vi.waitFor(() =>
      expect(told().filter((one) => one.endsWith(' opened'))).toEqual(['INC-1 opened', 'INC-2 opened']),
    );
  });

  it('and every transition was told once, in the order of its record', async () => {
    for (const { id } of await incidentsOf(world)) {
      const { deliveries } = await world.get<{ deliveries: { transition: string; seq: number; state: string }[] }>(
        `/incidents/${id}`,
      );
      await vi.waitFor(() =>
        expect(told().filter((one) => one.startsWith(`${id} `))).toEqual(
          deliveries.map(({ transition }) => `${id} ${transition}`),
        ),
      );
      expect(deliveries.map(({ seq }) => seq)).toEqual(deliveries.map((_one, i) => i + 1));
    }
  });
});
