import { createHmac, generateKeyPairSync } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import supertest from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { signedHeaders } from '../../src/sinks/webhook/signature.ts';
import { ENGINES, objective, service, World } from '../server/world.ts';
import { StandIn } from '../standins/http-server.ts';
import { Traffic } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const auditKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const secretOf = (reference: string): string => (reference === 'env:AUDIT_KEY' ? auditKey : `secret of ${reference}`);

describe.each(ENGINES)('what people do in tools (%s)', (engine) => {
  let world: World;
  let traffic: Traffic;
  let tool: StandIn;
  afterEach(async () => {
    await world.end();
    await tool.stop();
  });

  async function broken(): Promise<void> {
    tool = await StandIn.start();
    tool.answer = (request) =>
      request.path.startsWith('/api/')
        ? { status: 200, body: '{"ok":true,"ts":"1.2","channel":"C1"}' }
        : { status: request.path === '/v2/enqueue' ? 202 : 200 };
    world = await World.start({
      engine,
      now: START,
      services: [service('bot')],
      objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
      secret: async (reference) => {
        if (reference === 'env:GONE') throw new Error('it is not there');
        return secretOf(reference);
      },
      spec: {
        egress: { allow: ['127.0.0.1'] },
        sinks: [
          { name: 'pd', type: 'pagerduty', url: tool.url, routingKey: 'env:PD', webhookSecret: 'env:PD_BACK' },
          { name: 'ops', type: 'webhook', url: `${tool.url}/in`, secret: 'env:OPS' },
          {
            name: 'chat',
            type: 'slack',
            url: tool.url,
            token: 'env:SLACK',
            channel: 'C1',
            signingSecret: 'env:SLACK_BACK',
          },
          { name: 'plain', type: 'pagerduty', url: tool.url, routingKey: 'env:PD' },
          { name: 'gone', type: 'pagerduty', url: tool.url, routingKey: 'env:PD', webhookSecret: 'env:GONE' },
        ],
      },
    });
    traffic = new Traffic(world, 'bot', START);
    await traffic.live(6, { failed: 20 });
  }

  const hook = async (name: string, body: string | Buffer, headers: Record<string, string>) => {
    const response = await fetch(`${world.api}/hooks/${name}`, { method: 'POST', body, headers });
    const text = await response.text();
    await world.plimsoll.hear();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  };
  const fromPagerDuty = (event: object, secret = secretOf('env:PD_BACK')) => {
    const body = JSON.stringify({ event });
    const signature = `v1=${createHmac('sha256', secret).update(body).digest('hex')}`;
    return hook('pd', body, { 'content-type': 'application/json', 'x-pagerduty-signature': signature });
  };
  const event = (id: string, type: string, data: object = {}, more: object = {}) => ({
    id,
    event_type: `incident.${type}`,
    resource_type: 'incident',
    occurred_at: new Date(world.now).toISOString(),
    agent: { id: 'PANNA', type: 'user_reference', summary: 'Anna Schmidt' },
    data: { id: 'PINC1', incident_key: 'plimsoll-test-INC-1', ...data },
    ...more,
  });
  const fromOps = (id: string, type: string, data: object) => {
    const body = JSON.stringify({ type, data });
    const key = [Buffer.from(secretOf('env:OPS'))];
    return hook('ops', body, { 'content-type': 'application/json', ...signedHeaders(key, id, world.now, body) });
  };
  const incident = () =>
    world.get<IncidentJson & { deliveries: { sink: string; transition: string }[] }>('/incidents/INC-1');
  const told = async (sink: string): Promise<string[]> =>
    (await incident()).deliveries.filter((one) => one.sink === sink).map(({ transition }) => transition);

  it('acknowledged, noted, made more urgent, resolved and opened again in PagerDuty: once each, and told to the others alone', async () => {
    await broken();
    expect(await fromPagerDuty(event('E1', 'acknowledged'))).toEqual({ status: 200, body: { taken: 1 } });
    expect(await fromPagerDuty(event('E1', 'acknowledged'))).toEqual({ status: 200, body: { taken: 0 } });
    expect(await incident()).toMatchObject({
      state: 'in_progress',
      ackedBy: { kind: 'sink', id: 'pd/PANNA', name: 'Anna Schmidt' },
    });
    await fromPagerDuty(
      event('E2', 'annotated', {
        id: 'NOTE1',
        incident_key: null,
        content: 'it is <b>DNS</b>\u202e',
        incident: { id: 'PINC1', type: 'incident_reference' },
      }),
    );
    await fromPagerDuty(event('E3', 'priority_updated', { priority: { id: 'P', type: 'priority', summary: 'P3' } }));
    await fromPagerDuty(event('E4', 'resolved'));
    const after = await incident();
    expect(after).toMatchObject({
      state: 'resolved',
      closeCode: 'solution_provided',
      priority: 3,
      override: { priority: 3 },
    });
    expect(
      after.timeline.filter(({ by }) => by.kind === 'sink').map(({ event: what, by, text }) => [what, by.id, text]),
    ).toEqual([
      ['acknowledged', 'pd/PANNA', expect.any(String)],
      ['note', 'pd/PANNA', 'it is <b>DNS</b>'],
      ['prioritized', 'pd/PANNA', 'P3: changed in PagerDuty (pd)'],
      ['resolved', 'pd/PANNA', 'resolved in PagerDuty (pd)'],
    ]);
    expect(new Set(await told('pd'))).toEqual(new Set(['opened', 'updated']));
    expect((await told('ops')).slice(-4)).toEqual(['acknowledged', 'updated', 'updated', 'resolved']);
    await fromPagerDuty(event('E5', 'reopened'));
    await fromPagerDuty(event('E6', 'unacknowledged', {}, { agent: null }));
    expect(await incident()).toMatchObject({ state: 'in_progress', ackedAt: null, ackedBy: null });
    expect(new Set(await told('pd'))).toEqual(new Set(['opened', 'updated']));
  });

  it('what we did ourselves, what came too late and what means another is passed over', async () => {
    await broken();
    const ours = { agent: { id: 'PKEY', type: 'inbound_integration_reference' } };
    await fromPagerDuty(event('E1', 'acknowledged', {}, ours));
    await fromPagerDuty(event('E2', 'resolved', {}, ours));
    await fromPagerDuty(event('E3', 'resolved', { incident_key: 'plimsoll-other-INC-1' }));
    await fromPagerDuty(event('E4', 'resolved', { incident_key: 'plimsoll-test-INC-77' }));
    expect(await incident()).toMatchObject({ state: 'new', ackedAt: null });
    const before = new Date(world.now - 60_000).toISOString();
    await fromPagerDuty(event('E5', 'resolved'));
    await world.post('/incidents/INC-1/reopen', { reason: 'no' });
    await fromPagerDuty(event('E6', 'resolved', {}, { occurred_at: before }));
    expect((await incident()).state).toBe('in_progress');
  });

  it('buttons in Slack, once, and its message shows it', async () => {
    await broken();
    const press = (action: string, seconds = 0, channel = 'C1') => {
      const payload = JSON.stringify({
        type: 'block_actions',
        user: { id: 'U1', username: 'anna' },
        channel: { id: channel },
        actions: [{ action_id: `plimsoll_${action}`, value: 'plimsoll-test-INC-1', action_ts: `${world.now / 1000}` }],
      });
      const body = new URLSearchParams({ payload }).toString();
      const timestamp = String(Math.floor(world.now / 1000) - seconds);
      const signature = `v0=${createHmac('sha256', secretOf('env:SLACK_BACK')).update(`v0:${timestamp}:${body}`).digest('hex')}`;
      return hook('chat', body, {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signature,
      });
    };
    expect(await press('acknowledge', 400)).toMatchObject({ status: 401, body: { code: 'PLIM_HOOK_STALE' } });
    expect((await press('acknowledge', 0, 'C2')).status).toBe(200);
    expect((await incident()).ackedAt).toBe(null);
    expect(await press('acknowledge')).toEqual({ status: 200, body: null });
    expect(await press('acknowledge')).toEqual({ status: 200, body: null });
    await press('resolve');
    expect(await incident()).toMatchObject({ state: 'resolved', ackedBy: { id: 'chat/U1', name: 'anna' } });
    expect((await told('chat')).slice(-2)).toEqual(['acknowledged', 'resolved']);
    expect((await told('pd')).slice(-2)).toEqual(['acknowledged', 'resolved']);
  });

  it('a signed webhook: all that may be said, a closed one is opened again by a new record, and what is none of it is refused', async () => {
    await broken();
    const by = { id: 'anna@example.com', name: 'Anna' };
    const said = { incident: 'INC-1', by };
    await fromOps('m1', 'incident.assigned', { ...said, to: 'ben' });
    await fromOps('m2', 'incident.held', { ...said, reason: 'awaiting_vendor' });
    await fromOps('m3', 'incident.resumed', { ...said, incident: 'plimsoll-test-INC-1' });
    await fromOps('m4', 'incident.merged', { ...said, into: 'OPS-1' });
    await fromOps('m5', 'dev.plimsoll.incident.resolved.v1', { ...said, code: 'duplicate', notes: 'as OPS-1' });
    expect(await incident()).toMatchObject({
      state: 'resolved',
      assignedTo: 'ben',
      closeCode: 'duplicate',
      closeNotes: 'as OPS-1',
    });
    expect((await told('ops')).slice(-5)).toEqual(['updated', 'held', 'updated', 'updated', 'resolved']);
    await world.post('/incidents/INC-1/close', {});
    await fromOps('m6', 'incident.reopened', said);
    await fromOps('m7', 'incident.reopened', said);
    const again = await world.get<{ incidents: IncidentJson[] }>('/incidents');
    expect(again.incidents.map(({ id, state, recurrenceOf }) => [id, state, recurrenceOf])).toEqual([
      ['INC-2', 'in_progress', 'INC-1'],
      ['INC-1', 'closed', null],
    ]);
    for (const [type, data] of [
      ['incident.exploded', said],
      ['incident.noted', said],
      ['incident.noted', { ...said, text: 'x', extra: 1 }],
      ['incident.acknowledged', { ...said, incident: 'INC-x' }],
    ] as const)
      expect(await fromOps(`bad ${type}`, type, data)).toMatchObject({
        status: 400,
        body: { code: 'PLIM_HOOK_UNREADABLE' },
      });
    // Our own event, sent back by somebody who forwards all that they get.
    expect((await fromOps('plimsoll-test-INC-2-1', 'incident.acknowledged', said)).body).toEqual({ taken: 0 });
  });

  it.runIf(engine === 'sqlite')('kept and not dealt with before a crash, it is dealt with after it, once', async () => {
    await broken();
    await world.plimsoll.stop();
    const note = { type: 'note', text: 'said before the lights went out' };
    const content = { id: 'E1', about: { incident: 'INC-1' }, at: null, by: { id: 'P', name: null }, acts: [note] };
    const db = new DatabaseSync(world.file, { timeout: 30_000 });
    db.prepare("insert into inbox (sink, event, received_at, content) values ('pd', 'E1', ?, ?)").run(
      world.now,
      JSON.stringify(content),
    );
    db.close();
    await world.boot();
    await world.plimsoll.hear();
    await world.plimsoll.hear();
    const notes = (await incident()).timeline.filter(({ event: what }) => what === 'note');
    expect(notes.map(({ text }) => text)).toEqual(['said before the lights went out']);
    expect((await fromPagerDuty(event('E1', 'annotated'))).body).toEqual({ taken: 0 });
  });

  it('refuses what it can not believe, with a code for each reason, and writes that down', async () => {
    await broken();
    const good = event('E1', 'acknowledged');
    const json = { 'content-type': 'application/json' };
    expect(await fromPagerDuty(good, 'wrong')).toMatchObject({ status: 401, body: { code: 'PLIM_HOOK_SIGNATURE' } });
    expect(await hook('nobody', '{}', json)).toMatchObject({ status: 404, body: { code: 'PLIM_HOOK_UNKNOWN' } });
    expect(await hook('plain', '{}', json)).toMatchObject({ status: 403, body: { code: 'PLIM_HOOK_NO_SECRET' } });
    expect(await hook('pd', Buffer.alloc(1_100_000, 32), json)).toMatchObject({
      status: 413,
      body: { code: 'PLIM_HOOK_TOO_LARGE' },
    });
    for (const body of [
      '{"event":',
      '{"event":1,"event":2}',
      '[]',
      '"\ud800"',
      '{"event":{"id":"","event_type":"x"}}',
    ]) {
      const signature = `v1=${createHmac('sha256', secretOf('env:PD_BACK')).update(body).digest('hex')}`;
      expect(await hook('pd', body, { ...json, 'x-pagerduty-signature': signature })).toMatchObject({
        status: 400,
        body: { code: 'PLIM_HOOK_UNREADABLE' },
      });
    }
    expect(await hook('gone', '{}', json)).toMatchObject({ status: 503, body: { code: 'PLIM_HOOK_SECRET' } });
    for (let i = 0; i < 10; i++) await hook('plain', '{}', json);
    expect(await hook('plain', '{}', json)).toMatchObject({ status: 429, body: { code: 'PLIM_HOOK_LOCKED' } });
    // Under whatever name: tools call what leads here, and nothing else is answered under it.
    const open = supertest(world.plimsoll.addresses.http);
    const cross = { host: 'plimsoll.example.com', 'sec-fetch-site': 'none' };
    expect((await open.post('/api/v1/hooks/pd').set(cross).send('{}')).body.code).toBe('PLIM_HOOK_LOCKED');
    expect((await open.get('/api/v1/incidents').set(cross)).status).toBe(421);
    // A right one is taken all the same.
    expect((await fromPagerDuty(good)).body).toEqual({ taken: 1 });
    const { entries } = await world.get<{ entries: { data: Record<string, unknown> }[] }>('/audit?type=access.denied');
    expect(entries.map(({ data }) => data['reason'])).toEqual(
      expect.arrayContaining(['wrong signature', 'no secret', 'no such sink']),
    );
    const metrics = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
    expect(metrics).toMatch(/plimsoll_hook_requests_total\{sink="pd",result="taken"\} 1/);
    expect(metrics).toMatch(/plimsoll_hook_requests_total\{sink="pd",result="unreadable"\} 6/);
    expect(metrics).toMatch(/plimsoll_hook_requests_total\{sink="",result="refused"\} 1/);
    expect(metrics).toMatch(/plimsoll_inbox_events_total\{sink="pd",result="done"\} 1/);
  });
});
