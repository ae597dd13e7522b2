import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LoadResult } from '../../src/server/config/load.ts';
import { configurationSource } from '../../src/server/config/source.ts';
import { Reloader, type ReloadOutcome, type Trigger } from '../../src/server/reload/reloader.ts';
import { schedule } from '../../src/server/timers.ts';
import { verifyStore } from '../../src/store/sqlite/verify.ts';
import { Traffic } from '../scenarios/traffic.ts';
import { StandIn } from '../standins/http-server.ts';
import { exchange, World } from './world.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const MINUTE = 60_000;

let folder: string;
let world: World;
let reloader: Reloader;
let outcomes: { outcome: ReloadOutcome; trigger: Trigger }[];
let waiting: ((one: { outcome: ReloadOutcome; trigger: Trigger }) => void) | null;

const deploymentFile = (more = '', listen = ''): string => `apiVersion: plimsoll/v1
kind: Deployment
metadata: {name: reload}
spec:
  listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0, otlpGrpc: 127.0.0.1:0${listen}}
  store: {url: "sqlite:./store.db"}
  services: ["services/*.yaml"]
${more}`;

const serviceFile = (name: string, spec = '{}', target = 0.99, more = ''): string => `apiVersion: plimsoll/v1
kind: Service
metadata: {name: ${name}}
spec: ${spec}
---
apiVersion: plimsoll/v1
kind: Objective
metadata: {name: ${name}-availability}
spec: {service: ${name}, measure: {type: availability}, target: ${target}, window: {rolling: 7d}${more}}
`;

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

/** What becomes of the next attempt. */
const next = (): Promise<ReloadOutcome> => {
  const known = outcomes.shift();
  if (known !== undefined) return Promise.resolve(known.outcome);
  return new Promise((resolve) => {
    waiting = ({ outcome }) => resolve(outcome);
  });
};

async function start(file = join(folder, 'plimsoll.yaml'), read?: LoadResult): Promise<void> {
  const source = configurationSource(file, '');
  const loaded = read ?? source.load();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  world = await World.start({ now: NOW, configuration: loaded.configuration });
  const onOutcome = (outcome: ReloadOutcome, trigger: Trigger): void => {
    const wake = waiting;
    waiting = null;
    if (wake === null) outcomes.push({ outcome, trigger });
    else wake({ outcome, trigger });
  };
  const log = pino({ level: 'silent' });
  reloader = new Reloader({ source, plimsoll: world.plimsoll, log, now: Date.now, schedule, onOutcome }, loaded);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-reload-'));
  mkdirSync(join(folder, 'services'));
  outcomes = [];
  waiting = null;
  write('plimsoll.yaml', deploymentFile());
  write('services/bot.yaml', serviceFile('bot'));
});
afterEach(async () => {
  await reloader.close();
  await world.end();
  rmSync(folder, { recursive: true, force: true });
});

const metric = async (name: string): Promise<number> => {
  const page = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(page)![1]);
};
const readyz = async (): Promise<{ status: number; body: { configuration: { sha256: string; refused: unknown } } }> => {
  const response = await fetch(`${world.plimsoll.addresses.http}/readyz`);
  return { status: response.status, body: (await response.json()) as never };
};
const target = async (): Promise<unknown> => (await world.get('/objectives/bot-availability'))['target'];
const names = async (): Promise<string[]> =>
  (await world.get<{ services: { name: string }[] }>('/services')).services.map(({ name }) => name).toSorted();
const audit = async (): Promise<Record<string, unknown>[]> =>
  (
    await world.plimsoll.records
      .selectFrom('audit_entry')
      .selectAll()
      .where('type', '=', 'configuration.reloaded')
      .execute()
  ).map(({ entry }) => JSON.parse(entry).data);

describe('files that change', () => {
  it('take effect, and the audit says which keys differ, and no value', async () => {
    await start();
    const before = (await readyz()).body.configuration.sha256;
    write('services/bot.yaml', serviceFile('bot', '{owner: {name: Hidden Name, email: a@example.com}}', 0.995));
    expect(await next()).toBe('applied');
    expect(await target()).toBe(0.995);
    const [entry, ...more] = await audit();
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      before,
      after: (await readyz()).body.configuration.sha256,
      added: [],
      removed: [],
      changed: [
        { document: 'Service bot', keys: ['spec.owner'] },
        { document: 'Objective bot-availability', keys: ['spec.target'] },
      ],
    });
    expect(JSON.stringify(entry)).not.toMatch(/Hidden|0\.995/);
  });

  it('are found when a pattern matches them newly, and gone when they are gone', async () => {
    await start();
    write('services/shop.yaml', serviceFile('shop'));
    expect(await next()).toBe('applied');
    expect(await names()).toEqual(['bot', 'shop']);
    rmSync(join(folder, 'services/shop.yaml'));
    expect(await next()).toBe('applied');
    expect(await names()).toEqual(['bot']);
    expect((await fetch(`${world.api}/objectives/shop-availability`)).status).toBe(404);
  });

  it('are found where an editor puts another file in the place of one, and where a link is turned', async () => {
    for (const [version, share] of [
      ['1', 0.9],
      ['2', 0.95],
    ] as const) {
      mkdirSync(join(folder, `..v${version}`));
      write(
        `..v${version}/plimsoll.yaml`,
        `${deploymentFile().replace('services/*', 'nothing/*')}---\n${serviceFile('bot', '{}', share)}`,
      );
    }
    symlinkSync('..v1', join(folder, '..data'));
    rmSync(join(folder, 'plimsoll.yaml'));
    symlinkSync('..data/plimsoll.yaml', join(folder, 'plimsoll.yaml'));
    await start();
    expect(await target()).toBe(0.9);
    symlinkSync('..v2', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    expect(await next()).toBe('applied');
    expect(await target()).toBe(0.95);
    write('swap', `${deploymentFile().replace('services/*', 'nothing/*')}---\n${serviceFile('bot', '{}', 0.97)}`);
    renameSync(join(folder, 'swap'), join(folder, 'plimsoll.yaml'));
    expect(await next()).toBe('applied');
    expect(await target()).toBe(0.97);
  });
});

describe('files that come to be', () => {
  it('are found below folders that were not there, however deep a pattern reaches', async () => {
    write('plimsoll.yaml', deploymentFile().replace('services/*.yaml', 'teams/**/*.yaml'));
    await start();
    expect(await names()).toEqual([]);
    mkdirSync(join(folder, 'teams/one/bots'), { recursive: true });
    write('teams/one/bots/bot.yaml', serviceFile('bot'));
    expect(await next()).toBe('applied');
    expect(await names()).toEqual(['bot']);
    mkdirSync(join(folder, 'teams/two'));
    write('teams/two/shop.yaml', serviceFile('shop'));
    expect(await next()).toBe('applied');
    expect(await names()).toEqual(['bot', 'shop']);
  });

  it('are found although they changed while Plimsoll started', async () => {
    const source = configurationSource(join(folder, 'plimsoll.yaml'), '');
    const loaded = source.load();
    write('services/shop.yaml', serviceFile('shop'));
    await start(join(folder, 'plimsoll.yaml'), loaded);
    expect(await next()).toBe('applied');
    expect(await names()).toEqual(['bot', 'shop']);
  });
});

describe('what is refused', () => {
  it('is refused whole: the old one stays in force, and everybody can see it', async () => {
    await start();
    const before = (await readyz()).body.configuration.sha256;
    write('services/bot.yaml', serviceFile('bot', '{}', 0.95).replace('target: 0.95', 'target: 1.95'));
    write('services/shop.yaml', serviceFile('shop'));
    expect(await next()).toBe('refused');
    expect([await target(), await names()]).toEqual([0.99, ['bot']]);
    const { status, body } = await readyz();
    expect(status).toBe(200);
    expect(body.configuration).toMatchObject({ sha256: before, refused: { count: 1 } });
    expect(JSON.stringify(body)).toContain('PLIM_CONFIG_INVALID_VALUE');
    expect(JSON.stringify(body)).not.toContain('1.95');
    const { findings } = await world.get<{ findings: { kind: string }[] }>('/deployment');
    expect(findings).toMatchObject([{ kind: 'configuration_refused' }]);
    expect(await metric('plimsoll_config_last_reload_successful')).toBe(0);
    expect(await audit()).toEqual([]);

    rmSync(join(folder, 'services/shop.yaml'));
    write('services/bot.yaml', serviceFile('bot'));
    expect(await next()).toBe('unchanged');
    expect((await readyz()).body.configuration.refused).toBeNull();
    expect(await metric('plimsoll_config_last_reload_successful')).toBe(1);
  });

  it('what only a start can change is named, and nothing of the rest takes effect', async () => {
    await start();
    write('services/bot.yaml', serviceFile('bot', '{}', 0.95));
    write(
      'plimsoll.yaml',
      deploymentFile('  limits: {body: 1MiB}', ', trustNetwork: true').replace('name: reload', 'name: other'),
    );
    expect(await next()).toBe('refused');
    expect(await target()).toBe(0.99);
    expect((await readyz()).body.configuration.refused).toMatchObject({
      problems: [
        "metadata.name, spec.limits, spec.listen.trustNetwork can't be changed while Plimsoll runs [PLIM_RELOAD_FIXED]",
      ],
    });
  });

  it('what the store does not take is not in force, and is when it is asked for again', async () => {
    await start();
    const other = new DatabaseSync(join(folder, 'store.db'), { timeout: 30_000 });
    other.exec('alter table audit_entry rename to hidden');
    write('services/bot.yaml', serviceFile('bot', '{slices: [agent]}', 0.95));
    write('services/shop.yaml', serviceFile('shop'));
    expect(await next()).toBe('refused');
    expect([await target(), await names()]).toEqual([0.99, ['bot']]);
    expect((await fetch(`${world.api}/objectives/shop-availability`)).status).toBe(404);
    other.exec('alter table hidden rename to audit_entry');
    other.close();
    expect(await reloader.reload('signal')).toBe('applied');
    expect([await target(), await names()]).toEqual([0.95, ['bot', 'shop']]);
    expect(await audit()).toHaveLength(1);
  });

  it('a file that is empty, as it is while somebody writes it anew, takes nothing away', async () => {
    await start();
    write('services/bot.yaml', '');
    expect(await next()).toBe('refused');
    expect(await names()).toEqual(['bot']);
    expect((await readyz()).body.configuration.refused).toMatchObject({
      problems: [expect.stringContaining('PLIM_CONFIG_UNREADABLE')],
    });
    write('services/bot.yaml', '# nothing is watched any more');
    expect(await next()).toBe('applied');
    expect(await names()).toEqual([]);
  });

  it('a folder that is moved away takes nothing away, until its pattern goes as well', async () => {
    await start();
    renameSync(join(folder, 'services'), join(folder, 'elsewhere'));
    expect(await next()).toBe('refused');
    expect(await names()).toEqual(['bot']);
    expect((await readyz()).body.configuration.refused).toMatchObject({
      problems: [expect.stringContaining('PLIM_RELOAD_FOLDER_GONE')],
    });
    renameSync(join(folder, 'elsewhere'), join(folder, 'services'));
    expect(await next()).toBe('unchanged');
    expect((await readyz()).body.configuration.refused).toBeNull();
    renameSync(join(folder, 'services'), join(folder, 'elsewhere'));
    expect(await next()).toBe('refused');
    write('plimsoll.yaml', deploymentFile().replace('services/*', 'none/*'));
    expect(await next()).toBe('applied');
    expect(await names()).toEqual([]);
  });

  it('a file that is not there any more takes nothing away', async () => {
    await start();
    rmSync(join(folder, 'plimsoll.yaml'));
    expect(await next()).toBe('refused');
    expect(await names()).toEqual(['bot']);
  });
});

describe('what is in force at once', () => {
  it('detectors of what is the same stand where they stood; what is counted otherwise is counted again', async () => {
    await start();
    const end = (minute: number): number => NOW + minute * MINUTE + 30_000;
    const sent = Array.from({ length: 200 }, (_, i) =>
      exchange('bot', end(Math.floor(i / 10)), { failed: i % 50 === 0, attributes: { 'app.tenant': `t${i % 3}` } }),
    );
    world.now = end(21);
    await world.spans(sent);
    await world.plimsoll.tick();
    const stands = async (): Promise<unknown> =>
      ((await world.get('/objectives/bot-availability'))['detector'] as { statistic: number }).statistic;
    const before = await stands();
    expect(before).toEqual(expect.any(Number));
    const slices = '{slices: [response_model, agent, {name: tenant, attribute: app.tenant}]}';
    write('services/bot.yaml', serviceFile('bot', slices, 0.99, ', incident: {category: ai.availability.latency}'));
    expect(await reloader.reload('signal')).toBe('applied');
    expect(await stands()).toBe(before);
    await world.plimsoll.recounted;
    await world.spans([exchange('bot', end(20), { attributes: { 'app.tenant': 't1' } })]);
    world.now = end(22);
    await world.plimsoll.tick();
    expect(await stands()).toEqual(expect.any(Number));
    const { since } = await world.plimsoll.records
      .selectFrom('objective_state')
      .select('since')
      .where('objective', '=', 'bot-availability')
      .executeTakeFirstOrThrow();
    expect(since).toBeLessThan(NOW / MINUTE);
    expect(verifyStore(join(folder, 'store.db'))).toMatchObject({ differing: 0, unsettled: 0 });
  });

  it('a service that telemetry knew before its file did has what came in before', async () => {
    await start();
    await world.spans(Array.from({ length: 20 }, (_, i) => exchange('shop-web', NOW + i * 1000)));
    world.now = NOW + 3 * MINUTE;
    await world.plimsoll.tick();
    write('services/shop.yaml', serviceFile('shop', '{match: {service.name: shop-web}}'));
    expect(await next()).toBe('applied');
    await world.plimsoll.recounted;
    world.now += MINUTE;
    await world.plimsoll.tick();
    const { estimate } = await world.get<{ estimate: { n: number } }>('/objectives/shop-availability');
    expect(estimate.n).toBe(20);
    expect(await names()).toEqual(['bot', 'shop']);
    expect(verifyStore(join(folder, 'store.db'))).toMatchObject({ differing: 0, unsettled: 0 });
  });

  it('origins of pages and destinations are others from the next request and the next message on', async () => {
    await start();
    const allowed = async (): Promise<string | null> =>
      (
        await fetch(`${world.api}/feedback`, { method: 'OPTIONS', headers: { origin: 'https://app.example.com' } })
      ).headers.get('access-control-allow-origin');
    expect(await allowed()).toBeNull();
    process.env['RELOAD_TEST_SECRET'] = 'whsec_bWFya2VkLXNlY3JldC1vZi1hLXRlc3Q=';
    const sink = 'sinks: [{name: ops, type: webhook, url: "http://127.0.0.1:9/in", secret: "env:RELOAD_TEST_SECRET"}]';
    const egress = 'egress: {allow: [127.0.0.1]}';
    write('plimsoll.yaml', deploymentFile(`  ${sink}\n  ${egress}\n`, ', cors: ["https://app.example.com"]'));
    expect(await next()).toBe('applied');
    expect(await allowed()).toBe('https://app.example.com');
    const page = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
    expect(page).toContain('plimsoll_sink_deliveries_total{sink="ops",result="ok"} 0');
  });

  it('an incident is told to the destinations that are in force when it opens, and not to those that were', async () => {
    const [before, after] = [await StandIn.start(), await StandIn.start()];
    process.env['RELOAD_TEST_SECRET'] = 'whsec_bWFya2VkLXNlY3JldC1vZi1hLXRlc3Q=';
    const to = (name: string, { url }: StandIn): string =>
      deploymentFile(
        `  egress: {allow: [127.0.0.1]}\n  sinks: [{name: ${name}, type: webhook, url: "${url}/in", secret: "env:RELOAD_TEST_SECRET"}]\n`,
      );
    write('plimsoll.yaml', to('first', before));
    await start();
    write('plimsoll.yaml', to('second', after));
    expect(await next()).toBe('applied');
    await new Traffic(world, 'bot', NOW).live(8, { failed: 20 });
    await vi.waitFor(() => expect(after.received.length).toBeGreaterThan(0));
    expect(JSON.parse(after.received[0]!.body).type).toBe('dev.plimsoll.incident.opened.v1');
    expect(before.received).toEqual([]);
    const { deliveries } = await world.get<{ deliveries: { sink: string }[] }>('/incidents/INC-1');
    expect(new Set(deliveries.map(({ sink }) => sink))).toEqual(new Set(['second']));
    await Promise.all([before.stop(), after.stop()]);
  });

  it('an objective that is gone lets go of its incident, and one that comes again begins anew', async () => {
    await start();
    await new Traffic(world, 'bot', NOW).live(8, { failed: 20 });
    const stateOf = async (): Promise<unknown> => (await world.get('/incidents/INC-1'))['state'];
    expect(await stateOf()).toBe('new');
    const [service] = serviceFile('bot').split('---\n');
    write('services/bot.yaml', service!);
    expect(await next()).toBe('applied');
    expect(await stateOf()).toBe('resolved');
    write('services/bot.yaml', serviceFile('bot'));
    expect(await next()).toBe('applied');
    world.now += MINUTE;
    await world.plimsoll.tick();
    expect((await world.get('/objectives/bot-availability'))['name']).toBe('bot-availability');
  });
});
