import { afterEach, describe, expect, it, vi } from 'vitest';
import type { IncidentJson } from '../../../src/model/incident.ts';
import { LocalServer } from '../../../src/server/cli/local-server.ts';
import { discardOutboxCommand, listOutboxCommand, replayOutboxCommand } from '../../../src/server/cli/outbox.ts';
import type { MessageJson, ReplayedJson } from '../../../src/server/delivery/outbox-desk.ts';
import { Traffic } from '../../scenarios/traffic.ts';
import { type Answer, StandIn } from '../../standins/http-server.ts';
import { Client } from '../access/client.ts';
import { ENGINES, objective, service, World } from '../world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const REFUSED: Answer = { status: 401 };
const TAKEN: Answer = { status: 202, body: '{}' };

describe.each(ENGINES)('what was given up, on %s', (engine) => {
  let world: World;
  let ops: StandIn;
  let pager: StandIn;
  const start = async (): Promise<void> => {
    [ops, pager] = [await StandIn.start(), await StandIn.start()];
    ops.otherwise = REFUSED;
    pager.otherwise = REFUSED;
    world = await World.start({
      engine,
      now: START,
      services: [service('bot')],
      objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
      spec: {
        sinks: [
          { name: 'ops', type: 'webhook', url: `${ops.url}/in`, secret: 'env:OPS' },
          { name: 'pager', type: 'pagerduty', url: pager.url, routingKey: 'env:PD' },
        ],
        egress: { allow: ['127.0.0.1'] },
      },
    });
    if (engine === 'postgres') await World.pass(0, world);
    await new Traffic(world, 'bot', START).live(8, { failed: 20 });
    await vi.waitFor(async () => expect([await of('ops'), await of('pager')]).not.toContain(undefined));
    await vi.waitFor(async () => expect(await messages('state=pending')).toEqual([]));
  };
  afterEach(async () => {
    vi.restoreAllMocks();
    await world.end();
    await Promise.all([ops.stop(), pager.stop()]);
  });
  const messages = async (query: string): Promise<MessageJson[]> =>
    (await world.get<{ messages: MessageJson[] }>(`/outbox?${query}`)).messages;
  const dead = () => messages('state=dead');
  const of = async (sink: string): Promise<MessageJson> =>
    (await dead()).find((one) => one.sink === sink && one.transition === 'opened' && one.incident === 'INC-1')!;
  const command = async (run: Promise<number>): Promise<{ status: number; said: { messages: ReplayedJson[] } }> => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const status = await run;
    const said = JSON.parse(String(log.mock.calls.at(-1)![0]));
    log.mockRestore();
    return { status, said };
  };
  const options = () => ({ configuration: world.configuration, json: true, now: world.now });

  it('is listed with its reason, sent again when somebody says so, and delivered then', async () => {
    await start();
    expect(await of('ops')).toMatchObject({
      sink: 'ops',
      incident: 'INC-1',
      service: 'bot',
      transition: 'opened',
      state: 'dead',
      attempts: 1,
      lastError: 'answered 401',
    });
    ops.otherwise = TAKEN;
    // Long after: it has 72 hours anew.
    world.now += 5 * 24 * 3_600_000;
    const { id } = await of('ops');
    expect(await world.post(`/outbox/${id}/replay`, {})).toMatchObject({ id, state: 'pending', needless: null });
    await vi.waitFor(async () =>
      expect((await messages('state=delivered&sink=ops')).find((one) => one.id === id)).toMatchObject({ attempts: 1 }),
    );
    const { deliveries } = await world.get<IncidentJson & { deliveries: { sink: string; state: string }[] }>(
      '/incidents/INC-1',
    );
    expect(deliveries.find(({ sink }) => sink === 'ops')).toMatchObject({ state: 'delivered' });
    await expect(world.post(`/outbox/${id}/replay`, {})).rejects.toThrow('PLIM_OUTBOX_STATE');
    await expect(world.post('/outbox/999/replay', {})).rejects.toThrow('404');
  });

  it('is not sent behind something newer', async () => {
    await start();
    pager.otherwise = TAKEN;
    const first = await of('pager');
    await world.post('/incidents/INC-1/acknowledge', {});
    await vi.waitFor(async () => expect(await messages('state=delivered&sink=pager')).toHaveLength(1));
    expect(await world.post(`/outbox/${first.id}/replay`, {})).toMatchObject({
      state: 'superseded',
      needless: 'something newer has been delivered since',
    });
  });

  it('is dropped with a reason that the audit log keeps, by who may respond', async () => {
    await start();
    const { id } = await of('ops');
    const admin = new Client(world);
    world.token = (await admin.make({ role: 'admin' })).token;
    const reader = new Client(world, (await new Client(world, world.token).make({ role: 'viewer' })).token);
    expect((await reader.post(`/outbox/${id}/discard`, { reason: 'told by phone' })).status).toBe(403);
    const other = new Client(
      world,
      (await new Client(world, world.token).make({ role: 'responder', services: ['x'] })).token,
    );
    expect((await other.post(`/outbox/${id}/discard`, { reason: 'told by phone' })).status).toBe(404);
    expect((await other.get('/outbox')).json).toMatchObject({ messages: [] });
    await expect(world.post(`/outbox/${id}/discard`, {})).rejects.toThrow('400');
    expect(await world.post(`/outbox/${id}/discard`, { reason: 'told by phone' })).toMatchObject({
      state: 'discarded',
    });
    const { entries } = await world.get<{ entries: { data: object }[] }>('/audit?type=delivery.discarded');
    expect(entries).toMatchObject([{ data: { id: Number(id), sink: 'ops', from: 'dead', reason: 'told by phone' } }]);
  });

  it('is looked after by commands: through the server that runs, and on the store when none does', async () => {
    await start();
    const listed = await command(listOutboxCommand(options(), { state: 'dead' }));
    expect(new Set(listed.said.messages.map(({ sink }) => sink))).toEqual(new Set(['ops', 'pager']));
    ops.otherwise = TAKEN;
    const replayed = await command(replayOutboxCommand(options(), { ids: [], sink: 'ops' }));
    expect(replayed.status).toBe(0);
    expect(replayed.said.messages[0]).toMatchObject({ sink: 'ops', transition: 'opened', needless: null });
    await vi.waitFor(async () => expect(await messages('state=dead&sink=ops')).toEqual([]));
    await vi.waitFor(async () => expect(await messages('state=pending&sink=ops')).toEqual([]));

    if (engine === 'postgres') return;
    await world.plimsoll.stop();
    const stopped = await command(discardOutboxCommand(options(), { ids: [], sink: 'pager' }, 'nobody is on duty'));
    expect(stopped).toMatchObject({ status: 0, said: {} });
    expect(stopped.said.messages.every(({ sink, state }) => sink === 'pager' && state === 'discarded')).toBe(true);
    expect((await command(replayOutboxCommand(options(), { ids: [], sink: 'pager' }))).status).toBe(2);
    await expect(replayOutboxCommand(options(), { ids: ['999'] })).rejects.toThrow('PLIM_OUTBOX_UNKNOWN');
    await world.boot();
    expect(await dead()).toEqual([]);
  });

  it('that somebody else has dropped meanwhile does not keep a command from the rest', async () => {
    await start();
    const listed = (await dead()).length;
    expect(listed).toBeGreaterThan(1);
    const { ask } = LocalServer.prototype;
    let isFirst = true;
    vi.spyOn(LocalServer.prototype, 'ask').mockImplementation(async function (this: LocalServer, address, path, more) {
      if (path.endsWith('/discard') && isFirst) {
        isFirst = false;
        await ask.call(this, address, path, more);
      }
      return ask.call(this, address, path, more);
    });
    // What runs has an embedded store to itself; a shared one is written beside it.
    if (engine === 'postgres') return;
    const dropped = await command(discardOutboxCommand(options(), { ids: [] }, 'told by phone'));
    expect(dropped.said.messages).toHaveLength(listed - 1);
    expect(await dead()).toEqual([]);
    await expect(
      discardOutboxCommand(options(), { ids: [dropped.said.messages[0]!.id] }, 'told by phone'),
    ).rejects.toThrow('PLIM_OUTBOX_STATE');
  });

  it('stands in the list of destinations, and in the metrics', async () => {
    await start();
    const { destinations } = await world.get<{ destinations: object[] }>('/destinations');
    expect(destinations).toMatchObject([
      { name: 'ops', type: 'webhook', class: 'record', way: 'open', waiting: 0, tookAt: null, selfTest: null },
      { name: 'pager', type: 'pagerduty', class: 'page', fallback: null },
    ]);
    const page = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
    const given = (await dead()).filter(({ sink }) => sink === 'ops').length;
    expect(given).toBeGreaterThan(0);
    expect(page).toContain(`plimsoll_outbox_dead_letters{sink="ops"} ${given}\n`);
    expect(page).toContain('plimsoll_sink_way{sink="pager",state="open"} 1');
    expect(page).toContain('plimsoll_sink_last_success_timestamp_seconds{sink="ops"} 0');
  });
});
