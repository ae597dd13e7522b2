import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { exportCmdbCommand } from '../../../src/server/cli/export-cmdb.ts';
import { importCmdbCommand } from '../../../src/server/cli/import-cmdb.ts';
import { importCsvCommand } from '../../../src/server/cli/import-csv.ts';
import { loadConfiguration } from '../../../src/server/config/load.ts';
import { deployment, service, World } from '../world.ts';

const CMDB = deployment('x.db').cmdb;
const isVendor = (names: unknown): boolean => [names].flat()[0] === 'Vendor Assistant';

const services = [
  service('bot', {
    environment: 'production',
    match: { 'service.name': ['web/bot', 'batch; bot'] },
    description: 'Answers "questions",\nand more',
    owner: { name: '=Dana', email: 'dana@example.com' },
    criticality: 1,
    euAiAct: { riskClass: 'minimal' },
    models: [
      { provider: 'azure.ai.openai', name: 'gpt-4o', version: '2024-08-06' },
      { provider: 'hf', name: 'org/model@main' },
    ],
    prompts: [{ id: 'answer', version: '#0011aabb' }, { id: 'greet' }],
    tools: [{ name: 'pay=now', sideEffects: 'irreversible' }],
    vectorStores: [{ index: '100%' }],
    agents: [{ name: 'planner' }],
    guardrails: [{ name: 'pii', version: '2' }],
    dependsOn: ['openai', 'search'],
    evidence: ['telemetry', 'reports'],
    confirmed: { by: 'Dana', at: '2026-08-02' },
  }),
  service('search'),
];

let folder: string;
let out = '';
let written = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-inventory-'));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += text;
    return true;
  });
  vi.spyOn(console, 'log').mockImplementation((text) => (out += text));
  vi.spyOn(console, 'error').mockImplementation((text) => (out += text));
});
afterEach(() => {
  out = '';
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const exported = async (format: 'csv' | 'servicenow', list = services, store = 'x.db'): Promise<string> => {
  written = '';
  const configuration = { deployment: deployment(store), services: list, objectives: [] };
  expect(await exportCmdbCommand(configuration, format, 0)).toBe(0);
  return written;
};
const imported = (text: string, name: string): [number, string] => {
  writeFileSync(join(folder, `${name}.csv`), text);
  out = '';
  return [importCsvCommand({ file: join(folder, `${name}.csv`), folder: join(folder, name), json: false }), out];
};

it('a table that is exported is imported as the same services', async () => {
  const table = await exported('csv');
  expect(out).toContain('there is no store at x.db: what was said of services over the API is not in it');
  expect(imported(table, 'whole')[0]).toBe(0);
  expect(readdirSync(join(folder, 'whole')).sort()).toEqual(['bot.production.yaml', 'search.yaml']);
  writeFileSync(
    join(folder, 'plimsoll.yaml'),
    'apiVersion: plimsoll/v1\nkind: Deployment\nmetadata: {name: test}\nspec: {services: ["whole/*.yaml"]}\n',
  );
  const loaded = loadConfiguration(join(folder, 'plimsoll.yaml'));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.configuration.services).toEqual(services);
  expect(await exported('csv', [...loaded.configuration.services])).toBe(table);
});

it('a short table from a spreadsheet will do', () => {
  const [code, told] = imported('name;owner;criticality;models\r\nfaq-bot;Dana;2;openai/gpt-4o; \r\n', 'short');
  expect([code, told]).toEqual([1, expect.stringContaining('5 cells')]);
  expect(
    imported('name;owner;criticality;models\r\nfaq-bot;Dana;2;"openai/gpt-4o; openai/o3@2025-04-16"\r\n', 'short')[0],
  ).toBe(0);
  expect(readFileSync(join(folder, 'short', 'faq-bot.yaml'), 'utf8')).toMatch(/name: o3\n +version: 2025-04-16/);
});

it('everything that is wrong is told, and nothing is written', () => {
  const [code, told] = imported('name,criticality,owner\nFAQ bot,9,x\nok,,\nok,,\n', 'wrong');
  expect(code).toBe(1);
  expect(told).toMatch(/wrong\.csv:2 {2}metadata\.name/);
  expect(told).toMatch(/wrong\.csv:2 {2}spec\.criticality/);
  expect(told).toMatch(/would be written twice[\s\S]*PLIM_IMPORT_INVALID/);
  expect(readdirSync(folder)).not.toContain('wrong');
  expect(imported('name,onwer\na,b\n', 'wrong')[1]).toContain('did you mean "owner"?');
  expect(imported('name\nfaq-bot\n', 'short')[1]).toContain('is there already');
});

it('without services there is nothing to export', async () => {
  const configuration = { deployment: deployment('x.db'), services: [], objectives: [] };
  expect(await exportCmdbCommand(configuration, 'csv', 0)).toBe(2);
  expect(JSON.parse(await exported('servicenow')).items).toHaveLength(8);
});

it('a payload of ServiceNow is written as files, and everything in it without a place is told', async () => {
  const document = JSON.parse(await exported('servicenow'));
  document.items.push({ className: 'cmdb_ci_linux_server', values: { name: 'x\n---\nkind: Deployment' } });
  document.items.push({ className: 'odd\u009b2K\u202e', values: {} });
  writeFileSync(join(folder, 'payload.json'), JSON.stringify(document));
  const options = { file: join(folder, 'payload.json'), folder: join(folder, 'cmdb'), json: false };
  out = '';
  expect(importCmdbCommand(options, deployment('x.db').cmdb)).toBe(0);
  expect(out).toContain('no place in a file: tables that no kind of item is of: "cmdb_ci_linux_server"');
  expect(out).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(readdirSync(join(folder, 'cmdb')).sort()).toEqual(['bot.production.yaml', 'search.yaml']);
  expect(readFileSync(join(folder, 'cmdb', 'bot.production.yaml'), 'utf8')).toMatch(/name: pay=now/);
  out = '';
  expect(importCmdbCommand(options, deployment('x.db').cmdb)).toBe(1);
  expect(out).toMatch(/is there already[\s\S]*PLIM_IMPORT_INVALID/);
  writeFileSync(join(folder, 'payload.json'), '{"items": [{"values": {}}]}');
  out = '';
  expect(importCmdbCommand(options, deployment('x.db').cmdb)).toBe(1);
  expect(out).toContain('items.0.className');
});

describe('with what was said over the API', () => {
  let world: World;
  beforeAll(async () => {
    const bot = service('bot', { criticality: 2, dependsOn: ['Vendor Assistant'] });
    world = await World.start({ services: [bot] });
    await world.post('/services/bot/record', { fields: { owner: { name: 'Kim' } }, reason: 'known' });
    await world.post('/services/Vendor Assistant/record', {
      fields: { displayName: 'The assistant', supportGroup: 'vendors', evidence: ['status'] },
      reason: 'bought in March',
    });
  });
  afterAll(() => world.end());

  it('fields that files are silent about, and services without a file, are exported, and come back as files', async () => {
    for (const [format, read] of [
      ['csv', (file: string, to: string) => importCsvCommand({ file, folder: to, json: false })],
      ['servicenow', (file: string, to: string) => importCmdbCommand({ file, folder: to, json: false }, CMDB)],
    ] as const) {
      const store = (world.configuration.deployment.store as { path: string }).path;
      const text = await exported(format, [...world.configuration.services], store);
      const file = join(folder, `said.${format}`);
      const to = join(folder, `said-${format}`);
      writeFileSync(file, text);
      expect([read(file, to), out]).toEqual([0, expect.stringMatching(/^2 files in/)]);
      expect(parse(readFileSync(join(to, 'bot.yaml'), 'utf8')).spec.owner.name).toBe('Kim');
      expect(parse(readFileSync(join(to, 'vendor-assistant.yaml'), 'utf8'))).toMatchObject({
        metadata: { displayName: 'The assistant' },
        spec: { supportGroup: 'vendors', match: { 'service.name': expect.toSatisfy(isVendor) } },
      });
      out = '';
    }
    expect(JSON.parse(written).relations).toEqual([{ parent: 0, child: 1, type: 'Depends on::Used by' }]);
  });

  it('a store that can not be read is no empty one', async () => {
    writeFileSync(join(folder, 'broken.db'), 'no database at all');
    const configuration = { deployment: deployment(join(folder, 'broken.db')), services, objectives: [] };
    written = '';
    expect([await exportCmdbCommand(configuration, 'csv', 0), written]).toEqual([1, '']);
    expect(out).toContain('broken.db');
  });
});
