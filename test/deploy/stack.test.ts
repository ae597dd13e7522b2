import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { selectorsOf } from '../../dashboards/lint/promql.ts';
import { Deployment } from '../../src/model/config/deployment.ts';
import { FAMILIES } from '../../src/server/metrics/catalogue.ts';
import { hasPromtool, promtool } from '../standins/promtool.ts';
import { composeFaults, readCompose } from './compose.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const AMTOOL = '/usr/bin/amtool';
const hasAmtool = existsSync(AMTOOL);
if (!hasAmtool) console.warn(`SKIPPING the check by amtool: ${AMTOOL} is not there (Debian: prometheus-alertmanager)`);

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const text = read('docker-compose.yml');
const compose = readCompose(text);
const service = (name: string) => compose.services[name]!;

describe('docker-compose.yml', () => {
  it('has no fault', () => {
    expect(composeFaults(text)).toEqual([]);
  });

  const MUTANTS: readonly (readonly [string, string])[] = [
    ['healthcheck:', 'heathcheck:'],
    ['grafana/grafana:13.2.3', 'grafana/grafana:latest'],
    ['"127.0.0.1:3000:3000"', '"3000:3000"'],
    ['GF_SECURITY_ADMIN_PASSWORD__FILE: /run/secrets/grafana_admin_password', 'GF_SECURITY_ADMIN_PASSWORD: admin'],
    ['/run/secrets/grafana_admin_password', '/run/secrets/other'],
    ['GF_AUTH_ANONYMOUS_ENABLED: "false"', 'GF_AUTH_ANONYMOUS_ENABLED: "true"'],
    ['cap_drop: [ALL]', 'cap_drop: [NET_RAW]'],
    ['read_only: true', 'read_only: false'],
    ['no-new-privileges:true', 'no-new-privileges:false'],
    ['pids_limit: 256', ''],
    ['mem_limit: 512m', 'mem_limt: 512m'],
    ['max-size: 5m', 'maxsize: 5m'],
    ['user: "10001:10001"', 'user: "0:0"'],
    ['grafana-data: {}', 'x: {}'],
    ['./deploy/plimsoll:/etc/plimsoll:ro', './deploy/plimsoll:/etc/plimsoll'],
    ['condition: service_healthy', 'condition: healthy'],
    ['prometheus: { condition', 'prometheu: { condition'],
    ['networks: [telemetry]', 'networks: [telemetri]'],
    ['edge: {}', 'edge: { internal: true }'],
    ['grafana_secret_key: { file', 'grafana_key: { file'],
    ['    build: .\n', ''],
  ];
  it.each(MUTANTS)('a fault is found: %s -> %s', (before, after) => {
    expect(text).toContain(before);
    expect(composeFaults(text.replace(before, after))).not.toEqual([]);
  });

  it('publishes the ports of the guide, and those only', () => {
    const ports = Object.values(compose.services).flatMap((one) => one.ports);
    const always = ['3000', '4317', '4318', '8080'];
    const ofReplicas = ['4327', '4328', '4337', '4338', '8081', '8082'];
    expect(ports.map((port) => port.split(':')[1]).sort()).toEqual([...always, ...ofReplicas].sort());
    for (const [name, one] of Object.entries(compose.services).filter(([, { ports }]) => ports.length > 0))
      expect(one.profiles === undefined, name).toBe(one.ports.every((port) => always.includes(port.split(':')[1]!)));
  });

  it('Plimsoll is healthy while its doors take data', () => {
    for (const name of ['plimsoll', 'replica-a', 'replica-b'])
      expect(service(name).healthcheck.test.join(' ')).toContain('/readyz');
  });

  it('mounts what is there', () => {
    const sources = Object.values(compose.services).flatMap((one) =>
      one.volumes.map((volume) => volume.split(':')[0]!),
    );
    const folders = sources.filter((source) => source.startsWith('./'));
    expect(folders.length).toBeGreaterThan(3);
    for (const folder of folders) expect(existsSync(join(ROOT, folder)), folder).toBe(true);
  });

  it('its secrets are the ones that the line on top makes, and no file of them is in the repository', () => {
    const line = /^# {3}(mkdir .*)$/m.exec(text)![1]!;
    const names = /for name in ([\w ]+);/.exec(line)![1]!.split(' ');
    for (const [, name] of text.matchAll(/^# {3}\[ -s secrets\/(\w+) \]/gm)) names.push(name!);
    expect(Object.keys(compose.secrets).sort()).toEqual(names.sort());
    expect(execFileSync('git', ['ls-files', 'secrets'], { cwd: ROOT, encoding: 'utf8' })).toBe('');
    expect(read('.gitignore').split('\n')).toContain('secrets/');
  });
});

describe('the image', () => {
  const lines = read('Dockerfile').replaceAll('\\\n', ' ').split('\n');
  const stages = lines.filter((line) => line.startsWith('FROM '));

  it('copies what is there and what .dockerignore lets through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(/\s+/).slice(1, -1));
    expect(copied).toContain('src');
    for (const path of copied) {
      expect(existsSync(join(ROOT, path)), path).toBe(true);
      expect(allowed).toContain(path);
    }
  });

  it('is built on the Node that the tests run on, runs as nobody in particular, and says whether it lives', () => {
    const { devDependencies } = JSON.parse(read('package.json'));
    expect(stages[0]).toBe(`FROM node:${devDependencies.node}-bookworm-slim AS base`);
    const last = lines.slice(lines.indexOf(stages.at(-1)!));
    expect(last).toContain('USER 10001:10001');
    expect(last.find((line) => line.startsWith('HEALTHCHECK'))).toContain('/healthz');
    expect(last.join('\n')).not.toMatch(/npm |--from=build \/app\/node_modules/);
    expect(service('plimsoll').user).toBe('10001:10001');
  });
});

/** Programs of the stack that a host name and port of an address mean. */
const at = (address: string): [string, number] => {
  const { hostname, port } = new URL(address.includes('://') ? address : `http://${address}`);
  return [hostname, Number(port)];
};

/** The ports that the programs listen on, within the stack. */
const LISTENS: Readonly<Record<string, number[]>> = {
  plimsoll: [4317, 4318, 8080],
  'replica-a': [4317, 4318, 8080],
  'replica-b': [4317, 4318, 8080],
  postgres: [5432],
  prometheus: [9090],
  alertmanager: [9093],
  influxdb: [8086],
  grafana: [3000],
};

function expectReachable(from: string, address: string): void {
  const [host, port] = at(address);
  expect(LISTENS[host], address).toContain(port);
  expect(
    service(from).networks.some((network) => service(host).networks.includes(network)),
    address,
  ).toBe(true);
}

describe('the configuration of the programs', () => {
  it('Plimsoll: is usable, listens where the stack looks for it, tells Alertmanager', () => {
    const file = 'deploy/plimsoll/plimsoll.yaml';
    // As it is, but that its secrets are here.
    const here = mkdtempSync(join(tmpdir(), 'plimsoll-compose-'));
    cpSync(join(ROOT, 'deploy/plimsoll'), here, { recursive: true });
    for (const secret of service('plimsoll').secrets) writeFileSync(join(here, secret), 'of the writer');
    writeFileSync(join(here, 'plimsoll.yaml'), read(file).replaceAll('file:/run/secrets/', `file:${here}/`));
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--no-warnings', 'src/main.ts', 'check', '--json', join(here, 'plimsoll.yaml')],
      { cwd: ROOT, encoding: 'utf8' },
    );
    rmSync(here, { recursive: true });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, files: [{ problems: [], warnings: [] }] });
    expect(status).toBe(0);
    const { spec } = parseAllDocuments(read(file))[0]!.toJS();
    expect([spec.listen.otlpGrpc, spec.listen.otlpHttp, spec.listen.http].map((address) => at(address)[1])).toEqual(
      LISTENS['plimsoll'],
    );
    for (const url of spec.sinks[0].urls) expectReachable('plimsoll', url);
    expect(spec.egress.allow).toEqual(['alertmanager', 'influxdb']);
    expectReachable('plimsoll', spec.history.url);
    const secret = /^file:\/run\/secrets\/(.+)$/.exec(spec.history.password)![1]!;
    expect(service('plimsoll').secrets).toContain(secret);
    expect(service('influxdb').secrets).toContain(secret);
    expect(service('plimsoll').volumes).toContain('./deploy/plimsoll:/etc/plimsoll:ro');
    expect(spec.store.url).toMatch(/^sqlite:\/var\/lib\/plimsoll\//);
    expect(service('plimsoll').volumes).toContain('plimsoll-data:/var/lib/plimsoll');
  });

  it.each(['replica-a', 'replica-b'])('%s: is usable, and shares the PostgreSQL of the stack', (name) => {
    const file = 'deploy/plimsoll/postgres.yaml';
    expect(service(name).command).toEqual(['serve', '--config', '/etc/plimsoll/postgres.yaml']);
    const { spec } = parseAllDocuments(read(file))[0]!.toJS();
    expect(Deployment.safeParse(parseAllDocuments(read(file))[0]!.toJS()).success).toBe(true);
    const { hostname, username, pathname, port } = new URL(spec.store.url);
    expectReachable(name, `http://${hostname}:${port || 5432}`);
    expect(service('postgres').environment).toMatchObject({ POSTGRES_USER: username, POSTGRES_DB: pathname.slice(1) });
    const secret = /^file:\/run\/secrets\/(.+)$/.exec(spec.store.password)![1]!;
    expect(service(name).secrets).toContain(secret);
    expect(service('postgres').environment['POSTGRES_PASSWORD_FILE']).toBe(`/run/secrets/${secret}`);
    for (const url of spec.sinks[0].urls) expectReachable(name, url);
    const { spec: alone } = parseAllDocuments(read('deploy/plimsoll/plimsoll.yaml'))[0]!.toJS();
    expect(service(name).secrets).toContain(/^file:\/run\/secrets\/(.+)$/.exec(spec.audit.key)![1]!);
    const own = { store: null, consoleUrl: null, audit: null, history: null, egress: null };
    expect({ ...spec, ...own }).toEqual({ ...alone, ...own });
  });

  it('Prometheus: scrapes Plimsoll and tells Alertmanager', () => {
    const { scrape_configs, alerting } = parse(read('deploy/prometheus/prometheus.yml'));
    const targets = (configs: { targets: string[] }[]): string[] => configs.flatMap((one) => one.targets);
    const [plimsoll] = scrape_configs;
    for (const target of targets(plimsoll.static_configs)) expectReachable('prometheus', target);
    for (const { names, port } of plimsoll.dns_sd_configs)
      for (const name of names) expectReachable('prometheus', `${name}:${port}`);
    for (const target of targets(alerting.alertmanagers[0].static_configs)) expectReachable('prometheus', target);
    // Breaking one of these limits fails the whole scrape: they stand above our own.
    expect(plimsoll.label_limit).toBeGreaterThan(Math.max(...FAMILIES.map(({ labels }) => labels.length)) + 3);
    expect(plimsoll.label_value_length_limit).toBeGreaterThanOrEqual(128 * 4);
  });

  it('Grafana: the data sources are Prometheus and the history, the dashboards are the generated ones', () => {
    const { datasources } = parse(read('dashboards/provisioning/datasources/plimsoll.yaml'));
    expect(datasources).toMatchObject([
      { uid: 'plimsoll-prometheus', type: 'prometheus', editable: false },
      { uid: 'plimsoll-influxdb', type: 'influxdb', editable: false, user: 'grafana' },
    ]);
    const secret = /^\$__file\{\/run\/secrets\/(.+)\}$/.exec(datasources[1].secureJsonData.password)![1]!;
    for (const name of ['grafana', 'influxdb']) expect(service(name).secrets).toContain(secret);
    expect(service('prometheus').command).toContain('--enable-feature=exemplar-storage');
    // Another $ than of Grafana's own files, and another one than of an environment.
    expect(datasources[0].jsonData.exemplarTraceIdDestinations[0].url).toMatch(/\$\$\{__value\.raw\}$/);
    for (const { url } of datasources) expectReachable('grafana', url);
    const { global } = parse(read('deploy/prometheus/prometheus.yml'));
    expect(datasources[0].jsonData.timeInterval).toBe(global.scrape_interval);
    const { providers } = parse(read('dashboards/provisioning/dashboards/plimsoll.yaml'));
    const folder = providers[0].options.path;
    const mount = service('grafana').volumes.find((volume) => volume.split(':')[1] === folder)!;
    expect(mount).toBe(`./dashboards/generated:${folder}:ro`);
    const home = service('grafana').environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH']!;
    expect(existsSync(join(ROOT, 'dashboards/generated', home.replace(`${folder}/`, '')))).toBe(true);
  });

  it.skipIf(!hasPromtool)(
    'promtool accepts the configuration and the rules, and the rules do what their tests say',
    () => {
      const config = promtool(['check', 'config', join(ROOT, 'deploy/prometheus/prometheus.yml')]);
      expect(config.output).not.toContain('FAILED');
      expect(config.status).toBe(0);
      const rules = promtool(['test', 'rules', join(ROOT, 'deploy/prometheus/rules_test.yml')]);
      expect(rules.output).toContain('SUCCESS');
      expect(rules.status).toBe(0);
    },
  );

  const RULE_MUTANTS: readonly (readonly [string, string])[] = [
    [' or absent(up{job="plimsoll"})', ''],
    ['up{job="plimsoll"} == 0 or', 'up{job="plimsoll"} == 2 or'],
    ['> 300', '> 30000'],
    ['> 300', '> 3'],
    ['up{job="plimsoll"} == 1', 'up{job="plimsoll"} == 0'],
    ['< 600)', '< 60000)'],
    ['> 600', '> 60000'],
    ['result="dead"}[15m]', 'result="ok"}[15m]'],
    ['for: 5m', 'for: 50m'],
    ['store_verify_success{job="plimsoll"}) == 0', 'store_verify_success{job="plimsoll"}) == 1'],
    ['audit_chain_valid{job="plimsoll"}) == 0', 'audit_chain_valid{job="plimsoll"}) == 2'],
    ['> 7500', '> 75000'],
    ['result="dead"}[2h]', 'result="ok"}[2h]'],
    ['refused_total{job="plimsoll"}[15m])) > 0', 'refused_total{job="plimsoll"}[15m])) > 9'],
    ['history_stopped{job="plimsoll"}) == 1', 'history_stopped{job="plimsoll"}) == 2'],
    ['> 7200', '> 72000'],
  ];
  it.skipIf(!hasPromtool).each(RULE_MUTANTS)('a fault in a rule breaks a test of it: %s -> %s', (before, after) => {
    const rules = read('deploy/prometheus/rules/plimsoll.yml');
    expect(rules).toContain(before);
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-rules-'));
    try {
      mkdirSync(join(folder, 'rules'));
      writeFileSync(join(folder, 'rules/plimsoll.yml'), rules.replace(before, after));
      writeFileSync(join(folder, 'rules_test.yml'), read('deploy/prometheus/rules_test.yml'));
      const { status, output } = promtool(['test', 'rules', join(folder, 'rules_test.yml')]);
      expect(output).toContain('FAILED');
      expect(status).not.toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('rules ask for metrics that there are', () => {
    const { groups } = parse(read('deploy/prometheus/rules/plimsoll.yml'));
    const asked = groups.flatMap(({ rules }: { rules: { expr: string }[] }) =>
      rules.flatMap(({ expr }) => selectorsOf(expr).map(({ metric }) => metric)),
    );
    const known = new Set<string>([...FAMILIES.map(({ name }) => name), 'up']);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((metric: string) => !known.has(metric))).toEqual([]);
  });

  it.skipIf(!hasAmtool)('amtool accepts the configuration of Alertmanager', () => {
    const { status, stdout } = spawnSync(AMTOOL, ['check-config', join(ROOT, 'deploy/alertmanager/alertmanager.yml')], {
      encoding: 'utf8',
    });
    expect(stdout).toContain('SUCCESS');
    expect(status).toBe(0);
  });
});
