import { afterEach, expect, it, vi } from 'vitest';
import { Writer } from '../../src/store/writer.ts';
import { incidentsOf, Traffic } from '../scenarios/traffic.ts';
import { objective, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
let world: World;
afterEach(async () => {
  vi.restoreAllMocks();
  await world.end();
});

it('a tick that could not be stored leaves nothing behind: the next one opens the incident, once, under the same number', async () => {
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
    spec: { sinks: [{ name: 'ops', type: 'webhook', url: 'https://ops.example.com/in', secret: 'env:OPS' }] },
  });
  const traffic = new Traffic(world, 'bot', START);
  const write = Writer.prototype.write;
  let refused = 0;
  vi.spyOn(Writer.prototype, 'write').mockImplementation(function (this: Writer, item, rows) {
    const opens =
      item.type === 'statements' && item.statements.some((one) => 'sql' in one && one.sql.includes('"outbox"'));
    if (!opens || refused > 0) return write.call(this, item, rows);
    refused++;
    return Promise.reject(new Error('the disk is full'));
  });
  await traffic.pass(8, { failed: 20 });
  world.now += 20_000;
  expect(await world.plimsoll.tick()).toBeNull();
  expect(refused).toBe(1);
  expect(await incidentsOf(world)).toEqual([]);
  await traffic.judge();
  const { deliveries } = await world.get<{ deliveries: { transition: string; seq: number }[] }>('/incidents/INC-1');
  expect(deliveries.map(({ transition, seq }) => [transition, seq])).toEqual([
    ['opened', 1],
    ['updated', 2],
  ]);
});
