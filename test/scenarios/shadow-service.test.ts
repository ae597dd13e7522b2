import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AdoptOptions, adoptCommand } from '../../src/server/cli/adopt.ts';
import { checkCommand } from '../../src/server/cli/check.ts';
import { loadConfiguration } from '../../src/server/config/load.ts';
import type { Configuration } from '../../src/server/plimsoll.ts';
import { World } from '../server/world.ts';
import { incidentsOf, Traffic, verdictOf } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const SHADOW = 'Sales_Helper';
const DEPLOYMENT = `apiVersion: plimsoll/v1
kind: Deployment
metadata: {name: test}
spec:
  listen: {http: "127.0.0.1:0", otlpHttp: "127.0.0.1:0", otlpGrpc: "127.0.0.1:0"}
  store: {url: "sqlite:store.db"}
  services: ["services/*.yaml"]
`;

interface Shown {
  readonly name: string;
  readonly findings: readonly { kind: string }[];
}

describe('a shadow service', () => {
  let world: World;
  let traffic: Traffic;
  let deployment: string;
  let file: string;
  const output: string[] = [];

  beforeAll(async () => {
    vi.spyOn(console, 'log').mockImplementation((text) => output.push(String(text)));
    vi.spyOn(console, 'error').mockImplementation((text) => output.push(String(text)));
    world = await World.start({ now: START, engine: 'sqlite' });
    deployment = join(world.folder, 'plimsoll.yaml');
    file = join(world.folder, 'services', 'sales-helper.yaml');
    mkdirSync(join(world.folder, 'services'));
    writeFileSync(deployment, DEPLOYMENT);
    traffic = new Traffic(world, SHADOW, START);
    for (let hour = 0; hour < 26; hour++) await traffic.pass(60, { perMinute: 10, failed: hour % 24 === 3 ? 1 : 0 });
    await traffic.judge();
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await world.end();
  });

  const configuration = (): Configuration => {
    const loaded = loadConfiguration(deployment);
    expect(loaded).toMatchObject({ ok: true });
    return (loaded as Extract<typeof loaded, { ok: true }>).configuration;
  };
  const adopt = (more: Partial<AdoptOptions> = {}): [number, string] => {
    output.length = 0;
    const options = { configuration: configuration(), name: SHADOW, write: file, json: false, now: world.now, ...more };
    return [adoptCommand(options), output.join('\n')];
  };
  const findingsOf = async (name: string): Promise<string[]> => {
    const { services } = await world.get<{ services: Shown[] }>('/services');
    return services.find((one) => one.name === name)!.findings.map(({ kind }) => kind);
  };

  it('is found by its telemetry', async () => {
    expect(await findingsOf(SHADOW)).toEqual(['unregistered_service']);
  });

  it('is adopted with one command, while the server runs; its file says what was seen and what it would detect', () => {
    expect(adopt()[0]).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/name: sales-helper\n/);
    expect(text).toMatch(/match:\n {4}service\.name: Sales_Helper/);
    expect(text).toMatch(/environment: production/);
    expect(text).toMatch(/models:\n.*provider: openai\n +name: gpt-4o-mini\n +version: 2024-07-18/);
    expect(text).toMatch(/prompts:\n +- id: sales-helper\n +version: "7"/);
    expect(text).toMatch(/dependsOn:\n +- openai/);
    expect(text).toMatch(/- response_model # 1 seen: gpt-4o-mini-2024-07-18/);
    expect(text).toMatch(/# owner:/);
    expect(text).toMatch(/# 60 of 15600 of the interactions failed: at most half of the budget/);
    expect(text).toMatch(/At 10 rated interactions a minute \(as seen since it is known.*is found after about/);
    expect(text).toMatch(/type: availability\n {2}target: 0\.99/);
    expect(text).toMatch(/type: latency\n {4}threshold: 1s\n {2}target: 0\.999/);
    expect(checkCommand([deployment], false)).toBe(0);
  });

  it('nobody’s file is overwritten, and what is declared is not adopted again', () => {
    const written = readFileSync(file, 'utf8');
    expect(adopt({ configuration: { ...configuration(), services: [] } })).toEqual([
      1,
      expect.stringContaining('PLIM_ADOPT_FILE_EXISTS'),
    ]);
    expect(adopt()).toEqual([1, expect.stringContaining('PLIM_ADOPT_DECLARED')]);
    expect(adopt({ name: 'Sales_Helpr', configuration: { ...configuration(), services: [] } })).toEqual([
      1,
      expect.stringContaining('did you mean "Sales_Helper"?'),
    ]);
    expect(readFileSync(file, 'utf8')).toBe(written);
  });

  it('is watched from then on, by what it was before', async () => {
    world.configuration = configuration();
    await world.restart();
    await traffic.live(30, { perMinute: 10 });
    expect(await findingsOf('sales-helper')).toEqual(['missing_owner', 'retiring_model']);
    expect(await verdictOf(world, 'sales-helper-availability')).toBe('met');
    await traffic.live(10, { perMinute: 10, failed: 10 });
    expect(await incidentsOf(world)).toMatchObject([{ service: 'sales-helper', environment: 'production' }]);
  });
});
