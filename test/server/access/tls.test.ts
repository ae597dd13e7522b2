import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { credentials } from '@grpc/grpc-js';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { verifyCommand } from '../../../src/server/cli/verify.ts';
import { loadConfiguration } from '../../../src/server/config/load.ts';
import { readTls, tlsProblem } from '../../../src/server/config/tls-files.ts';
import { exchange, otlpOf, World } from '../world.ts';
import { exportSpans } from './grpc-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-tls-'));
const at = (name: string): string => join(folder, name);

/** A certificate of its own for this machine, and its key. */
function makeCertificate(name: string): void {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
      ...['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)],
    ],
    { stdio: 'ignore' },
  );
}

beforeAll(() => {
  for (const name of ['first', 'second']) makeCertificate(name);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whose certificate a door shows. */
const shownBy = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    }).on('error', reject);
  });

describe('doors over TLS', () => {
  let world: World;
  afterEach(() => world.end());

  const start = async (): Promise<void> => {
    for (const end of ['pem', 'key']) copyFileSync(at(`first.${end}`), at(`live.${end}`));
    world = await World.start({ spec: { listen: { ...LISTEN, tls: { cert: at('live.pem'), key: at('live.key') } } } });
  };
  const LISTEN = { http: '127.0.0.1:0', otlpHttp: '127.0.0.1:0', otlpGrpc: '127.0.0.1:0' };
  const ask = (url: string, ca = 'live.pem', init: Parameters<typeof request>[1] = {}) =>
    request(url, { ...init, dispatcher: new Agent({ connect: { ca: readFileSync(at(ca)) } }) });

  it('all three speak it and nothing else, and browsers are told to come back by it', async () => {
    await start();
    const { http, otlpHttp, otlpGrpc } = world.plimsoll.addresses;
    for (const url of [http, otlpHttp, otlpGrpc!]) expect(url).toMatch(/^https:/);
    const page = await ask(`${http}/readyz`);
    expect([page.statusCode, page.headers['strict-transport-security']]).toEqual([
      200,
      expect.stringContaining('max-age='),
    ]);
    await page.body.dump();
    const sent = await ask(`${otlpHttp}/v1/traces`, 'live.pem', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(otlpOf([exchange('bot', world.now)])),
    });
    expect(await sent.body.text()).toBe('{}');
    const channel = credentials.createSsl(readFileSync(at('live.pem')));
    expect(await exportSpans(otlpGrpc!, [exchange('bot', world.now)], { channel })).toMatchObject({ code: 0 });
    const list = await ask(`${http}/api/v1/services/bot/interactions`);
    expect(((await list.body.json()) as { interactions: unknown[] }).interactions).toHaveLength(2);
    await expect(fetch(http.replace('https:', 'http:'))).rejects.toThrow();
    await expect(ask(`${http}/readyz`, 'second.pem')).rejects.toThrow(/certificate/);
  });

  it('a new certificate is shown once its files are whole, and the old one until then', async () => {
    await start();
    const doors = (): Promise<string[]> =>
      Promise.all(Object.values(world.plimsoll.addresses).map((url) => shownBy(url!)));
    expect(await doors()).toEqual(['first', 'first', 'first']);
    copyFileSync(at('second.pem'), at('live.pem'));
    world.plimsoll.lookAtTls();
    expect(await doors()).toEqual(['first', 'first', 'first']);
    copyFileSync(at('second.key'), at('live.key'));
    world.plimsoll.lookAtTls();
    expect(await doors()).toEqual(['second', 'second', 'second']);
    rmSync(at('live.key'));
    world.plimsoll.lookAtTls();
    expect(await doors()).toEqual(['second', 'second', 'second']);
  });

  it('plimsoll verify reaches it, by the certificate that it is configured with', async () => {
    await start();
    const said: string[] = [];
    const { log } = console;
    console.log = (line: string) => void said.push(line);
    try {
      await verifyCommand({ configuration: world.configuration, json: true });
    } finally {
      console.log = log;
    }
    expect(JSON.parse(said[0]!)).toMatchObject({ settled: true });
  });
});

describe('files that are of no use', () => {
  it.each([
    ['are not there', 'nowhere.pem', 'first.key', /^the file .*nowhere\.pem can't be read \(ENOENT\)$/],
    ['do not belong together', 'first.pem', 'second.key', /are no certificate and its key: /],
    ['are no PEM', 'plimsoll.yaml', 'first.key', /are no certificate and its key: /],
  ])('%s: refused when the configuration is read', (_what, cert, key, message) => {
    writeFileSync(
      at('plimsoll.yaml'),
      `apiVersion: plimsoll/v1\nkind: Deployment\nspec: {listen: {tls: {cert: ${cert}, key: ${key}}}}\n`,
    );
    const result = loadConfiguration(at('plimsoll.yaml'));
    expect(result.ok ? [] : result.problems).toMatchObject([
      { path: 'spec.listen.tls', code: 'PLIM_CONFIG_TLS_UNREADABLE', message: expect.stringMatching(message) },
    ]);
  });
});

it('of files that somebody is writing, what was read is looked at, and not what they hold by then', () => {
  const files = { cert: at('second.pem'), key: at('second.key') };
  expect(tlsProblem(files)).toBeNull();
  const halfWritten = { ...readTls(files), key: readFileSync(at('first.key')) };
  expect(tlsProblem(files, () => halfWritten)).toContain('are no certificate and its key');
});
