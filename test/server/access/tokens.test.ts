import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Traffic } from '../../scenarios/traffic.ts';
import { exchange, objective, service, World } from '../world.ts';
import { Client } from './client.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;

let world: World;
afterEach(() => world.end());

describe('as long as nobody has made a token', () => {
  it('whoever reaches the loopback address may do everything, as the local person', async () => {
    world = await World.start();
    const client = new Client(world);
    expect((await client.get('/services')).status).toBe(200);
    await client.post('/changes', { changes: [{ id: 'CHG-1', service: 'bot', type: 'prompt', after: '8' }] });
    expect(await client.audit('change.declared')).toEqual([
      { actor: 'user:local', data: { id: 'CHG-1', service: 'bot', type: 'prompt', state: 'implemented' } },
    ]);
  });

  it('the first one closes every door, at once and after a restart', async () => {
    world = await World.start();
    const client = new Client(world);
    const { token } = await client.make({ role: 'admin', name: 'first' });
    for (const again of [false, true]) {
      if (again) await world.restart();
      expect((await new Client(world).get('/services')).status).toBe(401);
      expect((await new Client(world, token).get('/services')).status).toBe(200);
      await expect(world.spans([exchange('bot', world.now)])).rejects.toThrow('401');
    }
  });
});

describe('a token', () => {
  it('is kept as a hash, and in no answer but the one that makes it', async () => {
    world = await World.start();
    const { token, id } = await new Client(world).make({ role: 'admin', name: 'ops' });
    expect(token).toMatch(/^plim_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
    const listed = await new Client(world, token).get('/tokens');
    expect(listed.text).toContain(id);
    expect(listed.text).not.toContain(token);
    expect(await new Client(world, token).auditText()).not.toContain(token.slice(-43));
    await world.plimsoll.stop();
    const file = readFileSync(join(world.folder, 'store.db'));
    expect(file.includes(token.slice(-43))).toBe(false);
    await world.boot();
  });

  it('comes to its end when it says, and at once when it is revoked', async () => {
    world = await World.start();
    const { token: admin } = await new Client(world).make({ role: 'admin' });
    world.now += 1;
    const short = await new Client(world, admin).make({ role: 'viewer', expiresIn: '10m' });
    const viewer = new Client(world, short.token);
    world.now += 10 * MINUTE - 1;
    expect((await viewer.get('/services')).status).toBe(200);
    world.now += 1;
    expect((await viewer.get('/services')).json['detail']).toContain('has expired');
    const other = await new Client(world, admin).make({ role: 'viewer' });
    expect((await new Client(world, other.token).get('/services')).status).toBe(200);
    await new Client(world, admin).post(`/tokens/${other.id}/revoke`, {});
    expect((await new Client(world, other.token).get('/services')).json['detail']).toContain('was revoked');
    const states = (await new Client(world, admin).get('/tokens')).json['tokens'] as { id: string; state: string }[];
    expect(states.map(({ state }) => state).toSorted()).toEqual(['expired', 'revoked', 'valid']);
  });

  it('is refused with what is wrong with what was asked for', async () => {
    world = await World.start();
    const client = new Client(world);
    const refused = async (wanted: object): Promise<unknown> => (await client.post('/tokens', wanted)).json['detail'];
    expect(await refused({})).toContain('role: expected one of ingest, viewer');
    expect(await refused({ role: 'viewer', services: [] })).toContain('services: expected the name of a service');
    expect(await refused({ role: 'viewer', expiresIn: 'never' })).toContain('expiresIn: expected a duration like 90d');
    expect(await refused({ role: 'viewer', expiresIn: '10y' })).toContain('expiresIn');
  });
});

describe('failed attempts', () => {
  it('lock out the source and what it guesses at, not those who come from there with a right token, and not for ever', async () => {
    world = await World.start();
    const { token: admin } = await new Client(world).make({ role: 'admin' });
    const seen = await new Client(world, admin).make({ role: 'viewer' });
    const unseen = await new Client(world, admin).make({ role: 'viewer' });
    const status = async (token: string): Promise<number> => (await new Client(world, token).get('/services')).status;
    expect(await status(seen.token)).toBe(200);
    const wrong = `${unseen.token.slice(0, -1)}${unseen.token.endsWith('A') ? 'B' : 'A'}`;
    for (let i = 0; i < 10; i++) expect(await status(wrong)).toBe(401);
    const locked = await new Client(world, wrong).get('/services');
    expect([locked.status, locked.json['code'], locked.headers.get('retry-after')]).toEqual([
      429,
      'PLIM_ACCESS_LOCKED',
      '300',
    ]);
    for (const { token } of [seen, unseen]) expect(await status(token)).toBe(200);
    const client = new Client(world, admin);
    expect(await client.audit('access.refused')).toHaveLength(10);
    expect((await client.audit('access.locked')).map(({ data }) => data)).toEqual([
      { from: '127.0.0.1' },
      { token: unseen.id },
    ]);
    world.now += 5 * MINUTE;
    expect(await status(unseen.token)).toBe(200);
    expect(await status(wrong)).toBe(401);
  });
});

describe('a token for one service', () => {
  it('shows that one and no other, in lists neither, and acts on its incidents alone', async () => {
    world = await World.start({
      now: START,
      services: [service('bot'), service('secret-bot')],
      objectives: ['bot', 'secret-bot'].map((name) =>
        objective(`${name}-up`, { service: name, measure: { type: 'availability' }, target: 0.99 }),
      ),
    });
    const [bot, other] = [new Traffic(world, 'bot', START), new Traffic(world, 'secret-bot', START)];
    await bot.pass(30);
    world.now = START;
    await other.pass(30);
    await other.judge();
    await other.live(6, { failed: 18 });
    const secret = (await world.get<{ interactions: { traceId: string }[] }>('/services/secret-bot/interactions'))
      .interactions[0]!.traceId;
    const { token: admin } = await new Client(world).make({ role: 'admin' });
    const whole = new Client(world, admin);
    const { token, id } = await whole.make({ role: 'responder', services: ['bot'] });
    const scoped = new Client(world, token);

    expect((await whole.get('/incidents')).text).toContain('INC-1');
    for (const path of ['/services', '/objectives', '/incidents', '/deployment', `/interactions/${secret}`]) {
      const { status, text } = await scoped.get(path);
      expect([path, status, text.includes('secret-bot'), text.includes('INC-')]).toEqual([path, 200, false, false]);
    }
    expect((await scoped.get('/services')).text).toContain('"bot"');
    for (const path of [
      '/services/secret-bot',
      '/services/secret-bot/measures',
      '/services/secret-bot/interactions',
      '/services/secret%2Dbot/dependencies',
      '/objectives/secret-bot-up',
      '/objectives/secret-bot-up/periods',
      '/incidents/INC-1',
    ])
      expect([path, (await scoped.get(path)).status]).toEqual([path, 404]);
    expect((await scoped.get('/incidents?service=secret-bot')).json['incidents']).toEqual([]);
    expect((await scoped.post('/incidents/INC-1/acknowledge', {})).status).toBe(404);

    const { token: responder, id: responderId } = await whole.make({ role: 'responder', name: 'night shift' });
    expect((await scoped.get('/objectives/bot-up')).status).toBe(200);
    const done = await new Client(world, responder).post('/incidents/INC-1/acknowledge', {});
    expect(done.json['ackedBy']).toEqual({ kind: 'token', id: responderId, name: 'night shift' });
    expect((await whole.audit('incident.acknowledged')).map(({ actor }) => actor)).toEqual([`token:${responderId}`]);
    const { token: viewer } = await whole.make({ role: 'viewer' });
    expect((await new Client(world, viewer).get('/incidents/INC-1')).json['moves']).toEqual([]);
    expect((await new Client(world, viewer).post('/incidents/INC-1/note', { text: 'x' })).status).toBe(403);
    expect((await whole.audit('access.denied')).at(-1)!.data).toEqual({
      route: 'POST /api/v1/incidents/{id}/{move}',
      permission: 'respond',
    });
    expect(id).toMatch(/^[0-9a-f]{12}$/);
  });

  it('lets a page of a listed origin send feedback, and one that is refused read why', async () => {
    const origin = 'https://app.example';
    const listen = { http: '127.0.0.1:0', otlpHttp: '127.0.0.1:0', otlpGrpc: '127.0.0.1:0', cors: [origin] };
    world = await World.start({ services: [service('bot')], spec: { listen } });
    const { token: admin } = await new Client(world).make({ role: 'admin' });
    const { token } = await new Client(world, admin).make({ role: 'ingest', services: ['bot'] });
    const send = (headers: Record<string, string>) =>
      new Client(world).ask(`${world.api}/feedback`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin, 'sec-fetch-site': 'cross-site', ...headers },
        body: JSON.stringify({ feedback: [{ responseId: 'r', kind: 'thumbs', value: 'up' }] }),
      });
    const refused = await send({});
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, origin]);
    expect((await send({ authorization: `Bearer ${token}` })).json).toMatchObject({ pending: 1 });
    const asked = await new Client(world).ask(`${world.api}/feedback`, { method: 'OPTIONS', headers: { origin } });
    expect([asked.status, asked.headers.get('access-control-allow-headers')]).toEqual([
      204,
      'content-type, authorization',
    ]);
  });

  it('sends what is of its service; of what is not, each item is refused', async () => {
    world = await World.start({ services: [service('bot'), service('other-bot')] });
    const { token: admin } = await new Client(world).make({ role: 'admin' });
    const { token } = await new Client(world, admin).make({ role: 'ingest', services: ['bot'] });
    const one = exchange('bot', world.now - MINUTE);
    const other = exchange('other-bot', world.now - MINUTE, {
      attributes: { 'gen_ai.response.id': 'resp-of-other', 'gen_ai.conversation.id': 'talk-of-other' },
    });
    await new Client(world, admin).spans([one, other]);
    const client = new Client(world, token);
    const { json } = await client.post('/feedback', {
      feedback: [
        { traceId: one.traceId, kind: 'thumbs', value: 'up' },
        { traceId: other.traceId, kind: 'thumbs', value: 'down' },
        { traceId: other.traceId, kind: 'stars', value: 1, service: 'other-bot' },
      ],
    });
    // Of a trace of another service nothing is found: it waits for one of its own.
    expect(json).toMatchObject({ accepted: 1, pending: 1, rejected: [{ index: 2, code: 'PLIM_ACCESS_FORBIDDEN' }] });
    const named = await client.post('/feedback', {
      feedback: [
        { responseId: 'resp-of-other', kind: 'thumbs', value: 'down' },
        { conversationId: 'talk-of-other', kind: 'thumbs', value: 'down' },
        { interactionId: 'own-of-other', kind: 'thumbs', value: 'down' },
      ],
    });
    expect(named.json).toMatchObject({ accepted: 0, pending: 3 });
    const changes = await client.post('/changes', {
      changes: [
        { id: 'A', service: 'bot', type: 'prompt', after: '8' },
        { id: 'B', service: 'other-bot', type: 'prompt', after: '8' },
      ],
    });
    expect(changes.json).toMatchObject({ accepted: 1, rejected: [{ index: 1, code: 'PLIM_ACCESS_FORBIDDEN' }] });
    const rated = (await new Client(world, admin).get(`/interactions/${other.traceId}`)).json;
    expect((rated['feedback'] as { joined: boolean }[]).map(({ joined }) => joined)).toEqual([false]);
  });

  it('an item that is none is read as it came: a long text is not made an object of as many keys', async () => {
    world = await World.start({ services: [service('bot')] });
    const { token: admin } = await new Client(world).make({ role: 'admin' });
    const { token } = await new Client(world, admin).make({ role: 'ingest', services: ['bot'] });
    const feedback = ['a text', [1, 2], null, 7];
    const { json } = await new Client(world, token).post('/feedback', { feedback });
    const whole = await new Client(world, admin).post('/feedback', { feedback });
    expect(json).toEqual(whole.json);
    expect(json).toMatchObject({ rejected: [{ detail: expect.stringContaining('expected object') }, {}, {}, {}] });
  });

  it('replaces nothing that was said about another service, by whatever name', async () => {
    world = await World.start({ services: [service('bot'), service('other-bot')] });
    const { token: admin } = await new Client(world).make({ role: 'admin' });
    const whole = new Client(world, admin);
    const other = exchange('other-bot', world.now - MINUTE);
    await whole.spans([other]);
    const { traceId } = other;
    await whole.post('/feedback', {
      feedback: [
        { traceId, kind: 'thumbs', value: 'up' },
        { id: 'fb-1', traceId, kind: 'stars', value: 5 },
      ],
    });
    const { token } = await whole.make({ role: 'ingest', services: ['bot'] });
    const later = new Date(world.now).toISOString();
    world.now += MINUTE;
    await new Client(world, token).post('/feedback', {
      feedback: [
        { traceId, kind: 'thumbs', value: 'down', at: later },
        { id: 'fb-1', traceId, kind: 'stars', value: 1, at: later },
      ],
    });
    const { json } = await whole.get(`/interactions/${traceId}`);
    const joined = (json['feedback'] as { joined: boolean; value: unknown }[]).filter((one) => one.joined);
    expect(joined.map(({ value }) => value)).toEqual(['up', 5]);
  });

  it('takes no id of a change away from another service', async () => {
    world = await World.start({ services: [service('bot'), service('other-bot')] });
    const { token: admin } = await new Client(world).make({ role: 'admin' });
    const whole = new Client(world, admin);
    const own = new Client(world, (await whole.make({ role: 'ingest', services: ['bot'] })).token);
    const change = (name: string) => ({ changes: [{ id: 'release-42', service: name, type: 'prompt' }] });
    expect((await own.post('/changes', change('bot'))).json).toMatchObject({ accepted: 1, duplicates: 0 });
    expect((await own.post('/changes', change('bot'))).json).toMatchObject({ accepted: 0, duplicates: 1 });
    expect((await whole.post('/changes', change('other-bot'))).json).toMatchObject({ accepted: 1, duplicates: 0 });
    expect((await whole.audit('change.declared')).map(({ data }) => (data as { id: string }).id)).toEqual([
      'bot/release-42',
      'release-42',
    ]);
  });
});
