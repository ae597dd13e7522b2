import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { exportCmdbCommand } from '../../../src/server/cli/export-cmdb.ts';
import { importCmdbCommand } from '../../../src/server/cli/import-cmdb.ts';
import { importCsvCommand } from '../../../src/server/cli/import-csv.ts';
import { loadConfiguration } from '../../../src/server/config/load.ts';
import { deployment, service } from '../world.ts';

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
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-inventory-'));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
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

const exported = (format: 'csv' | 'servicenow', list = services): string => {
  out = '';
  const configuration = { deployment: deployment('x.db'), services: list, objectives: [] };
  expect(exportCmdbCommand(configuration, format, 0)).toBe(0);
  return out;
};
const imported = (text: string, name: string): [number, string] => {
  writeFileSync(join(folder, `${name}.csv`), text);
  out = '';
  return [importCsvCommand({ file: join(folder, `${name}.csv`), folder: join(folder, name), json: false }), out];
};

it('a table that is exported is imported as the same services', () => {
  const table = exported('csv');
  expect(imported(table, 'whole')[0]).toBe(0);
  expect(readdirSync(join(folder, 'whole')).sort()).toEqual(['bot.production.yaml', 'search.yaml']);
  writeFileSync(
    join(folder, 'plimsoll.yaml'),
    'apiVersion: plimsoll/v1\nkind: Deployment\nmetadata: {name: test}\nspec: {services: ["whole/*.yaml"]}\n',
  );
  const loaded = loadConfiguration(join(folder, 'plimsoll.yaml'));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.configuration.services).toEqual(services);
  expect(exported('csv', [...loaded.configuration.services])).toBe(table);
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

it('without services there is nothing to export', () => {
  const configuration = { deployment: deployment('x.db'), services: [], objectives: [] };
  expect(exportCmdbCommand(configuration, 'csv', 0)).toBe(2);
  expect(JSON.parse(exported('servicenow')).items).toHaveLength(8);
});

it('a payload of ServiceNow is written as files, and everything in it without a place is told', () => {
  const document = JSON.parse(exported('servicenow'));
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
