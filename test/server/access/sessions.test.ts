import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { service, World } from '../world.ts';
import { Client } from './client.ts';
import { Visitor } from './visitor.ts';

const MINUTE = 60_000;

let world: World;
let admin: Client;
let visitor: Visitor;
beforeEach(async () => {
  world = await World.start({ services: [service('bot')] });
  const { token } = await new Client(world).make({ role: 'admin', name: 'first' });
  admin = new Client(world, token);
  visitor = new Visitor(world);
});
afterEach(() => world.end());

const signIn = async (role = 'responder'): Promise<{ token: string; id: string }> => {
  const made = await admin.make({ role, name: 'Dana' });
  expect((await visitor.post('/session', { token: made.token })).status).toBe(200);
  return made;
};

describe('sign-in by a token', () => {
  it('gives a cookie that no script reads and no other site sends, and says who is signed in', async () => {
    expect((await visitor.get('/session')).json).toMatchObject({ state: 'signed_out', actor: null, oidc: false });
    const { id, token } = await signIn();
    expect(visitor.setCookies.at(-1)).toMatch(
      /^plimsoll_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    );
    expect((await visitor.get('/session')).json).toMatchObject({
      state: 'signed_in',
      actor: { kind: 'token', id, name: 'Dana' },
      roles: [{ role: 'responder', services: null }],
      permissions: ['read', 'respond'],
    });
    expect((await visitor.get('/services')).status).toBe(200);
    expect(await admin.audit('session.opened')).toEqual([
      { actor: `token:${id}`, data: { by: 'token', from: '127.0.0.1' } },
    ]);
    const stored = JSON.stringify(await world.plimsoll.records.selectFrom('web_session').selectAll().execute());
    expect(stored).not.toContain(visitor.cookie('plimsoll_session'));
    expect(stored).not.toContain(token);
  });

  it('shows what no proxy may keep for others', async () => {
    await signIn();
    const { headers } = await visitor.ask(`${world.api}/services`);
    expect(headers.get('cache-control')).toBe('private, no-cache');
    const session = await visitor.ask(`${world.api}/session`);
    expect(session.headers.get('cache-control')).toBe('no-store');
  });

  it('lives through a restart, and ends with sign-out, with its token, when it is idle, and when it is old', async () => {
    const status = async (): Promise<number> => (await visitor.get('/services')).status;
    await signIn();
    const left = visitor.cookie('plimsoll_session')!;
    await world.restart();
    // On another port, which a browser would not mind.
    visitor.put('plimsoll_session', left);
    expect(await status()).toBe(200);
    expect((await visitor.post('/session/end', {})).status).toBe(200);
    expect(visitor.cookie('plimsoll_session')).toBeUndefined();
    visitor.put('plimsoll_session', left);
    expect(await status()).toBe(401);
    expect(await admin.audit('session.closed')).toHaveLength(1);

    const { id } = await signIn();
    await admin.post(`/tokens/${id}/revoke`, {});
    expect(await status()).toBe(401);

    await signIn();
    world.now += 30 * MINUTE - 1;
    expect(await status()).toBe(200);
    world.now += 30 * MINUTE;
    expect(await status()).toBe(401);

    await signIn();
    for (let i = 0; i < 48; i++) {
      expect([i, await status()]).toEqual([i, 200]);
      world.now += 15 * MINUTE;
    }
    expect(await status()).toBe(401);
    expect(await world.plimsoll.records.selectFrom('web_session').selectAll().execute()).toEqual([]);
  });

  it('is refused to what is no token, to a role that sees nothing, and after too many attempts', async () => {
    const attempt = async (token: string): Promise<unknown> => {
      const response = await visitor.post('/session', { token });
      return [response.status, ((await response.json()) as { code?: string }).code];
    };
    expect(await attempt('plim_x')).toEqual([401, 'PLIM_ACCESS_UNAUTHENTICATED']);
    const { token } = await admin.make({ role: 'ingest' });
    expect(await attempt(token)).toEqual([403, 'PLIM_ACCESS_FORBIDDEN']);
    expect(visitor.setCookies).toEqual([]);
    for (let i = 0; i < 9; i++) await attempt('plim_x');
    expect(await attempt('plim_x')).toEqual([429, 'PLIM_ACCESS_LOCKED']);
    for (let i = 0; i < 18; i++) await attempt('plim_x');
    // However they fail: the limit of attempts does not ask the clock of the world.
    expect(await attempt('plim_x')).toEqual([429, 'PLIM_ACCESS_RATE']);
  });
});

describe('what a cookie changes', () => {
  const cases: [string, Record<string, string>, number][] = [
    ['a page of the console', {}, 200],
    ['an older browser, which says where it comes from', { 'sec-fetch-site': '', origin: 'SELF' }, 200],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a page of a neighbour of this host', { 'sec-fetch-site': 'same-site' }, 403],
    ['a page without what a page of the console has read', { 'x-plimsoll-csrf': '' }, 403],
    ['a page that guesses it', { 'x-plimsoll-csrf': '0'.repeat(64) }, 403],
    ['an older browser from elsewhere', { 'sec-fetch-site': '', origin: 'https://evil.example' }, 403],
    ['an older browser that says nothing', { 'sec-fetch-site': '' }, 403],
  ];

  it.each(cases)('%s', async (_who, headers, status) => {
    await signIn('admin');
    const { origin } = new URL(world.api);
    const said = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value === 'SELF' ? origin : value]),
    );
    const { json } = await visitor.get('/session');
    const all: Record<string, string> = {
      'content-type': 'application/json',
      'sec-fetch-site': 'same-origin',
      'x-plimsoll-csrf': String(json['csrf']),
      ...said,
    };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    const response = await visitor.ask(`${world.api}/tokens`, {
      method: 'POST',
      headers: sent,
      body: JSON.stringify({ role: 'viewer' }),
    });
    expect(response.status).toBe(status);
  });

  it('a token in a header needs none of that: no browser sends it by itself', async () => {
    expect((await admin.post('/tokens', { role: 'viewer' })).status).toBe(200);
  });
});
