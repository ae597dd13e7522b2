import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EgressOptions } from '../../src/sinks/egress.ts';
import { createMail } from '../../src/sinks/mail.ts';
import type { MailRequest, MailResult } from '../../src/sinks/sink.ts';
import { SmtpStandIn } from '../standins/smtp-server.ts';

const FOLDER = join(import.meta.dirname, '../golden/tls');
const pem = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const KEYS = { key: pem('key.pem'), cert: pem('certificate.pem') };
const LOCAL = [{ address: '127.0.0.1', family: 4 }];

let server: SmtpStandIn;
let asked: string[];

const send = (request: Partial<MailRequest> = {}, more: Partial<EgressOptions> = {}): Promise<MailResult> =>
  createMail({
    allow: ['127.0.0.1'],
    totalMs: 30_000,
    resolve: async (hostname) => {
      asked.push(hostname);
      return LOCAL;
    },
    ...more,
  })({
    url: server.url,
    tls: 'off',
    from: 'plimsoll@example.com',
    to: ['a@example.com', 'b@example.com'],
    message: 'Subject: it\r\n\r\n.a dot\r\n',
    ...request,
  });
const named = (scheme = 'smtp'): string => `${scheme}://localhost:${server.port}`;

beforeEach(() => {
  asked = [];
});
afterEach(() => server.stop());

describe('a mail', () => {
  beforeEach(async () => {
    server = await SmtpStandIn.start();
  });

  it('arrives as it is', async () => {
    expect(await send()).toEqual({ kind: 'accepted', refused: 0 });
    expect(server.received).toMatchObject([
      { from: 'plimsoll@example.com', to: ['a@example.com', 'b@example.com'], raw: 'Subject: it\r\n\r\n.a dot\r\n' },
    ]);
  });

  it('arrives at those whom the server takes', async () => {
    server.refused.set('a@example.com', 550);
    expect(await send()).toEqual({ kind: 'accepted', refused: 1 });
    expect(server.received).toMatchObject([{ to: ['b@example.com'] }]);
  });

  it('that nobody is left for is refused, for now if it is for now for one of them', async () => {
    server.refused.set('a@example.com', 550).set('b@example.com', 550);
    expect(await send()).toEqual({ kind: 'refused', code: 550 });
    server.refused.set('a@example.com', 450);
    expect(await send()).toEqual({ kind: 'refused', code: 450 });
    expect(server.received).toEqual([]);
  });

  it('of a sender who has to come again is refused', async () => {
    server.greylisting = 451;
    expect(await send()).toEqual({ kind: 'refused', code: 451 });
  });

  it('is not sent to a server that offers no TLS', async () => {
    expect(await send({ tls: 'required' })).toEqual({
      kind: 'not_sent',
      reason: 'no TLS: the server does not offer it, or broke it off',
    });
    expect(server.received).toEqual([]);
  });

  it('waits no longer than it may for a server that says nothing', async () => {
    server.behaviours.push('silent');
    expect(await send({}, { totalMs: 200 })).toEqual({ kind: 'no_answer', reason: 'no answer within 0.2 s' });
  });
});

describe('TLS', () => {
  it.each([
    ['smtp', false],
    ['smtps', true],
  ])('over %s is used when the certificate is trusted and of the host that was configured', async (scheme, secure) => {
    server = await SmtpStandIn.start({ ...KEYS, secure, disabledCommands: ['AUTH'] });
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        '--no-warnings',
        join(import.meta.dirname, '../standins/send-mail.ts'),
        `${scheme}://hooks.example.com:${server.port}`,
        `${scheme}://other.example.com:${server.port}`,
      ],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: join(FOLDER, 'certificate.pem') } },
    );
    expect(JSON.parse(stdout)).toEqual([
      { kind: 'accepted', refused: 0 },
      { kind: 'not_sent', reason: 'no answer (ERR_TLS_CERT_ALTNAME_INVALID)' },
    ]);
    expect(server.received).toMatchObject([{ isEncrypted: true }]);
  });

  /** A server that asks who sends, in one of its ways. */
  const signIn = async (scheme: string, authMethods: string[], login: object, code = 535) => {
    const seen: string[] = [];
    server = await SmtpStandIn.start({
      ...KEYS,
      secure: scheme === 'smtps',
      disabledCommands: [],
      authOptional: false,
      authMethods,
      onAuth: ({ username, password, method }, session, done) => {
        seen.push(`${method} ${session.secure ? 'encrypted' : 'in the clear'}`);
        if (username === 'plimsoll' && password === 'pa ss:wörd') return done(null, { user: username });
        done(Object.assign(new Error('RESPONSE-SECRET-2'), { responseCode: code }));
      },
    });
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        '--no-warnings',
        join(import.meta.dirname, '../standins/send-mail.ts'),
        `${scheme}://hooks.example.com:${server.port}`,
      ],
      {
        env: {
          ...process.env,
          NODE_EXTRA_CA_CERTS: join(FOLDER, 'certificate.pem'),
          LOGIN: JSON.stringify(login),
        },
      },
    );
    return { seen, results: JSON.parse(stdout) };
  };

  it.each([
    ['smtps', 'PLAIN'],
    ['smtp', 'LOGIN'],
  ])('over %s signs in with %s where the server asks who sends', async (scheme, method) => {
    const { seen, results } = await signIn(scheme, [method], { user: 'plimsoll', password: 'pa ss:wörd' });
    expect(results).toEqual([{ kind: 'accepted', refused: 0 }]);
    expect(seen).toEqual([`${method} encrypted`]);
    expect(server.received).toMatchObject([{ isEncrypted: true }]);
  });

  it.each([
    [535, { kind: 'refused', code: 535 }],
    [454, { kind: 'refused', code: 454 }],
  ])('with a password that is refused by %d is refused, without what the server said', async (code, expected) => {
    const { results } = await signIn('smtps', ['PLAIN'], { user: 'plimsoll', password: 'wrong' }, code);
    expect(results).toEqual([expected]);
    expect(server.received).toEqual([]);
  });

  it('is not sent where the server does not ask who sends, though it should be told', async () => {
    server = await SmtpStandIn.start({ ...KEYS, secure: true, disabledCommands: ['AUTH'] });
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        '--no-warnings',
        join(import.meta.dirname, '../standins/send-mail.ts'),
        `smtps://hooks.example.com:${server.port}`,
      ],
      {
        env: {
          ...process.env,
          NODE_EXTRA_CA_CERTS: join(FOLDER, 'certificate.pem'),
          LOGIN: JSON.stringify({ user: 'plimsoll', password: 'a' }),
        },
      },
    );
    expect(JSON.parse(stdout)).toMatchObject([{ kind: 'refused' }]);
  });

  it('says no password in the clear', async () => {
    server = await SmtpStandIn.start();
    const login = { user: 'plimsoll', password: 'a secret' };
    expect(await send({ login })).toEqual({ kind: 'forbidden', reason: 'a password is said under TLS alone' });
    expect(server.received).toEqual([]);
  });

  it.each(['smtp', 'smtps'])('over %s is broken off when the certificate is not trusted', async (scheme) => {
    server = await SmtpStandIn.start({ ...KEYS, secure: scheme === 'smtps', disabledCommands: ['AUTH'] });
    expect(await send({ url: named(scheme), tls: 'required' })).toEqual({
      kind: 'not_sent',
      reason: 'no answer (DEPTH_ZERO_SELF_SIGNED_CERT)',
    });
    expect(server.received).toEqual([]);
  });

  it('is left alone with tls: off', async () => {
    server = await SmtpStandIn.start({ ...KEYS, disabledCommands: ['AUTH'] });
    expect(await send()).toMatchObject({ kind: 'accepted' });
    expect(server.received).toMatchObject([{ isEncrypted: false }]);
  });
});

describe('the way out', () => {
  beforeEach(async () => {
    server = await SmtpStandIn.start();
  });

  it.each(['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '10.1.2.3', '169.254.169.254'])(
    'does not lead to %s by itself',
    async (host) => {
      const found = await send({ url: `smtp://${host}:${server.port}`, tls: 'required' }, { allow: [] });
      expect(found).toMatchObject({ kind: 'forbidden', reason: expect.stringContaining('not a public address') });
      expect(asked).toEqual([]);
    },
  );

  it('does not lead to a name that stands for one of those', async () => {
    expect(await send({ url: named(), tls: 'required' }, { allow: [] })).toMatchObject({
      kind: 'forbidden',
      reason: expect.stringContaining('127.0.0.1, which is not a public address'),
    });
    expect(asked).toEqual(['localhost']);
  });

  it('leads to names that are listed', async () => {
    expect(await send({ url: named() }, { allow: ['localhost'] })).toMatchObject({ kind: 'accepted' });
  });

  it('is closed without TLS to whatever is not listed, public or not', async () => {
    const resolve = async () => [{ address: '93.184.215.14', family: 4 }];
    expect(await send({ url: named() }, { resolve })).toMatchObject({
      kind: 'forbidden',
      reason: expect.stringContaining('mail without TLS'),
    });
  });

  it.each(['http://127.0.0.1', 'smtp://user:secret@127.0.0.1:25', 'smtp:127.0.0.1', 'nothing'])(
    'takes %s for no mail server, and does not repeat it',
    async (url) => {
      const found = await send({ url });
      expect(found).toEqual({ kind: 'forbidden', reason: 'the address is not like smtp://mail.example.com:25' });
    },
  );
});
