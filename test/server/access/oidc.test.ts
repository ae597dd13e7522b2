import { inspect } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unseal } from '../../../src/server/access/sealed.ts';
import { service, World } from '../world.ts';
import { Client } from './client.ts';
import { type Account, IdentityProvider } from './provider.ts';
import { Visitor } from './visitor.ts';

const DANA: Account = { id: '00u1a2b3', email: 'dana@example.com', groups: ['sre', 'everyone'] };

describe('sign-in at a real OpenID provider', () => {
  let provider: IdentityProvider;
  let world: World;
  let visitor: Visitor;
  const providers: IdentityProvider[] = [];

  beforeEach(async () => {
    // The provider advises its operator, at length.
    for (const level of ['info', 'warn'] as const) vi.spyOn(console, level).mockImplementation(() => {});
    provider = await IdentityProvider.start();
    providers.push(provider);
    world = await World.start({
      services: [service('bot'), service('other-bot')],
      spec: {
        auth: {
          oidc: {
            issuer: provider.issuer,
            clientId: 'plimsoll',
            clientSecret: 'env:OIDC_SECRET',
            roles: [
              { group: 'sre', role: 'responder', services: ['bot'] },
              { group: 'robots', role: 'ingest' },
              { group: 'auditors', role: 'auditor' },
            ],
          },
        },
      },
    });
    provider.serve(`${world.plimsoll.addresses.http}/sign-in/callback`);
    visitor = new Visitor(world);
  });
  afterEach(() => world.end());
  afterAll(() => {
    for (const one of providers) one.stop();
  });

  const signIn = (to = '/incidents?state=open') =>
    visitor.follow(`${world.plimsoll.addresses.http}/sign-in/oidc?to=${encodeURIComponent(to)}`);
  const pathOf = ({ url }: { url: string }): string => new URL(url).pathname + new URL(url).search;

  it('lets people in with the roles of their groups, and brings them back to where they were', async () => {
    expect((await visitor.get('/session')).json).toMatchObject({ state: 'signed_out', oidc: true });
    provider.account = DANA;
    expect(pathOf(await signIn())).toBe('/incidents?state=open');
    expect((await visitor.get('/session')).json).toMatchObject({
      state: 'signed_in',
      actor: { kind: 'user', id: '00u1a2b3', name: 'dana@example.com' },
      roles: [{ role: 'responder', services: ['bot'] }],
      permissions: ['read', 'respond'],
    });
    const { json } = await visitor.get('/services');
    expect((json['services'] as { name: string }[]).map(({ name }) => name)).toEqual(['bot']);
    expect(await new Client(world).audit('session.opened')).toEqual([
      { actor: 'user:00u1a2b3', data: { by: 'oidc', from: '127.0.0.1' } },
    ]);
    expect((await visitor.post('/session/end', {})).status).toBe(200);
    expect((await visitor.get('/services')).status).toBe(401);
  });

  it('asks with PKCE, a state and a nonce, and keeps what belongs to them where no script and nobody else reads it', async () => {
    const response = await visitor.ask(`${world.plimsoll.addresses.http}/sign-in/oidc`);
    const asked = new URL(response.headers.get('location')!).searchParams;
    expect(asked.get('code_challenge_method')).toBe('S256');
    for (const name of ['code_challenge', 'state', 'nonce']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/);
    expect(visitor.setCookies.at(-1)).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/);
    const sealed = visitor.cookie('plimsoll_sign_in')!;
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain(asked.get('state'));
    expect(unseal(sealed, new Uint8Array(32))).toBeNull();
    expect(unseal(sealed, world.plimsoll.access.sealKey)).toMatchObject({ state: asked.get('state') });
  });

  it('lets nobody in who is in no group that a role is for, or in one that sees nothing', async () => {
    for (const groups of [[], ['robots'], ['strangers']]) {
      provider.account = { ...DANA, groups };
      visitor = new Visitor(world);
      expect(pathOf(await signIn())).toBe('/sign-in?problem=no_role');
      expect(visitor.cookie('plimsoll_session')).toBeUndefined();
    }
    expect((await new Client(world).audit('session.refused')).map(({ actor, data }) => [actor, data])).toEqual(
      Array(3).fill(['user:00u1a2b3', { reason: 'no role', from: '127.0.0.1' }]),
    );
  });

  it('lets nobody in whom the audit log would take for somebody who was not asked', async () => {
    provider.account = { ...DANA, id: 'local' };
    expect(pathOf(await signIn())).toBe('/sign-in?problem=refused');
    expect(await new Client(world).audit('session.opened')).toEqual([]);
  });

  it('refuses a code that another browser was given, and an answer that was made up', async () => {
    provider.account = DANA;
    const stolen = new Visitor(world);
    const begun = await stolen.ask(`${world.plimsoll.addresses.http}/sign-in/oidc`);
    // As far as the provider's answer, which is then shown by somebody else.
    let at = begun.headers.get('location')!;
    while (!at.startsWith(world.plimsoll.addresses.http))
      at = new URL((await stolen.ask(at)).headers.get('location')!, at).href;
    expect(new URL(at).searchParams.get('code')).toMatch(/^[\w-]+$/);
    expect(pathOf(await visitor.follow(at))).toBe('/sign-in?problem=expired');
    await visitor.ask(`${world.plimsoll.addresses.http}/sign-in/oidc`);
    expect(pathOf(await visitor.follow(at))).toBe('/sign-in?problem=refused');
    expect(visitor.cookie('plimsoll_session')).toBeUndefined();
    expect(await new Client(world).audit('session.refused')).toHaveLength(1);
    // Whom it was meant for still comes in.
    expect(pathOf(await stolen.follow(at))).toBe('/');
  });

  it('believes no ID token that is not as its provider signed it, or is meant for others', async () => {
    provider.account = DANA;
    const changed = (change: object, header?: object) => (token: string) => {
      const [head, body, signature] = token.split('.') as [string, string, string];
      const claims = { ...JSON.parse(Buffer.from(body, 'base64url').toString()), ...change };
      const coded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      return header === undefined ? `${head}.${coded(claims)}.${signature}` : `${coded(header)}.${coded(claims)}.`;
    };
    const forgeries: Record<string, (token: string) => string> = {
      'another person': changed({ sub: 'root' }),
      'a group more': changed({ groups: ['auditors'] }),
      'no algorithm': changed({}, { alg: 'none' }),
      'another audience': changed({ aud: 'others' }),
      'another issuer': changed({ iss: 'https://evil.example' }),
      'long over': changed({ exp: 1 }),
      'another nonce': changed({ nonce: 'x' }),
      'a cut signature': (token) => token.slice(0, -8),
    };
    for (const [name, forge] of Object.entries(forgeries)) {
      provider.forge = forge;
      visitor = new Visitor(world);
      expect([name, pathOf(await signIn())]).toEqual([name, '/sign-in?problem=refused']);
      expect(visitor.cookie('plimsoll_session')).toBeUndefined();
    }
    provider.forge = null;
    visitor = new Visitor(world);
    expect(pathOf(await signIn('/'))).toBe('/');
  });

  it('leads to no other site, and has to be finished within ten minutes', async () => {
    provider.account = DANA;
    for (const to of ['//evil.example', '/\\evil.example', 'https://evil.example/', 'javascript:alert(1)']) {
      visitor = new Visitor(world);
      expect([to, pathOf(await signIn(to))]).toEqual([to, '/']);
    }
    visitor = new Visitor(world);
    const begun = await visitor.ask(`${world.plimsoll.addresses.http}/sign-in/oidc`);
    world.now += 11 * 60_000;
    expect(pathOf(await visitor.follow(begun.headers.get('location')!))).toBe('/sign-in?problem=expired');
  });

  it('goes on under the address that the provider leads back to, wherever it was begun', async () => {
    provider.account = DANA;
    const { port } = new URL(world.plimsoll.addresses.http);
    expect(await visitor.follow(`http://localhost:${port}/sign-in/oidc?to=/incidents`)).toMatchObject({
      url: `${world.plimsoll.addresses.http}/incidents`,
    });
    // Behind a proxy that hides the address it is asked for no second time.
    const hidden = await visitor.ask(`http://localhost:${port}/sign-in/oidc?moved=1`);
    expect(hidden.headers.get('location')).toContain(provider.issuer);
  });

  it('writes nothing of what was sent and answered into the log', async () => {
    const reported: unknown[] = [];
    world.plimsoll.access.oidc!.finish = () =>
      Promise.reject(
        Object.assign(new Error('no'), { cause: { code: 'MARKED', id_token: 'MARKED' }, response: 'MARKED' }),
      );
    const log = vi.spyOn(world.log, 'error').mockImplementation((...args: unknown[]) => void reported.push(...args));
    await visitor.ask(`${world.plimsoll.addresses.http}/sign-in/oidc`);
    expect(pathOf(await visitor.follow(`${world.plimsoll.addresses.http}/sign-in/callback?code=MARKED`))).toBe(
      '/sign-in?problem=refused',
    );
    log.mockRestore();
    const text = reported.map((one) => (one instanceof Error ? one.stack : inspect(one, { depth: 9 }))).join();
    expect(text).toContain('signing in at the identity provider failed');
    expect(text).not.toContain('MARKED');
  });

  it('says so when the provider does not answer', async () => {
    provider.stop();
    expect(pathOf(await signIn())).toBe('/sign-in?problem=provider');
  });

  it('a role that is taken out of the configuration is gone from those who are signed in', async () => {
    provider.account = { ...DANA, groups: ['auditors'] };
    await signIn();
    expect((await visitor.get('/services')).status).toBe(200);
    const { deployment } = world.configuration;
    const roles = deployment.auth!.oidc!.roles.filter(({ group }) => group !== 'auditors');
    const auth = { ...deployment.auth!, oidc: { ...deployment.auth!.oidc!, roles } };
    const cookie = visitor.cookie('plimsoll_session')!;
    world.configuration = { ...world.configuration, deployment: { ...deployment, auth } };
    await world.restart();
    visitor = new Visitor(world);
    visitor.put('plimsoll_session', cookie);
    expect((await visitor.get('/services')).status).toBe(401);
  });
});
