import { afterEach, expect, it, vi } from 'vitest';
import { Writer } from '../../../src/store/writer.ts';
import { incidentsOf, Traffic } from '../../scenarios/traffic.ts';
import { StandIn } from '../../standins/http-server.ts';
import { objective, service, World } from '../world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
let world: World;
let pager: StandIn;
let backup: StandIn;
afterEach(async () => {
  vi.restoreAllMocks();
  await world.end();
  await Promise.all([pager.stop(), backup.stop()]);
});

async function start(): Promise<Traffic> {
  [pager, backup] = [await StandIn.start(), await StandIn.start()];
  backup.otherwise = { status: 202, body: '{}' };
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
    spec: {
      sinks: [
        { name: 'pager', type: 'pagerduty', url: pager.url, routingKey: 'env:PD', fallback: 'backup' },
        { name: 'backup', type: 'pagerduty', url: backup.url, routingKey: 'env:PD2' },
      ],
      egress: { allow: ['127.0.0.1'] },
    },
  });
  return new Traffic(world, 'bot', START);
}
/** About incidents: what was given up is told as well. */
const actions = (tool: StandIn): string[] =>
  tool.received.flatMap(({ body }) => {
    const { dedup_key, event_action } = JSON.parse(body);
    return dedup_key.includes('INC-') ? [event_action] : [];
  });

it('who stands in is silent, until a page is refused; then it hears of that incident to its end', async () => {
  const traffic = await start();
  pager.otherwise = { status: 202, body: '{}' };
  await traffic.live(8, { failed: 20 });
  const [first] = await incidentsOf(world);
  await vi.waitFor(() => expect(actions(pager)).toContain('trigger'));
  await world.post(`/incidents/${first!.id}/resolve`, { notes: 'mended' });
  await vi.waitFor(() => expect(actions(pager)).toContain('resolve'));
  expect(backup.received).toEqual([]);

  pager.otherwise = { status: 400 };
  await world.post(`/incidents/${first!.id}/reopen`, { reason: 'not mended' });
  await vi.waitFor(() => expect(actions(backup)).toEqual(['trigger']));
  const incident = await vi.waitFor(async () => {
    const [found] = await incidentsOf(world);
    expect(found!.toldInstead).toEqual(['backup']);
    return found;
  });
  expect(incident!.timeline.map(({ text }) => text)).toContain('pager does not take it: backup is told');
  await world.post(`/incidents/${first!.id}/note`, { text: 'looking' });
  await world.post(`/incidents/${first!.id}/resolve`, { notes: 'mended' });
  await vi.waitFor(() => expect(actions(backup).at(-1)).toBe('resolve'));
  // Told once, whatever else did not arrive.
  expect(actions(backup).filter((action) => action === 'trigger')).toHaveLength(1);
});

it('a page that was given up when nothing could be written is told another way later, also by the next process', async () => {
  const traffic = await start();
  const write = Writer.prototype.write;
  vi.spyOn(Writer.prototype, 'write').mockImplementation(async function (this: Writer, item) {
    if (JSON.stringify(item).includes('delivery.told_instead')) throw new Error('the disk is full');
    return write.call(this, item);
  });
  pager.otherwise = { status: 400 };
  await traffic.live(8, { failed: 20 });
  await vi.waitFor(async () => {
    const { messages } = await world.get<{ messages: object[] }>('/outbox?sink=pager&state=dead');
    expect(messages).not.toEqual([]);
  });
  expect(actions(backup)).toEqual([]);
  await world.restart();
  await vi.waitFor(() =>
    expect(JSON.stringify(vi.mocked(Writer.prototype.write).mock.calls)).toContain('told_instead'),
  );
  expect(actions(backup)).toEqual([]);
  vi.restoreAllMocks();
  await world.restart();
  await vi.waitFor(() => expect(actions(backup)).toEqual(['trigger']));
  await world.restart();
  const [incident] = await incidentsOf(world);
  expect(incident).toMatchObject({ state: 'new', toldInstead: ['backup'] });
  await world.post(`/incidents/${incident!.id}/resolve`, { notes: 'mended' });
  await vi.waitFor(() => expect(actions(backup)).toEqual(['trigger', 'resolve']));
});

it('a page that has waited five minutes goes another way; when the first way is back nobody hears of what is over', async () => {
  const traffic = await start();
  pager.otherwise = { status: 503 };
  // Opened in the third.
  await traffic.live(5, { failed: 20 });
  const [incident] = await incidentsOf(world);
  await world.plimsoll.deliver();
  expect(pager.received.length).toBeGreaterThan(0);
  expect(backup.received).toEqual([]);
  world.now += 6 * 60_000;
  await world.plimsoll.deliver();
  await vi.waitFor(() => expect(actions(backup)).toEqual(['trigger']));
  await world.post(`/incidents/${incident!.id}/resolve`, { notes: 'mended' });
  await vi.waitFor(() => expect(actions(backup)).toEqual(['trigger', 'resolve']));
  await world.plimsoll.deliver();
  const sofar = pager.received.length;
  pager.otherwise = { status: 202, body: '{}' };
  world.now += 20 * 60_000;
  await world.plimsoll.deliver();
  await vi.waitFor(async () => {
    const { messages } = await world.get<{ messages: object[] }>('/outbox?sink=pager');
    expect(messages).toEqual([]);
  });
  // What may have arrived is ended there; nobody is woken any more.
  expect(actions(pager).slice(sofar)).not.toContain('trigger');
});
