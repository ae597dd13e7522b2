import { createHmac } from 'node:crypto';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IncidentJson } from '../../../src/model/incident.ts';
import { Overloaded } from '../../../src/model/ingest.ts';
import { signedHeaders } from '../../../src/sinks/webhook/signature.ts';
import { Writer } from '../../../src/store/writer.ts';
import { Traffic } from '../../scenarios/traffic.ts';
import { StandIn } from '../../standins/http-server.ts';
import { objective, service, World } from '../world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const DAY = 24 * 3_600_000;
const secretOf = (reference: string): string => `secret of ${reference}`;
const hex = (reference: string, ...parts: (string | Buffer)[]): string =>
  parts.reduce((hmac, part) => hmac.update(part), createHmac('sha256', secretOf(reference))).digest('hex');

let world: World;
let tool: StandIn;
beforeEach(async () => {
  tool = await StandIn.start();
  tool.answer = ({ path }) =>
    path.startsWith('/api/')
      ? { status: 200, body: '{"ok":true,"ts":"1.2","channel":"C1"}' }
      : path.startsWith('/rest/')
        ? { status: 201, body: '{"key":"OPS-1","issues":[]}' }
        : { status: path === '/v2/enqueue' ? 202 : 200 };
  world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
    secret: async (reference) => secretOf(reference),
    spec: {
      egress: { allow: ['127.0.0.1'] },
      sinks: [
        { name: 'pd', type: 'pagerduty', url: tool.url, routingKey: 'env:PD', webhookSecret: 'env:PD_BACK' },
        { name: 'pd2', type: 'pagerduty', url: tool.url, routingKey: 'env:PD', webhookSecret: 'env:PD2_BACK' },
        { name: 'ops', type: 'webhook', url: `${tool.url}/in`, secret: 'env:OPS', previousSecret: 'env:OPS_BEFORE' },
        {
          name: 'chat',
          type: 'slack',
          url: tool.url,
          token: 'env:SLACK',
          channel: 'C1',
          signingSecret: 'env:SLACK_BACK',
        },
        {
          name: 'jira',
          type: 'jira',
          url: tool.url,
          user: 'p@example.com',
          token: 'env:JIRA',
          project: 'OPS',
          issueType: 'Bug',
          webhookSecret: 'env:JIRA_BACK',
        },
      ],
    },
  });
  await new Traffic(world, 'bot', START).live(6, { failed: 20 });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world.end();
  await tool.stop();
});

interface Said {
  readonly status: number;
  readonly body: { readonly code?: string; readonly taken?: number } | null;
}
interface Sent {
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  /** In pieces of no declared length. */
  readonly chunked?: boolean;
  /** The address that it comes from. */
  readonly from?: string;
}

const begin = (name: string, { headers = {}, from }: Sent): ClientRequest =>
  httpRequest(`${world.api}/hooks/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(from === undefined ? {} : { localAddress: from }),
    agent: false,
  });
const answerTo = (request: ClientRequest): Promise<Said> =>
  new Promise((resolve, reject) => {
    request.on('error', reject).on('response', async (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      resolve({ status: response.statusCode!, body: text === '' ? null : JSON.parse(text) });
    });
  });
async function send(name: string, sent: Sent): Promise<Said> {
  const { body = '', chunked = false } = sent;
  const headers = chunked ? { ...sent.headers } : { ...sent.headers, 'content-length': `${Buffer.byteLength(body)}` };
  const request = begin(name, { ...sent, headers });
  const answer = answerTo(request);
  const bytes = Buffer.from(body);
  if (chunked)
    for (let at = 0; at < bytes.length; at += 9_000)
      if (!request.destroyed) request.write(bytes.subarray(at, at + 9_000));
  request.end(chunked ? undefined : body);
  return answer;
}

const pdBody = (id: string, type: string, more: object = {}, event: object = {}): string =>
  JSON.stringify({
    event: {
      id,
      event_type: `incident.${type}`,
      resource_type: 'incident',
      occurred_at: new Date(world.now).toISOString(),
      agent: { id: 'PANNA', type: 'user_reference', summary: 'Anna' },
      data: { id: 'PINC1', incident_key: 'plimsoll-test-INC-1', ...more },
      ...event,
    },
  });
const pd = (body: string, sent: Sent = {}): Promise<Said> =>
  send('pd', {
    body,
    ...sent,
    headers: { 'x-pagerduty-signature': `v1=${hex('env:PD_BACK', body)}`, ...sent.headers },
  });
const ops = (id: string, type: string, data: object, at = world.now, secret = 'env:OPS'): Promise<Said> => {
  const body = JSON.stringify({ type, data: { incident: 'INC-1', by: { id: 'anna' }, ...data } });
  return send('ops', { body, headers: signedHeaders([Buffer.from(secretOf(secret))], id, at, body) });
};
const press = (body: string, at = world.now, headers: Record<string, string> = {}): Promise<Said> => {
  const seconds = String(Math.floor(at / 1000));
  const signature = `v0=${hex('env:SLACK_BACK', `v0:${seconds}:`, body)}`;
  return send('chat', {
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': seconds,
      'x-slack-signature': signature,
      ...headers,
    },
  });
};
const payload = (value = 'plimsoll-test-INC-1', action_ts = '1793527200.1'): string =>
  JSON.stringify({
    type: 'block_actions',
    user: { id: 'U1', username: 'anna' },
    channel: { id: 'C1' },
    actions: [{ action_id: 'plimsoll_acknowledge', value, action_ts }],
  });
const jira = (body: string, headers: Record<string, string> = {}): Promise<Said> =>
  send('jira', { body, headers: { ...headers, 'x-hub-signature': `sha256=${hex('env:JIRA_BACK', body)}` } });
const incident = async (): Promise<IncidentJson> => {
  await world.plimsoll.hear();
  return world.get<IncidentJson>('/incidents/INC-1');
};
const untouched = async (): Promise<void> => expect(await incident()).toMatchObject({ state: 'new', ackedAt: null });

describe('a callback that is not what it says', () => {
  it('is refused whoever has signed what else: other bytes, another sink, another scheme, a header twice', async () => {
    const body = pdBody('E1', 'acknowledged');
    const pretty = JSON.stringify(JSON.parse(body), null, 1);
    const forged = { status: 401, body: { code: 'PLIM_HOOK_SIGNATURE' } };
    const signature = `v1=${hex('env:PD_BACK', body)}`;
    expect(await send('pd', { body: pretty, headers: { 'x-pagerduty-signature': signature } })).toMatchObject(forged);
    expect(await send('pd2', { body, headers: { 'x-pagerduty-signature': signature } })).toMatchObject(forged);
    expect(await send('pd', { body, headers: { 'x-hub-signature': signature } })).toMatchObject(forged);
    expect(await send('pd', { body, headers: { 'x-pagerduty-signature': signature.toUpperCase() } })).toMatchObject(
      forged,
    );
    expect(await send('pd', { body, headers: { 'x-pagerduty-signature': signature.slice(0, -1) } })).toMatchObject(
      forged,
    );
    expect(await send('pd', { body: '', headers: {} })).toMatchObject(forged);
    const signed = signedHeaders([Buffer.from(secretOf('env:OPS'))], 'msg_1', world.now, body);
    const twice = { ...signed, 'webhook-id': ['msg_1', 'msg_2'] };
    expect(await send('ops', { body, headers: twice })).toMatchObject(forged);
    expect(await send('ops', { body, headers: { ...signed, 'webhook-id': '' } })).toMatchObject(forged);
    await untouched();
  });

  it('is refused when its clock is minutes ahead as when it is minutes behind', async () => {
    const stale = { status: 401, body: { code: 'PLIM_HOOK_STALE' } };
    for (const minutes of [-6, 6]) {
      expect(await ops('msg_1', 'incident.acknowledged', {}, world.now + minutes * 60_000)).toMatchObject(stale);
      expect(await press(`payload=${encodeURIComponent(payload())}`, world.now + minutes * 60_000)).toMatchObject(
        stale,
      );
    }
    await untouched();
  });

  it('in PagerDuty, which says no time beside its body, is done once, and refused when it is too old to be a repetition', async () => {
    const resolved = pdBody('E1', 'resolved');
    expect(await pd(resolved)).toMatchObject({ body: { taken: 1 } });
    expect(await incident()).toMatchObject({ state: 'resolved' });
    await world.post('/incidents/INC-1/reopen', { reason: 'not mended' });
    world.now += 47 * 3_600_000;
    expect(await pd(resolved)).toMatchObject({ status: 200, body: { taken: 0 } });
    const note = JSON.stringify({
      webhookEvent: 'comment_created',
      timestamp: world.now,
      issue: { key: 'OPS-1', fields: { labels: ['plimsoll-test-INC-1'], creator: { accountId: 'us' } } },
      comment: { author: { accountId: 'anna', displayName: 'Anna' }, body: 'looked at it' },
    });
    expect(await jira(note)).toMatchObject({ body: { taken: 1 } });
    // Its id in the header is signed by nobody.
    expect(await jira(note, { 'x-atlassian-webhook-identifier': 'another' })).toMatchObject({ body: { taken: 0 } });
    await world.plimsoll.hear();
    world.now += 8 * DAY;
    // What was settled so long ago is forgotten.
    await pd(
      pdBody('E2', 'annotated', { id: 'N', incident_key: null, content: 'x', incident: { id: 'P', type: 'i' } }),
    );
    await incident();
    const count = (await incident()).timeline.length;
    expect(await pd(resolved)).toMatchObject({ status: 401, body: { code: 'PLIM_HOOK_STALE' } });
    expect(await jira(note)).toMatchObject({ status: 401, body: { code: 'PLIM_HOOK_STALE' } });
    expect((await incident()).timeline).toHaveLength(count);
  });

  it('of another deployment, of an incident that never was, or of our own account is taken and changes nothing', async () => {
    expect(await pd(pdBody('E1', 'resolved', { incident_key: 'plimsoll-other-INC-1' }))).toMatchObject({ status: 200 });
    expect(await pd(pdBody('E2', 'resolved', { incident_key: 'plimsoll-test-INC-99' }))).toMatchObject({ status: 200 });
    expect(await pd(pdBody('E3', 'resolved', { incident_key: 'plimsoll-test-TEST-1' }))).toMatchObject({ status: 200 });
    expect(await pd(pdBody('E4', 'resolved', { incident_key: 'plimsoll-test-INC-1 ' }))).toMatchObject({ status: 200 });
    expect(await ops('msg_1', 'incident.resolved', { incident: 'INC-99' })).toMatchObject({ status: 200 });
    expect(await press(`payload=${encodeURIComponent(payload('plimsoll-other-INC-1'))}`)).toMatchObject({
      status: 200,
    });
    const own = JSON.stringify({
      webhookEvent: 'comment_created',
      issue: { key: 'OPS-1', fields: { labels: ['plimsoll-test-INC-1'], creator: { accountId: 'us' } } },
      comment: { author: { accountId: 'us' }, body: 'written by a script of ours' },
    });
    expect(await jira(own)).toMatchObject({ status: 200, body: { taken: 0 } });
    await untouched();
  });

  it('is read as bytes, in whatever pieces they come; not unpacked, not too long, not too deep', async () => {
    const body = pdBody('E1', 'acknowledged');
    const signed = (bytes: string | Buffer): Sent => ({
      body: bytes,
      headers: { 'x-pagerduty-signature': `v1=${hex('env:PD_BACK', bytes)}` },
    });
    const unreadable = { status: 400, body: { code: 'PLIM_HOOK_UNREADABLE' } };
    const packed = gzipSync(body);
    const gzip = { ...signed(packed).headers, 'content-encoding': 'gzip' };
    expect(await send('pd', { body: packed, headers: gzip })).toMatchObject(unreadable);
    const tooLarge = { status: 413, body: { code: 'PLIM_HOOK_TOO_LARGE' } };
    const filled = (bytes: number): string => body.replace('{', `{"filler":"${'x'.repeat(bytes - body.length - 12)}",`);
    expect(filled(1_048_577)).toHaveLength(1_048_577);
    expect(await send('pd', signed(filled(1_048_577)))).toMatchObject(tooLarge);
    expect(await send('pd', { ...signed(filled(1_048_577)), chunked: true })).toMatchObject(tooLarge);
    for (const deep of ['['.repeat(100_000), `${'{"event":'.repeat(600)}1${'}'.repeat(600)}`])
      expect(await send('pd', signed(deep))).toMatchObject(unreadable);
    expect(await send('pd', signed(body.replace('{', '{"__proto__":{"event":{}},')))).toMatchObject({ status: 200 });
    expect(({} as { event?: unknown }).event).toBeUndefined();
    expect(
      await send('pd', signed('{"__proto__":{"event":{"id":"E9","event_type":"incident.resolved"}}}')),
    ).toMatchObject(unreadable);
    expect(await send('pd', signed(JSON.stringify({ messages: [JSON.parse(body), JSON.parse(body)] })))).toMatchObject(
      unreadable,
    );
    expect((await incident()).state).toBe('in_progress');
    expect(await send('pd', { ...signed(filled(1_048_576).replace('"E1"', '"E2"')), chunked: true })).toMatchObject({
      status: 200,
      body: { taken: 1 },
    });
  });

  it('as a form: the first payload counts, repetitions are known, and what is none is refused', async () => {
    const one = encodeURIComponent(payload());
    const two = encodeURIComponent(payload('plimsoll-test-INC-1', '1793527201.1').replace('acknowledge', 'resolve'));
    expect(await press(`payload=${one}&payload=${two}`)).toEqual({ status: 200, body: null });
    const retry = { 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' };
    expect(await press(`payload=${one}`, world.now, retry)).toEqual({ status: 200, body: null });
    const acked = (await incident()).timeline.filter(({ event }) => event === 'acknowledged');
    expect(acked).toHaveLength(1);
    expect((await incident()).state).toBe('in_progress');
    for (const body of ['', 'payload=', 'payload=%7B', 'payload=%ff', `x=${one}`, payload()])
      expect(await press(body)).toMatchObject({ status: 400, body: { code: 'PLIM_HOOK_UNREADABLE' } });
  });
});

describe('a callback of a healthy tool', () => {
  it('is taken with the key before, too, while one takes the place of the other', async () => {
    expect(await ops('msg_1', 'incident.noted', { text: 'new' })).toMatchObject({ status: 200, body: { taken: 1 } });
    expect(await ops('msg_2', 'incident.noted', { text: 'old' }, world.now, 'env:OPS_BEFORE')).toMatchObject({
      status: 200,
      body: { taken: 1 },
    });
    expect(await ops('msg_3', 'incident.noted', { text: 'none' }, world.now, 'env:OTHER')).toMatchObject({
      status: 401,
      body: { code: 'PLIM_HOOK_SIGNATURE' },
    });
  });

  it('is taken while a stranger at another address is locked out, and fills what they may', async () => {
    const stranger = '127.0.0.2';
    for (let i = 0; i < 15; i++) await send('pd', { body: '{}', from: stranger });
    expect(await send('pd', { body: '{}', from: stranger })).toMatchObject({ body: { code: 'PLIM_HOOK_LOCKED' } });
    // Bodies that never end: large ones, as many as a stranger likes.
    let refused = 0;
    const open = Array.from({ length: 40 }, () => {
      const request = begin('pd', { headers: { 'content-length': '1048576' }, from: stranger });
      answerTo(request).then(
        () => refused++,
        () => {},
      );
      request.write(Buffer.alloc(1_000_000, ' '));
      return request;
    });
    try {
      await vi.waitFor(() => expect(refused).toBeGreaterThanOrEqual(20));
      expect(await pd(pdBody('E1', 'acknowledged'), { from: '127.0.0.3' })).toEqual({
        status: 200,
        body: { taken: 1 },
      });
    } finally {
      for (const request of open) request.destroy();
    }
    expect((await incident()).ackedBy).toMatchObject({ id: 'pd/PANNA' });
  });

  it('is answered when it is durable and not before; what the store did not take is not acknowledged, and done once when it comes again', async () => {
    const write = Writer.prototype.write;
    const held = Promise.withResolvers<void>();
    let waiting = 0;
    let met: 'wait' | 'fail' | null = 'wait';
    vi.spyOn(Writer.prototype, 'write').mockImplementation(async function (this: Writer, item) {
      if (!JSON.stringify(item).includes('insert into \\"inbox\\"')) return write.call(this, item);
      if (met === 'fail') throw new Overloaded('the store is slow');
      if (met === 'wait') {
        waiting++;
        await held.promise;
      }
      return write.call(this, item);
    });
    const body = pdBody('E1', 'acknowledged');
    const answers: Said[] = [];
    // Where an assertion before it fails, the world ends, and with it their connections.
    const asked = Promise.allSettled(Array.from({ length: 5 }, () => pd(body).then((said) => answers.push(said))));
    await vi.waitFor(() => expect(waiting).toBe(5));
    expect(answers).toEqual([]);
    await untouched();
    met = null;
    held.resolve();
    await asked;
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(answers.map(({ body: said }) => said!.taken).toSorted()).toEqual([0, 0, 0, 0, 1]);
    met = 'fail';
    const second = pdBody('E2', 'resolved');
    expect(await pd(second)).toMatchObject({ status: 503, body: { code: 'PLIM_OVERLOADED' } });
    expect((await incident()).state).toBe('in_progress');
    met = null;
    expect(await pd(second)).toMatchObject({ body: { taken: 1 } });
    const { state, timeline } = await incident();
    expect([state, timeline.filter(({ event }) => event === 'acknowledged').length]).toEqual(['resolved', 1]);
  });
});
