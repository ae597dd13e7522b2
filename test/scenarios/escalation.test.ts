import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import type { EscalationJson, TimerJson } from '../../src/server/api/incident-care.ts';
import type { DeliveryJson } from '../../src/server/api/openapi/outbox.ts';
import { deployment, objective, service, World } from '../server/world.ts';
import { StandIn } from '../standins/http-server.ts';
import { SmtpStandIn } from '../standins/smtp-server.ts';
import { incidentsOf, Traffic } from './traffic.ts';

const MINUTE = 60_000;
/** A Wednesday. */
const START = Date.parse('2026-11-18T00:00:00Z');
let world: World;
let receiver: StandIn;
let post: SmtpStandIn;
let traffic: Traffic;

beforeEach(async () => {
  receiver = await StandIn.start();
  post = await SmtpStandIn.start();
});
afterEach(async () => {
  await world.end();
  await receiver.stop();
  await post.stop();
});

interface Setting {
  readonly levels?: readonly object[];
  readonly policy?: object;
  readonly service?: object;
  readonly spec?: object;
  readonly objective?: object;
  /** Of PagerDuty. */
  readonly fallback?: string;
  /** Nobody takes the news yet. */
  readonly isUnreachable?: true;
}

const specOf = ({ levels, policy, spec, fallback }: Setting): object => ({
  sinks: [
    ...['everything', 'first', 'second'].map((name) => ({
      name,
      type: 'webhook',
      url: `${receiver.url}/${name}`,
      secret: 'env:HOOK',
    })),
    {
      name: 'pager',
      type: 'pagerduty',
      url: receiver.url,
      routingKey: 'env:KEY',
      webhookSecret: 'env:BACK',
      ...(fallback !== undefined && { fallback }),
    },
    { name: 'post', type: 'email', url: post.url, from: 'plimsoll@example.com', to: ['all@example.com'], tls: 'off' },
  ],
  egress: { allow: ['127.0.0.1'] },
  escalationPolicies: [
    {
      name: 'on-call',
      levels: levels ?? [
        { sinks: ['first'], ackTimeout: '5m' },
        { sinks: ['second'], ackTimeout: '10m' },
      ],
      ...policy,
    },
  ],
  ...spec,
});

/** A service is broken from now on, and nothing more comes in. */
async function broken(setting: Setting = {}, now = START): Promise<string> {
  world = await World.start({
    now,
    services: [
      service('bot', {
        owner: { name: 'Jo Doe', email: 'jo@example.com' },
        escalationPolicy: 'on-call',
        criticality: 1,
        ...setting.service,
      }),
    ],
    objectives: [
      objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99, ...setting.objective }),
    ],
    spec: specOf(setting),
  });
  traffic = new Traffic(world, 'bot', now);
  for (let i = 0; i < 15 && (await incidentsOf(world)).length === 0; i++) await traffic.live(1, { failed: 20 });
  const [incident] = await incidentsOf(world);
  if (setting.isUnreachable !== true) await delivered(incident!.id);
  return incident!.id;
}

interface Detail extends IncidentJson {
  readonly deliveries: readonly DeliveryJson[];
  readonly timers: readonly TimerJson[];
  readonly escalation: EscalationJson | null;
}
const detail = (id: string): Promise<Detail> => world.get<Detail>(`/incidents/${id}`);

/** Everything that was written has been taken. */
async function delivered(id: string): Promise<void> {
  await world.plimsoll.deliver();
  await vi.waitFor(async () => {
    const { deliveries } = await detail(id);
    expect(deliveries.filter(({ state }) => state === 'pending')).toEqual([]);
  });
}

/** Minutes pass, each judged, and what it says is delivered. */
async function pass(id: string, minutes: number): Promise<void> {
  for (let i = 0; i < minutes; i++) {
    await traffic.silence(1);
    await delivered(id);
  }
}

/** `first opened`: who was told what, in order; what is said of times, and changes, aside. */
const told = (): string[] =>
  receiver.received.flatMap(({ path, body }) => {
    if (!['/first', '/second'].includes(path)) return [];
    const { type } = JSON.parse(body) as { type: string };
    const transition = /incident\.(\w+)\.v1/.exec(type)?.[1];
    return transition === undefined || transition === 'updated' ? [] : [`${path.slice(1)} ${transition}`];
  });

/** What PagerDuty was told, in order. */
const paged = (): string[] =>
  receiver.received.flatMap(({ body }) => {
    const { event_action } = JSON.parse(body) as { event_action?: string };
    return event_action ?? [];
  });

/** Minutes after the first of them, and who was told. */
async function callsOf(id: string): Promise<string[]> {
  const { escalation } = await detail(id);
  const [first] = escalation!.calls;
  return escalation!.calls.map(
    ({ at, sinks, acceptedBy }) =>
      `${Math.round((Date.parse(at) - Date.parse(first!.at)) / MINUTE)} ${sinks.join()} ${acceptedBy === null ? '-' : '+'}`,
  );
}

describe('suppressed when it opens', () => {
  it('nobody is said to be called, however urgent it becomes; the first level is when the silence ends', async () => {
    world = await World.start({
      now: START,
      services: [service('bot', { escalationPolicy: 'on-call', criticality: 1 })],
      objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
      spec: specOf({ levels: [{ sinks: ['pager', 'first'], ackTimeout: '5m' }] }),
    });
    traffic = new Traffic(world, 'bot', START);
    await traffic.live(1);
    const endsAt = new Date(START + 2 * 60 * MINUTE).toISOString();
    const silenced = { matchers: [{ label: 'service', value: 'bot' }], endsAt, comment: 'we know' };
    const { id: silence } = await world.post<{ id: string }>('/silences', silenced);
    // Found late: it opens and becomes more urgent in one tick.
    await traffic.pass(60);
    await traffic.pass(12, { failed: 8 });
    await traffic.judge();
    const [{ id }] = (await incidentsOf(world)) as [IncidentJson];
    const { escalation, timeline, priority } = await detail(id);
    expect(priority).toBe(1);
    expect(timeline.map(({ event }) => event)).toEqual(['opened', 'updated']);
    expect(escalation).toMatchObject({ level: 0, calls: [], ended: null });
    await delivered(id);
    expect([told(), paged()]).toEqual([['first opened', 'second opened'], []]);

    await fetch(`${world.api}/silences/${silence}`, { method: 'DELETE', headers: world.headers });
    await delivered(id);
    expect(paged()).toEqual(['trigger']);
    await traffic.live(1, { failed: 8 });
    await delivered(id);
    expect(paged()).toEqual(['trigger']);
    expect((await detail(id)).escalation).toMatchObject({ level: 1, calls: [{ sinks: ['pager', 'first'] }] });
  });
});

describe('nobody acknowledges', () => {
  it('the levels are told one after the other, twice, then the owner by mail; a restart in between changes nothing', async () => {
    const id = await broken();
    expect(told()).toEqual(['first opened']);
    await pass(id, 3);
    await world.restart();
    await pass(id, 10);
    await world.restart();
    await pass(id, 25);
    expect(await callsOf(id)).toEqual(['0 first +', '5 second +', '15 first +', '20 second +', '30 owner:bot -']);
    expect(told()).toEqual([
      'first opened',
      ...['first', 'second'].map((name) => `${name} escalated`),
      ...['first', 'second'].map((name) => `${name} escalated`),
      ...['first', 'second'].map((name) => `${name} escalated`),
      ...['first', 'second'].map((name) => `${name} escalated`),
    ]);
    const { escalation, escalations, timeline, deliveries } = await detail(id);
    expect(escalation).toMatchObject({ ended: 'exhausted', dueAt: null, level: 3 });
    expect(escalations).toBe(4);
    const mails = post.received.filter(({ to }) => to.includes('jo@example.com'));
    expect(mails).toHaveLength(1);
    expect(mails[0]!.raw).toContain('Escalated');
    expect(timeline.findLast(({ event }) => event === 'escalated')!.text).toContain('the owner Jo Doe is told');
    // Who was told, how and when.
    expect(deliveries.filter(({ sink }) => sink === 'owner:bot')).toMatchObject([
      { transition: 'escalated', state: 'delivered' },
    ]);
    // Whoever is in no level is told of all of it.
    const types = receiver.received
      .filter(({ path }) => path === '/everything')
      .map(({ body }) => JSON.parse(body).type);
    expect(types.filter((type) => type === 'dev.plimsoll.incident.opened.v1')).toHaveLength(1);
    expect(types.filter((type) => type === 'dev.plimsoll.incident.escalated.v1')).toHaveLength(4);
  });

  it('the time of a level begins when its sink took the news', async () => {
    receiver.otherwise = { status: 503 };
    const id = await broken({ isUnreachable: true });
    await traffic.silence(3);
    expect((await detail(id)).escalation).toMatchObject({ level: 1, dueAt: null });
    // An attempt ends before the clock goes on: after that it would be tried again seconds later, which never come.
    await world.plimsoll.deliver();
    receiver.otherwise = { status: 200 };
    traffic.at += MINUTE;
    world.now += MINUTE;
    await world.restart();
    await delivered(id);
    const reachedAt = world.now;
    await pass(id, 4);
    expect((await detail(id)).escalation).toMatchObject({
      level: 1,
      dueAt: new Date(reachedAt + 5 * MINUTE).toISOString(),
      calls: [{ acceptedAt: new Date(reachedAt).toISOString(), acceptedBy: 'first' }],
    });
    await pass(id, 1);
    expect((await detail(id)).escalation!.level).toBe(2);
  });
});

describe('somebody has it', () => {
  it('acknowledging stops it; a more urgent incident begins again', async () => {
    const id = await broken({ service: { criticality: 4 } });
    await world.post(`/incidents/${id}/prioritize`, { priority: 4, reason: 'nobody uses it' });
    await pass(id, 6);
    expect((await detail(id)).escalation).toMatchObject({ ended: 'acknowledged', level: 1 });
    expect(told()).toEqual(['first opened']);
    await world.post(`/incidents/${id}/prioritize`, { priority: 1, reason: 'everybody does' });
    await pass(id, 7);
    expect(told().slice(1)).toEqual(['first escalated', 'first escalated', 'second escalated']);
    await world.post(`/incidents/${id}/acknowledge`, {});
    await pass(id, 20);
    expect((await detail(id)).escalation).toMatchObject({ ended: 'acknowledged', level: 2 });
  });

  it('taken in PagerDuty it stops, and let go there by its time-out it begins again with the first level', async () => {
    receiver.answer = ({ path }) => ({ status: path === '/v2/enqueue' ? 202 : 200 });
    const id = await broken();
    const fromPagerDuty = async (event: string, type: string, agent: object | null): Promise<void> => {
      const body = JSON.stringify({
        event: {
          id: event,
          event_type: `incident.${type}`,
          resource_type: 'incident',
          occurred_at: new Date(world.now).toISOString(),
          agent,
          data: { id: 'PINC1', incident_key: `plimsoll-test-${id}` },
        },
      });
      const signature = createHmac('sha256', 'secret of env:BACK').update(body).digest('hex');
      const { status } = await fetch(`${world.api}/hooks/pager`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', 'x-pagerduty-signature': `v1=${signature}` },
      });
      expect(status).toBeLessThan(300);
      await world.plimsoll.hear();
    };
    await fromPagerDuty('E1', 'acknowledged', { id: 'PANNA', type: 'user_reference', summary: 'Anna' });
    await pass(id, 20);
    const before = await detail(id);
    expect(before).toMatchObject({ ackedBy: { id: 'pager/PANNA' }, escalation: { ended: 'acknowledged' } });
    expect(told()).toEqual(['first opened', 'first acknowledged']);
    await fromPagerDuty('E2', 'unacknowledged', null);
    // Said again, as PagerDuty does when it heard no answer, it begins no third time.
    await fromPagerDuty('E2', 'unacknowledged', null);
    await pass(id, 7);
    expect(told().slice(2)).toEqual(['first escalated', 'first escalated', 'second escalated']);
    const after = await detail(id);
    expect(after).toMatchObject({ ackedAt: null, escalation: { ended: null, level: 2 } });
    expect(after.timeline.map(({ text }) => text)).toContain(
      'no longer acknowledged: escalation begins again with level 1 (first)',
    );
  });

  it('opened again it begins again', async () => {
    const id = await broken();
    await world.post(`/incidents/${id}/resolve`, { notes: 'rolled back' });
    await pass(id, 2);
    await world.post(`/incidents/${id}/reopen`, { reason: 'not yet' });
    await pass(id, 7);
    expect(told()).toEqual(['first opened', 'first resolved', 'first reopened', 'first escalated', 'second escalated']);
  });
});

it('PagerDuty is paged once; its silence is told to whoever is behind it and does not page', async () => {
  const pages = (): string[] =>
    receiver.received
      .filter(({ path }) => path === '/v2/enqueue')
      .map(({ body }) => (JSON.parse(body) as { event_action: string }).event_action);
  receiver.answer = ({ path }) => ({ status: path === '/v2/enqueue' ? 202 : 200 });
  const id = await broken({
    levels: [
      { sinks: ['pager'], ackTimeout: '5m', repeat: 2 },
      { sinks: ['second'], ackTimeout: '5m' },
    ],
  });
  expect(pages()).toEqual(['trigger']);
  await pass(id, 30);
  expect(await callsOf(id)).toEqual(['0 pager +', '5 second +', '10 owner:bot -']);
  expect(pages()).toEqual(['trigger']);
});

it('what nobody acknowledges in PagerDuty is told to who stands in for it, once', async () => {
  receiver.answer = ({ path }) => ({ status: path === '/v2/enqueue' ? 202 : 200 });
  const id = await broken({ levels: [{ sinks: ['pager'], ackTimeout: '5m' }], fallback: 'post' });
  expect(post.received).toEqual([]);
  await pass(id, 5);
  expect(post.received.map(({ to }) => to)).toEqual([['all@example.com']]);
  await pass(id, 20);
  expect(await callsOf(id)).toEqual(['0 pager +', '5 post +', '10 owner:bot -']);
  const { timeline } = await detail(id);
  expect(timeline.find(({ event }) => event === 'escalated')!.text).toBe(
    'nobody acknowledged within 5m: the fallback of level 1 (post) is told',
  );
});

it('in quiet hours what is not urgent waits for the morning; who is in no level is told at once', async () => {
  const weekly = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '00:30', to: '17:00' }];
  const id = await broken({
    objective: { kind: 'XLA', alert: { page: false } },
    policy: { quietOutside: 'office' },
    spec: { schedules: [{ name: 'office', timeZone: 'UTC', weekly }] },
  });
  const sinks = async () => [...new Set((await detail(id)).deliveries.map(({ sink }) => sink))].sort();
  expect(await detail(id)).toMatchObject({
    priority: 3,
    escalation: { level: 0, dueAt: '2026-11-18T00:30:00.000Z', calls: [] },
  });
  expect(await sinks()).toEqual(['everything', 'pager', 'post']);
  while (world.now < START + 30 * MINUTE) await pass(id, 1);
  expect((await detail(id)).escalation).toMatchObject({ level: 1 });
  expect(await sinks()).toEqual(['everything', 'first', 'pager', 'post']);
  await pass(id, 5);
  expect((await detail(id)).escalation).toMatchObject({ level: 2 });
});

it('targets pass: webhooks are told of each share under a subject of its own, the others of the breach', async () => {
  const id = await broken({
    spec: { incidentTargets: { P1: { respond: '8m', resolve: '1h' }, P2: { respond: '8m', resolve: '1h' } } },
  });
  await pass(id, 9);
  const events = receiver.received
    .filter(({ path }) => path === '/everything')
    .map(({ body }) => JSON.parse(body))
    .filter(({ type }) => String(type).includes('.sla.'));
  expect(events.map(({ type, subject, data }) => [type, subject, data.timer.percentage])).toEqual([
    ['dev.plimsoll.sla.warning.v1', `${id}/response`, 50],
    ['dev.plimsoll.sla.warning.v1', `${id}/response`, 75],
    ['dev.plimsoll.sla.breached.v1', `${id}/response`, 100],
  ]);
  expect(events[2]!.data).toMatchObject({ id, timer: { kind: 'response', targetMs: 8 * MINUTE, hasBreached: true } });
  expect(events[2]!.data).not.toHaveProperty('transition');
  const { timers, timeline } = await detail(id);
  expect(timers.map(({ kind, stage, hasBreached }) => [kind, stage, hasBreached])).toEqual([
    ['response', 'in_progress', true],
    ['resolution', 'in_progress', false],
  ]);
  expect(timeline.filter(({ event }) => event.startsWith('sla_')).map(({ event }) => event)).toEqual([
    'sla_warning',
    'sla_warning',
    'sla_breached',
  ]);
  // Between two ticks, too.
  await world.post(`/incidents/${id}/acknowledge`, {});
  expect((await detail(id)).timers[0]).toMatchObject({ kind: 'response', stage: 'completed', hasBreached: true });
});

it('a policy may come, change and go while it runs', async () => {
  const id = await broken();
  const { services, objectives } = world.configuration;
  const withSpec = (spec: object, services_ = services) => ({
    deployment: deployment(world.database?.url ?? `sqlite:${world.file}`, spec),
    services: services_,
    objectives,
  });
  await world.plimsoll.reconfigure(
    withSpec(specOf({ levels: [{ sinks: ['first'], ackTimeout: '20m' }, { sinks: ['second'] }] })),
  );
  await pass(id, 8);
  expect(await callsOf(id)).toHaveLength(1);
  const { escalationPolicy: _, ...without } = services[0]!;
  await world.plimsoll.reconfigure(withSpec(specOf({}), [{ ...without, escalationPolicy: null }]));
  await pass(id, 30);
  expect((await detail(id)).escalation).toMatchObject({ ended: 'withdrawn' });
  expect(await callsOf(id)).toHaveLength(1);
});
