import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { checkCommand } from '../../src/server/cli/check.ts';
import { defaultConfiguration, loadConfiguration } from '../../src/server/config/load.ts';
import { formatProblems } from '../../src/server/config/problem.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLE = join(ROOT, 'plimsoll.example.yaml');
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

function loaded(path: string) {
  const result = loadConfiguration(path);
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result;
}

/** A choice is commented out with # and no space after it, or with three where it belongs to the choice above. */
const withChoices = (text: string): string => text.replace(/^( +)#(?! \S)/gm, '$1');

describe('the example deployment', () => {
  it('is valid, and everything it names is there', () => {
    const { configuration, warnings } = loaded(EXAMPLE);
    expect(warnings).toEqual([]);
    expect(configuration.services.map((service) => service.name).toSorted()).toEqual([
      'code-assistant',
      'invoice-extraction',
      'support-bot',
    ]);
  });

  it('says what holds without it, but for the name and the services', () => {
    const { deployment } = loaded(EXAMPLE).configuration;
    const { deployment: byDefault } = defaultConfiguration(ROOT);
    expect({ ...deployment, name: '', services: [] }).toEqual({ ...byDefault, name: '', services: [] });
  });

  it('is valid with every choice in it taken', () => {
    vi.stubEnv('PLIMSOLL_OIDC_SECRET', 'the secret of the example');
    vi.stubEnv('INFLUXDB_WRITER_PASSWORD', 'the password of the example');
    vi.stubEnv('OPS_WEBHOOK_SECRET', 'whsec_c2VjcmV0IG9mIHRoZSBleGFtcGxlcw==');
    mkdirSync(join(folder, 'examples/services'), { recursive: true });
    for (const name of readdirSync(join(ROOT, 'examples/services')))
      writeFileSync(join(folder, 'examples/services', name), readFileSync(join(ROOT, 'examples/services', name)));
    mkdirSync(join(folder, 'tls'));
    const files = ['-keyout', join(folder, 'tls/key.pem'), '-out', join(folder, 'tls/fullchain.pem')];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', ...files];
    execFileSync('openssl', made, { stdio: 'ignore' });
    const path = join(folder, 'plimsoll.yaml');
    writeFileSync(path, withChoices(readFileSync(EXAMPLE, 'utf8')));
    const { deployment } = loaded(path).configuration;
    vi.unstubAllEnvs();
    expect(deployment.sinks.map((sink) => sink.type)).toEqual(['webhook', 'alertmanager', 'email']);
    expect(deployment).toMatchObject({
      egress: { allow: ['10.0.7.0/24'] },
      listen: { trustNetwork: true, tls: { cert: join(folder, 'tls/fullchain.pem') } },
      auth: {
        oidc: { issuer: 'https://login.example.com/realms/ops', roles: [{ role: 'responder' }, { role: 'viewer' }] },
      },
      consoleUrl: 'https://plimsoll.example.com',
    });
  });
});

describe('the example services', () => {
  it('are found usable by `plimsoll check`', () => {
    const printed: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((text) => void printed.push(text));
    expect(checkCommand([EXAMPLE], true)).toBe(0);
    expect(JSON.parse(printed.join(''))).toMatchObject({ ok: true, files: [{ problems: [], warnings: [] }] });
  });

  it('show every kind of promise, every detector, and the measures of the README', () => {
    const { objectives } = loaded(EXAMPLE).configuration;
    const all = <T>(of: (objective: (typeof objectives)[number]) => T): T[] => [...new Set(objectives.map(of))];
    expect(all(({ kind }) => kind).toSorted()).toEqual(['SLA', 'SLO', 'XLA']);
    expect(all(({ alert }) => alert.detector).toSorted()).toEqual(['both', 'burn_rate', 'sequential']);
    expect(all(({ measure }) => measure.type).toSorted()).toEqual([
      'accuracy',
      'availability',
      'latency',
      'satisfaction',
    ]);
  });

  it('are each named in the README of the examples', () => {
    const readme = readFileSync(join(ROOT, 'examples/README.md'), 'utf8');
    const named = [...readme.matchAll(/\(services\/([\w-]+\.yaml)\)/g)].map((match) => match[1]);
    expect(named.toSorted()).toEqual(readdirSync(join(ROOT, 'examples/services')).toSorted());
  });
});
