import { afterEach, describe, expect, it, vi } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import type { SilenceJson } from '../../src/model/silence.ts';
import { exchange, objective, service, World } from '../server/world.ts';
import { StandIn } from '../standins/http-server.ts';
import { incidentsOf, Traffic } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;

let world: World;
let pager: StandIn;
let hook: StandIn;
let mail: StandIn;
afterEach(async () => {
  await world.end();
  await pager.stop();
  await hook.stop();
  await mail.stop();
});

const up = (name: string) =>
  objective(`${name}-up`, { service: name, measure: { type: 'availability' }, target: 0.99 });

/** Services that are up and running, told of by a pager, a chat and a webhook. */
async function start(services: readonly ReturnType<typeof service>[], more: object = {}): Promise<void> {
  pager = await StandIn.start();
  hook = await StandIn.start();
  mail = await StandIn.start();
  world = await World.start({
    now: START,
    services: [...services],
    objectives: services.map(({ name }) => up(name)),
    spec: {
      sinks: [
        { name: 'pager', type: 'pagerduty', url: pager.url, routingKey: 'env:PD' },
        { name: 'ops', type: 'webhook', url: `${hook.url}/in`, secret: 'env:OPS' },
        { name: 'room', type: 'teams', url: 'env:TEAMS' },
      ],
      egress: { allow: ['127.0.0.1'] },
    },
    secret: async (reference) => (reference === 'env:TEAMS' ? `${mail.url}/flow` : `secret of ${reference}`),
    ...more,
  });
}

/** What the pager was told: action and the incident, in order. */
const paged = (): string[] =>
  pager.received.map(({ body }) => {
    const { event_action, dedup_key } = JSON.parse(body);
    return `${event_action} ${dedup_key.replace('plimsoll-test-', '')}`;
  });
/** Of incidents, what the webhook was told: it hears of problems, too. */
const hooked = (): string[] =>
  hook.received.flatMap(({ body }) => {
    const { subject, type } = JSON.parse(body);
    return subject.startsWith('INC-') ? [`${subject} ${type.split('.').at(-2)}`] : [];
  });
/** Of incidents: a card that says that cards arrive is none. */
const cards = (): number => mail.received.filter(({ body }) => body.includes('INC-')).length;

/** All that is to be delivered has been: the webhook hears of every transition. */
async function delivered(): Promise<void> {
  await world.plimsoll.deliver();
  await vi.waitFor(async () => {
    for (const { id } of await incidentsOf(world)) {
      const { deliveries } = await world.get<{ deliveries: { state: string }[] }>(`/incidents/${id}`);
      expect(deliveries.filter(({ state }) => state === 'pending')).toEqual([]);
    }
  });
}

const silence = (matchers: object[], minutes: number, comment = 'we know'): Promise<SilenceJson> =>
  world.post('/silences', { matchers, endsAt: new Date(world.now + minutes * MINUTE).toISOString(), comment });
const expire = async (id: string): Promise<SilenceJson> => {
  const response = await fetch(`${world.api}/silences/${id}`, { method: 'DELETE', headers: world.headers });
  expect(response.status).toBe(200);
  return (await response.json()) as SilenceJson;
};
const one = async (): Promise<IncidentJson> => {
  const incidents = await incidentsOf(world);
  expect(incidents).toHaveLength(1);
  return incidents[0]!;
};

describe('a silence', () => {
  it('keeps pages and chats from being told, and what is still broken at its end is told then, once', async () => {
    await start([service('bot')]);
    const traffic = new Traffic(world, 'bot', START);
    await traffic.pass(60);
    await traffic.judge();
    const { id, state } = await silence([{ label: 'service', operator: '=~', value: 'b.t' }], 20);
    expect([id, state]).toEqual(['SIL-1', 'active']);
    await traffic.live(8, { failed: 20 });
    expect(await one()).toMatchObject({
      state: 'new',
      suppressedBy: [{ kind: 'silence', id, reason: 'silenced by local: we know' }],
      withheld: 'opening',
      notifiedAt: expect.any(String),
    });
    await delivered();
    expect([paged(), cards()]).toEqual([[], 0]);
    expect(hooked()[0]).toBe('INC-1 opened');
    const { entries } = await world.get<{ entries: { data: object }[] }>('/audit?type=incident.opened');
    expect(entries).toMatchObject([
      { data: { id: 'INC-1', notTold: ['pager', 'room'], suppressedBy: ['silence SIL-1'] } },
    ]);

    await world.restart();
    await traffic.live(14, { failed: 20 });
    await delivered();
    expect(await one()).toMatchObject({ state: 'new', suppressedBy: [], withheld: null });
    expect([paged(), cards()]).toEqual([['trigger INC-1'], 1]);
    expect(mail.received.find(({ body }) => body.includes('INC-1'))!.body).not.toContain('Changed');
    await traffic.live(3, { failed: 20 });
    await delivered();
    expect([paged(), cards()]).toEqual([['trigger INC-1'], 1]);
    await traffic.live(40);
    await delivered();
    expect(await one()).toMatchObject({ state: 'resolved' });
    expect(paged()).toEqual(['trigger INC-1', 'resolve INC-1']);
    expect(hooked().filter((told) => told.endsWith('opened'))).toEqual(['INC-1 opened']);
  });

  it('that outlasts the breach: nobody is told at all', async () => {
    await start([service('bot')]);
    const traffic = new Traffic(world, 'bot', START);
    await traffic.pass(60);
    await silence([{ label: 'objective', value: 'bot-up' }], 120);
    await traffic.live(8, { failed: 20 });
    await traffic.live(40);
    expect(await one()).toMatchObject({ state: 'resolved', closeCode: 'recovered_automatically' });
    await traffic.silence(90);
    await delivered();
    expect([paged(), cards()]).toEqual([[], 0]);
    const told = hooked();
    expect([told[0], told.at(-1)]).toEqual(['INC-1 opened', 'INC-1 resolved']);
  });

  it('made after the page: what calms passes, the rest is told at its end, and ended early it ends at once', async () => {
    await start([service('bot')]);
    const traffic = new Traffic(world, 'bot', START);
    await traffic.pass(60);
    await traffic.live(8, { failed: 20 });
    await delivered();
    const before = paged().length;
    expect(paged()[0]).toBe('trigger INC-1');
    const { id } = await silence([{ label: 'incident', value: 'INC-1' }], 600);
    expect(await one()).toMatchObject({ suppressedBy: [{ kind: 'silence', id }], withheld: null });
    await world.post('/incidents/INC-1/note', { text: 'looking' });
    await world.post('/incidents/INC-1/acknowledge', {});
    await delivered();
    expect(paged().slice(before)).toEqual(['acknowledge INC-1']);
    const card = cards();
    expect(await expire(id)).toMatchObject({ id, state: 'expired', expiredBy: { id: 'local' } });
    await delivered();
    expect(await one()).toMatchObject({ suppressedBy: [], withheld: null });
    expect(paged().slice(before)).toEqual(['acknowledge INC-1']);
    expect(cards()).toBe(card + 1);
    expect(await expire(id)).toMatchObject({ state: 'expired' });
    const { entries } = await world.get<{ entries: { type: string; actor: { id: string } }[] }>('/audit');
    expect(entries.filter(({ type }) => type.startsWith('silence.')).map(({ type }) => type)).toEqual([
      'silence.expired',
      'silence.created',
    ]);
  });

  it('keeps a pager that was out of reach from calling when it is back', async () => {
    await start([service('bot')]);
    pager.otherwise = { status: 503 };
    mail.otherwise = { status: 503 };
    const traffic = new Traffic(world, 'bot', START);
    await traffic.pass(60);
    await traffic.live(6, { failed: 20 });
    // Each has refused it, and none is asked just now.
    await world.plimsoll.deliver();
    const { deliveries } = await world.get<{ deliveries: { sink: string; lastError: string | null }[] }>(
      '/incidents/INC-1',
    );
    for (const name of ['pager', 'room'])
      expect(deliveries.find(({ sink }) => sink === name)?.lastError).toEqual(expect.any(String));
    await silence([{ label: 'service', value: 'bot' }], 20);
    pager.otherwise = { status: 202 };
    mail.otherwise = { status: 200 };
    const [before, posted] = [paged().length, cards()];
    await traffic.live(15, { failed: 20 });
    await delivered();
    expect([paged().length, cards()]).toEqual([before, posted]);
    await traffic.live(8, { failed: 20 });
    await delivered();
    expect([paged().slice(before), cards()]).toEqual([['trigger INC-1'], posted + 1]);
  });

  it('of one promise hides no other that the same incident breaks', async () => {
    await start([service('bot')], {
      objectives: [
        up('bot'),
        objective('bot-fast', { service: 'bot', measure: { type: 'latency', threshold: '4s' }, target: 0.9 }),
      ],
    });
    const traffic = new Traffic(world, 'bot', START);
    await traffic.pass(60);
    await silence([{ label: 'objective', value: 'bot-up' }], 600);
    await traffic.live(8, { failed: 20 });
    await delivered();
    expect(paged()).toEqual([]);
    await traffic.live(10, { slow: 20 });
    expect(await one()).toMatchObject({ suppressedBy: [], objectives: ['bot-up', 'bot-fast'] });
    await delivered();
    expect(paged()[0]).toBe('trigger INC-1');
  });

  it('hides nothing that may have to be reported', async () => {
    await start([service('bot')]);
    const traffic = new Traffic(world, 'bot', START);
    await traffic.pass(60);
    await silence([{ label: 'service', value: 'bot' }], 600);
    await traffic.live(8, { failed: 20 });
    await delivered();
    expect(paged()).toEqual([]);
    await world.post('/incidents/INC-1/classify', {
      harm: 'incident',
      art349: 'c',
      reason: 'rights were breached',
      person: 'Dana Ruiz',
    });
    await traffic.live(1, { failed: 20 });
    await delivered();
    expect(await one()).toMatchObject({ suppressedBy: [] });
    expect(paged()[0]).toBe('trigger INC-1');
  });
});

describe('a maintenance window', () => {
  it('every week by the clocks of a place: nobody is told while it lasts, what is still broken then is told', async () => {
    // Wednesday, 01:00 to 01:30 in Berlin.
    const window = { days: ['wed'], from: '01:00', to: '01:30', timeZone: 'Europe/Berlin', reason: 'new gateway' };
    await start([service('bot', { maintenanceWindows: [window] })]);
    const traffic = new Traffic(world, 'bot', START - 60 * MINUTE);
    await traffic.pass(60);
    await traffic.live(20, { failed: 20 });
    expect(await one()).toMatchObject({
      suppressedBy: [
        {
          kind: 'maintenance',
          id: 'bot',
          until: '2026-11-18T00:30:00.000Z',
          reason: 'maintenance of bot: new gateway',
        },
      ],
    });
    await delivered();
    expect([paged(), cards()]).toEqual([[], 0]);
    await traffic.live(12, { failed: 20 });
    await delivered();
    expect([paged(), cards()]).toEqual([['trigger INC-1'], 1]);
  });
});

describe('an upstream', () => {
  const NAMES = ['search', 'mail-bot', 'chat-bot', 'code-bot'];

  it('takes three dependents with it: an incident each, those of the dependents follow from its own and page nobody', async () => {
    await start([
      service('gateway'),
      service('search', { dependsOn: ['gateway', 'openai'] }),
      ...NAMES.slice(1).map((name) => service(name, { dependsOn: [{ name: 'search', relation: 'runs_on' }] })),
      service('aside'),
    ]);
    let at = START;
    const pass = async (minutes: number, failing: readonly string[]): Promise<void> => {
      for (let i = 0; i < minutes; i++, at += MINUTE) {
        const made = ['gateway', ...NAMES, 'aside'].flatMap((name) =>
          Array.from({ length: 20 }, (_one, k) =>
            exchange(name, at + 12_000 + k * 2000, { failed: failing.includes(name) }),
          ),
        );
        world.now = at + MINUTE;
        await world.spans(made);
        world.now += 20_000;
        await world.plimsoll.tick();
      }
    };
    await pass(30, []);
    await pass(8, NAMES);
    const incidents = await incidentsOf(world);
    expect(incidents.map((incident) => incident.service).toSorted()).toEqual(NAMES.toSorted());
    const upstream = incidents.find((incident) => incident.service === 'search')!;
    for (const incident of incidents) {
      if (incident === upstream) continue;
      expect(incident).toMatchObject({
        parent: upstream.id,
        suppressedBy: [{ kind: 'inhibition', id: upstream.id }],
        withheld: 'opening',
      });
    }
    expect(upstream).toMatchObject({ parent: null, suppressedBy: [] });
    const { children } = await world.get<{ children: { service: string }[] }>(`/incidents/${upstream.id}`);
    expect(children.map((child) => child.service).toSorted()).toEqual(NAMES.slice(1).toSorted());
    await delivered();
    expect(new Set(paged())).toEqual(new Set([`trigger ${upstream.id}`]));
    expect(hooked().filter((told) => told.endsWith('opened'))).toHaveLength(4);

    // The upstream recovers, and one of them does not.
    await pass(40, ['code-bot']);
    await delivered();
    const left = (await incidentsOf(world)).find((incident) => incident.service === 'code-bot')!;
    expect(left).toMatchObject({ state: 'new', parent: upstream.id, suppressedBy: [], withheld: null });
    expect(new Set(paged())).toEqual(
      new Set([`trigger ${upstream.id}`, `resolve ${upstream.id}`, `trigger ${left.id}`]),
    );
  });
});

describe('a promise that comes and goes', () => {
  it('four times in six hours: one incident is kept open, told once more, and a problem is proposed', async () => {
    await start([service('bot')]);
    const traffic = new Traffic(world, 'bot', START);
    await traffic.pass(60);
    for (let i = 0; i < 4; i++) {
      await traffic.live(6, { failed: 20 });
      await traffic.live(30);
    }
    expect(await one()).toMatchObject({
      state: 'in_progress',
      flags: ['flapping', 'problem_proposed'],
      suppressedBy: [{ kind: 'flapping', id: 'INC-1' }],
      resolvedAt: null,
    });
    await delivered();
    const before = [paged().length, cards()];
    await traffic.live(6, { failed: 20 });
    await traffic.live(30);
    expect(await one()).toMatchObject({ state: 'in_progress' });
    await delivered();
    expect([paged().length, cards()]).toEqual(before);
    const recoveredAt = (await one()).breaches[0]!.recoveredAt;
    // Every hour of it is judged at once.
    for (let i = 0; i < 6; i++) {
      await traffic.pass(60);
      await traffic.judge();
    }
    expect(await one()).toMatchObject({
      state: 'resolved',
      resolvedAt: recoveredAt,
      flags: ['problem_proposed'],
      suppressedBy: [],
    });
    await delivered();
    expect([paged().length, cards()]).toEqual(before.map((n) => n + 1));
  });
});
