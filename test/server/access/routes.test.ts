import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES, type Role } from '../../../src/model/access.ts';
import { ROUTE_ACCESS } from '../../../src/server/access/permissions.ts';
import { service, World } from '../world.ts';
import { routesOf } from './router.ts';

const EVERYBODY = 'everybody, also who shows no token';
const READERS: readonly Role[] = ['viewer', 'responder', 'approver', 'auditor', 'admin'];
const SENDERS: readonly Role[] = ['ingest', 'admin'];
const RESPONDERS: readonly Role[] = ['responder', 'admin'];
const APPROVERS: readonly Role[] = ['approver', 'admin'];
const AUDITORS: readonly Role[] = ['auditor', 'admin'];
const ADMINS: readonly Role[] = ['admin'];

/** Who may ask for what, as it is meant. The list of routes is Express' own: one that is not here fails the first test. */
const TABLE: Readonly<Record<string, readonly Role[] | typeof EVERYBODY>> = {
  'GET /healthz': EVERYBODY,
  'GET /readyz': EVERYBODY,
  'GET /metrics': READERS,
  'GET /api/v1/openapi.json': EVERYBODY,
  'GET /api/v1/deployment': READERS,
  'POST /api/v1/feedback': SENDERS,
  'POST /api/v1/evaluations': SENDERS,
  'POST /api/v1/labels': SENDERS,
  'POST /api/v1/changes': SENDERS,
  'GET /api/v1/changes': READERS,
  'GET /api/v1/changes/{id}': READERS,
  'GET /api/v1/changes/{id}/gate': ROLES,
  'GET /api/v1/changes/{id}/verdict': ROLES,
  'POST /api/v1/changes/{id}/verdict': ROLES,
  'POST /api/v1/changes/{id}/amend': SENDERS,
  'POST /api/v1/changes/{id}/attach': SENDERS,
  'POST /api/v1/changes/{id}/submit': SENDERS,
  'POST /api/v1/changes/{id}/assess': APPROVERS,
  'POST /api/v1/changes/{id}/approve': APPROVERS,
  'POST /api/v1/changes/{id}/reject': APPROVERS,
  'POST /api/v1/changes/{id}/revert': SENDERS,
  'POST /api/v1/changes/{id}/start': SENDERS,
  'POST /api/v1/changes/{id}/complete': SENDERS,
  'POST /api/v1/changes/{id}/review': APPROVERS,
  'POST /api/v1/changes/{id}/cancel': SENDERS,
  'GET /api/v1/services': READERS,
  'GET /api/v1/services/{name}': READERS,
  'GET /api/v1/services/{name}/record': READERS,
  'POST /api/v1/services/{name}/record': APPROVERS,
  'POST /api/v1/services/{name}/confirm': APPROVERS,
  'GET /api/v1/services/{name}/dependencies': READERS,
  'GET /api/v1/dependencies': READERS,
  'GET /api/v1/services/{name}/measures': READERS,
  'GET /api/v1/services/{name}/interactions': READERS,
  'GET /api/v1/interactions/{traceId}': READERS,
  'GET /api/v1/objectives': READERS,
  'GET /api/v1/objectives/{name}': READERS,
  'GET /api/v1/objectives/{name}/periods': READERS,
  'GET /api/v1/incidents': READERS,
  'GET /api/v1/incidents/statistics': READERS,
  'GET /api/v1/incidents/{id}': READERS,
  'POST /api/v1/incidents/{id}/{move}': RESPONDERS,
  'GET /api/v1/changes/{id}/evidence': READERS,
  'GET /api/v1/problems': READERS,
  'GET /api/v1/problems/trend': READERS,
  'GET /api/v1/problems/{id}': READERS,
  'POST /api/v1/problems': RESPONDERS,
  'POST /api/v1/problems/{id}/close': APPROVERS,
  'POST /api/v1/problems/{id}/accept': APPROVERS,
  'POST /api/v1/problems/{id}/{move}': RESPONDERS,
  'GET /api/v1/outbox': READERS,
  'POST /api/v1/outbox/{id}/replay': RESPONDERS,
  'POST /api/v1/outbox/{id}/discard': RESPONDERS,
  'GET /api/v1/destinations': READERS,
  'GET /api/v1/silences': READERS,
  'GET /api/v1/silences/{id}': READERS,
  'POST /api/v1/silences': RESPONDERS,
  'DELETE /api/v1/silences/{id}': RESPONDERS,
  'GET /api/v1/taxonomy': READERS,
  'POST /api/v1/hooks/{name}': EVERYBODY,
  'GET /api/v1/events': READERS,
  'GET /api/v1/explain': READERS,
  'GET /api/v1/session': EVERYBODY,
  'POST /api/v1/session': EVERYBODY,
  'POST /api/v1/session/end': ROLES,
  'GET /sign-in/oidc': EVERYBODY,
  'GET /sign-in/callback': EVERYBODY,
  'GET /api/v1/audit': AUDITORS,
  'GET /api/v1/audit/heads': AUDITORS,
  'GET /api/v1/audit/keys': AUDITORS,
  'POST /api/v1/audit/exports': AUDITORS,
  'POST /api/v1/audit/rotate-key': ADMINS,
  'POST /api/v1/audit/cut': ADMINS,
  'GET /api/v1/tokens': ADMINS,
  'POST /api/v1/tokens': ADMINS,
  'POST /api/v1/tokens/{id}/revoke': ADMINS,
  'GET /api/v1/history': ADMINS,
  'POST /api/v1/history/rebuild': ADMINS,
  'POST /api/v1/settle': ADMINS,
  'POST /api/v1/store/move': ADMINS,
};

/** Routes about all services: whoever has a role for some only does not get in. */
const OF_ALL = [
  'GET /metrics',
  'GET /api/v1/explain',
  ...Object.keys(TABLE).filter((route) => TABLE[route] === ADMINS || TABLE[route] === AUDITORS),
];

/** Routes where a wrong token is no matter: they look at none. */
const WITHOUT = Object.keys(TABLE).filter((route) => TABLE[route] === EVERYBODY && route !== 'GET /api/v1/session');

const url = (route: string): string =>
  route
    .split(' ')[1]!
    .replace('{name}', 'bot')
    .replace('{traceId}', 'f00d'.padStart(32, '0'))
    .replace('{id}', 'INC-1')
    .replace('{move}', 'note');

describe('every route', () => {
  let world: World;
  const tokens = new Map<string, string>();

  const make = async (role: Role, services?: readonly string[]): Promise<string> => {
    const admin = tokens.get('admin');
    const response = await fetch(`${world.api}/tokens`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(admin === undefined ? {} : { authorization: `Bearer ${admin}` }),
      },
      body: JSON.stringify({ role, ...(services !== undefined && { services }) }),
    });
    return ((await response.json()) as { token: string }).token;
  };

  /** The status of a route for whoever shows a token; streams are not read. */
  const ask = async (route: string, token?: string): Promise<number> => {
    const [method] = route.split(' ') as [string];
    const abort = new AbortController();
    const response = await fetch(world.plimsoll.addresses.http + url(route), {
      method,
      signal: abort.signal,
      redirect: 'manual',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
      },
      ...(method === 'POST' ? { body: '[]' } : {}),
    });
    abort.abort();
    return response.status;
  };
  const isLetIn = (status: number): boolean => status !== 401 && status !== 403;

  beforeAll(async () => {
    world = await World.start({ services: [service('bot'), service('other-bot')] });
    // The first one closes the doors: it has to be the one that makes the others.
    for (const role of ['admin', ...ROLES.filter((one) => one !== 'admin')] as const)
      tokens.set(role, await make(role));
    for (const role of ROLES) tokens.set(`${role} of bot`, await make(role, ['bot']));
    for (const role of ROLES) tokens.set(`${role} of another`, await make(role, ['other-bot']));
  });
  afterAll(() => world.end());

  it('that Express has is in the table and in the list that the guard goes by, and nothing else is', () => {
    expect(Object.keys(TABLE).sort()).toEqual(routesOf());
    expect(Object.keys(ROUTE_ACCESS).sort()).toEqual(routesOf());
  });

  it.each(Object.keys(TABLE))('%s lets in whom the table says, and nobody else', async (route) => {
    const may = TABLE[route]!;
    // Past the lock-out that the wrong tokens below bring about.
    world.now += 10 * 60_000;
    expect(['nobody', isLetIn(await ask(route))]).toEqual(['nobody', may === EVERYBODY]);
    const unknown = await ask(route, 'plim_000000000000_'.padEnd(61, 'x'));
    expect([unknown === 401, isLetIn(unknown)]).toEqual([!WITHOUT.includes(route), WITHOUT.includes(route)]);
    for (const role of ROLES) {
      const isMeant = may === EVERYBODY || may.includes(role);
      expect([role, isLetIn(await ask(route, tokens.get(role)))]).toEqual([role, isMeant]);
      const isMeantOfSome = isMeant && !OF_ALL.includes(route);
      expect([role, isLetIn(await ask(route, tokens.get(`${role} of bot`)))]).toEqual([role, isMeantOfSome]);
      if (route.includes('/services/{name}') && isMeant)
        expect([role, await ask(route, tokens.get(`${role} of another`))]).toEqual([role, 404]);
    }
  });

  it('that is in no table is not there for anybody who is known', async () => {
    expect(await ask('GET /api/v1/nothing-here', tokens.get('admin'))).toBe(404);
    expect(await ask('GET /api/v1/nothing-here')).toBe(401);
  });
});
