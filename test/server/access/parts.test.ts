import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cookieText, readCookies } from '../../../src/server/access/cookies.ts';
import { FAILURES_MAX, FailureBook, LOCKED_FOR } from '../../../src/server/access/failures.ts';
import { bearerOf, sourceOf } from '../../../src/server/access/gate.ts';
import { accessAt } from '../../../src/server/access/permissions.ts';
import { seal, unseal } from '../../../src/server/access/sealed.ts';
import { idOfToken, isOfHash, makeToken } from '../../../src/server/access/token.ts';
import { checkDeployment } from '../../../src/server/config/cross-checks.ts';
import { deployment } from '../world.ts';

describe('a source', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, 'unknown'],
  ])('%s is %s', (address, source) => {
    expect(sourceOf(address)).toBe(source);
  });

  it('of IPv6 is the network of 64 bits, whatever comes behind them', () => {
    const group = fc.integer({ min: 1, max: 0xffff }).map((one) => one.toString(16));
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 8, maxLength: 8 }),
        fc.array(group, { minLength: 4, maxLength: 4 }),
        (one, rest) => {
          const neighbour = [...one.slice(0, 4), ...rest];
          expect(sourceOf(neighbour.join(':'))).toBe(sourceOf(one.join(':')));
        },
      ),
    );
  });
});

describe('failures', () => {
  it('lock a key for five minutes once there are ten within five, and no other key', () => {
    const book = new FailureBook();
    for (let i = 1; i < FAILURES_MAX; i++) expect(book.note('here', i)).toBe(false);
    expect(book.lockedFor('here', 20)).toBe(0);
    expect(book.note('here', 20)).toBe(true);
    expect(book.lockedFor('here', 20)).toBe(LOCKED_FOR);
    expect(book.lockedFor('there', 20)).toBe(0);
    expect(book.lockedFor('here', 20 + LOCKED_FOR)).toBe(0);
    expect(book.note('here', 20 + LOCKED_FOR)).toBe(false);
  });

  it('that are far apart lock nothing', () => {
    const book = new FailureBook();
    for (let i = 0; i < 100; i++) expect(book.note('here', i * 60_000)).toBe(false);
  });

  it('are remembered of so many keys at most', () => {
    const book = new FailureBook();
    for (let i = 0; i < FAILURES_MAX; i++) book.note('first', 0);
    for (let i = 0; i < 10_000; i++) book.note(`other ${i}`, 0);
    expect(book.lockedFor('first', 0)).toBe(0);
    expect(book.lockedFor('other 9999', 0)).toBe(0);
  });
});

describe('a token', () => {
  it('is known by its readable part and is right as a whole alone', () => {
    const wanted = { name: '', role: 'viewer', services: null, lives: 1000 } as const;
    const { token, record } = makeToken(wanted, { kind: 'user', id: 'local' }, 5);
    expect(idOfToken(token)).toBe(record.id);
    expect(record).toMatchObject({ expiresAt: 1005, createdBy: 'user:local' });
    expect(isOfHash(token, record.hash)).toBe(true);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom('A', 'b', '0', '-'), (at, character) => {
        const other = token.slice(0, at) + character + token.slice(at + 1);
        expect(isOfHash(other, record.hash)).toBe(other === token);
      }),
    );
  });

  it.each([
    ['Bearer plim_x', 'plim_x'],
    ['bearer  plim_x ', 'plim_x'],
    ['Basic dXNlcjpwYXNz', undefined],
    ['Bearer', undefined],
    [undefined, undefined],
  ])('stands in the header %s as %s', (header, token) => {
    expect(bearerOf(header)).toBe(token);
  });
});

describe('what a browser keeps of a sign-in', () => {
  it('is read with its key, whole, and not otherwise', () => {
    const key = randomBytes(32);
    fc.assert(
      fc.property(fc.json(), fc.nat(), (json, at) => {
        const value = JSON.parse(json);
        const sealed = seal(value, key);
        expect(unseal(sealed, key)).toEqual(value);
        expect(unseal(sealed, randomBytes(32))).toBeNull();
        const bytes = Buffer.from(sealed, 'base64url');
        bytes[at % bytes.length]! ^= 1;
        expect(unseal(bytes.toString('base64url'), key)).toBeNull();
      }),
    );
    for (const rubbish of ['', 'x', '%%%', 'A'.repeat(28)]) expect(unseal(rubbish, key)).toBeNull();
  });
});

describe('cookies', () => {
  it('over TLS are bound to the host, and taken away by an age of 0', () => {
    expect(cookieText('a', 'v', { isSecure: true, sameSite: 'Strict', lives: 90_500 })).toBe(
      '__Host-a=v; Path=/; HttpOnly; SameSite=Strict; Max-Age=90; Secure',
    );
    expect(cookieText('a', '', { isSecure: false, sameSite: 'Lax', lives: 0 })).toBe(
      'a=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0',
    );
  });

  it('are read whatever stands between them; of two of a name the first', () => {
    expect([...readCookies('a=1; b = 2;; =3; c; a=4; d=x=y')]).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['d', 'x=y'],
    ]);
  });
});

describe('a route', () => {
  it.each([
    ['GET', '/api/v1/services/a%2Fb', 'GET /api/v1/services/{name}', 'a%2Fb'],
    ['HEAD', '/api/v1/services/', 'GET /api/v1/services', ''],
    ['GET', '/API/V1/Services/bot/measures', 'GET /api/v1/services/{name}/measures', 'bot'],
    ['POST', '/api/v1/incidents/INC-1/note', 'POST /api/v1/incidents/{id}/{move}', ''],
  ])('is found as Express finds it: %s %s', (method, path, route, name) => {
    expect(accessAt(method, path)).toMatchObject({ route, name });
  });

  it.each([
    ['DELETE', '/api/v1/services'],
    ['GET', '/api/v1/openapi-json'],
    ['GET', '/api/v1/services/a/b'],
    ['GET', '/api/v1//services'],
  ])('is not there: %s %s', (method, path) => {
    expect(accessAt(method, path)).toBeNull();
  });
});

describe('a provider', () => {
  const oidc = { clientId: 'x', clientSecret: 'env:X', roles: [{ group: '*', role: 'viewer' }] };
  it.each([
    ['https://login.example.com', []],
    ['http://127.0.0.1:9000', []],
    ['http://[::1]:9000', []],
    ['http://login.example.com', ['PLIM_CONFIG_INVALID_VALUE']],
    ['http://127.0.0.1.example.com', ['PLIM_CONFIG_INVALID_VALUE']],
  ])('is asked over https, or on this machine: %s', (issuer, codes) => {
    const checked = checkDeployment(deployment('/nowhere/x.db', { auth: { oidc: { ...oidc, issuer } } }), () => false);
    expect(checked.map(({ code }) => code)).toEqual(codes);
  });

  it('lets a door be opened to others, as a token does', () => {
    const auth = { oidc: { ...oidc, issuer: 'https://login.example.com' } };
    const listen = { http: '0.0.0.0:8080' };
    expect(checkDeployment(deployment('/nowhere/x.db', { auth, listen }), () => false)).toEqual([]);
    expect(checkDeployment(deployment('/nowhere/x.db', { auth: {}, listen }), () => false)).toHaveLength(1);
    expect(checkDeployment(deployment('/nowhere/x.db', { auth: {}, listen }), () => true)).toEqual([]);
  });
});
