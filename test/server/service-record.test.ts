import { afterEach, expect, it } from 'vitest';
import type { ServiceDetailJson, ServiceJson, ServiceRecordJson } from '../../src/server/api/openapi/services.ts';
import { exchange, service, World } from './world.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const DAY = 86_400_000;

let world: World;
afterEach(() => world.end());

const start = async (): Promise<void> => {
  world = await World.start({
    now: NOW,
    services: [service('bot', { owner: { name: 'Dana' }, confirmEvery: '30d' }), service('search')],
  });
};
const say = (name: string, fields: object, more: object = {}): Promise<ServiceRecordJson> =>
  world.post(`/services/${name}/record`, { fields, reason: 'we know', ...more });
const detail = (name: string): Promise<ServiceDetailJson> => world.get(`/services/${name}`);
const kindsOf = async (name: string): Promise<string[]> => (await detail(name)).findings.map(({ kind }) => kind);

it('an owner confirms the record on a day that it carries; what is overdue is a finding', async () => {
  await start();
  expect(await kindsOf('bot')).toEqual(['record_overdue']);
  await expect(world.post('/services/bot/confirm', {})).rejects.toThrow(/409.*named person/);
  const confirmed = await world.post<ServiceRecordJson>('/services/bot/confirm', { person: 'Dana', reason: 'read it' });
  expect(confirmed).toMatchObject({
    confirmed: { by: 'Dana', at: '2026-11-20' },
    confirmDue: '2026-12-20T00:00:00.000Z',
    revision: 1,
    history: [{ event: 'confirmed', by: { name: 'Dana' }, reason: 'read it' }],
  });
  expect(await kindsOf('bot')).toEqual([]);
  await world.restart();
  expect(await detail('bot')).toMatchObject({ confirmed: { by: 'Dana', at: '2026-11-20' }, findings: [] });
  world.now += 30 * DAY;
  expect(await kindsOf('bot')).toEqual(['record_overdue']);
  const { entries } = await world.get<{ entries: { type: string; actor: object; data: Record<string, unknown> }[] }>(
    '/audit?limit=100',
  );
  const entry = entries.find(({ type }) => type === 'service.record_confirmed');
  expect(entry).toMatchObject({ actor: { id: 'local' }, data: { service: 'bot', person: 'Dana', on: '2026-11-20' } });
});

it('fields are said where the file is silent; the file holds where both speak, and a finding shows it', async () => {
  await start();
  const record = await say('bot', { owner: { name: 'Kim' }, supportGroup: 'ai', dependsOn: ['search'] });
  expect(record).toMatchObject({
    recordedBy: ['file', 'api'],
    conflicts: [{ field: 'owner', file: { name: 'Dana' }, api: { name: 'Kim' } }],
    history: [{ event: 'changed', fields: ['owner', 'supportGroup', 'dependsOn'], reason: 'we know' }],
  });
  const shown = await detail('bot');
  expect(shown).toMatchObject({ owner: { name: 'Dana' }, supportGroup: 'ai', dependsOn: [{ name: 'search' }] });
  expect(shown.findings.map(({ kind }) => kind)).toEqual(['record_overdue', 'record_conflict']);
  const { edges } = await world.get<{ edges: { service: string; name: string }[] }>('/dependencies?service=bot');
  expect(edges).toMatchObject([{ service: 'bot', name: 'search', source: 'declared' }]);
  // Taken back, it is a conflict no more; by somebody who has seen another revision it is not.
  await expect(say('bot', { owner: null }, { revision: 0 })).rejects.toThrow(/409.*revision 1/);
  expect(await say('bot', { owner: null }, { revision: 1 })).toMatchObject({ conflicts: [], revision: 2 });
  await expect(say('bot', { criticality: 1 })).rejects.toThrow(/409.*criticality decides/);
  await expect(say('bot', { owner: 'Kim' })).rejects.toThrow(/400.*fields.owner/);
  await expect(say('bot', { onwer: { name: 'Kim' } })).rejects.toThrow(/400.*onwer/);
});

it('telemetry finds the service, the API registers it, and its parts are held against what was said', async () => {
  await start();
  const made = { retiresOn: '2030-01-01' };
  await world.spans([exchange('Sales Helper', NOW - 120_000)]);
  await world.post('/settle', {});
  expect(await kindsOf('Sales%20Helper')).toEqual(['unregistered_service', 'retiring_model']);
  const models = [{ provider: 'openai', name: 'gpt-4o-mini', version: '2024-07-18', ...made }];
  await say('Sales%20Helper', { models, prompts: [{ id: 'answer', version: '6' }], criticality: 2 });
  expect(await kindsOf('Sales%20Helper')).toEqual(['missing_owner', 'unapproved_version']);
  await say('Sales%20Helper', { owner: { name: 'Kim' }, prompts: [{ id: 'answer', version: '7' }] });
  expect(await detail('Sales%20Helper')).toMatchObject({
    declared: false,
    recordedBy: ['api'],
    owner: { name: 'Kim' },
    criticality: 2,
    findings: [],
  });
  // It is counted as before, and what takes everything back registers nothing.
  const { services } = await world.get<{ services: ServiceJson[] }>('/services');
  expect(services.filter(({ name }) => name === 'Sales Helper')).toHaveLength(1);
  await say('Sales%20Helper', { models: null, prompts: null, owner: null, criticality: null });
  expect(await kindsOf('Sales%20Helper')).toEqual(['unregistered_service', 'retiring_model']);
  expect(world.verify().differences).toEqual([]);
});

it('a vendor’s assistant without telemetry is registered, listed and confirmed', async () => {
  await start();
  await expect(world.post('/services/vendor-assistant/confirm', { person: 'Kim' })).rejects.toThrow(/404/);
  await say('vendor-assistant', { owner: { name: 'Kim' }, evidence: ['status', 'reports'], confirmEvery: '90d' });
  const { services } = await world.get<{ services: ServiceJson[] }>('/services');
  expect(services.map(({ name }) => name)).toEqual(['bot', 'search', 'vendor-assistant']);
  expect(await kindsOf('vendor-assistant')).toEqual(['record_overdue']);
  await world.post('/services/vendor-assistant/confirm', { person: 'Kim' });
  expect(await detail('vendor-assistant')).toMatchObject({ findings: [], evidence: ['status', 'reports'] });
});

it('slices and everything that is counted stay as they were when something is said', async () => {
  await start();
  await world.spans([exchange('bot', NOW - 300_000)]);
  await say('bot', { supportGroup: 'ai' });
  await world.spans([exchange('bot', NOW - 240_000)]);
  await world.restart();
  await world.spans([exchange('bot', NOW - 180_000)]);
  await world.post('/settle', {});
  const { seen } = await detail('bot');
  expect(seen.map(({ kind, lastDay }) => [kind, lastDay])).toEqual([
    ['model', 3],
    ['prompt_version', 3],
  ]);
  expect(world.verify().differences).toEqual([]);
});

it('keeps lists and records that are no longer than they may be', async () => {
  await start();
  const tools = (n: number): object[] => Array.from({ length: n }, (_, i) => ({ name: `tool-${i}` }));
  await expect(say('bot', { tools: tools(501) })).rejects.toThrow(/400.*fields\.tools: 501 entries, at most 500/);
  const states = Array.from({ length: 501 }, () => 'DE');
  await expect(say('vendor', { euAiAct: { memberStates: states } })).rejects.toThrow(/fields\.euAiAct: 501 entries/);
  const refs = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`sink-${i}`, 'x']));
  await expect(say('bot', { externalRefs: refs })).rejects.toThrow(/fields\.externalRefs: 501 entries/);
  expect((await say('bot', { tools: tools(500) })).revision).toBe(1);
  // One after the other they do not add up to more either.
  const long = (letter: string) => Array.from({ length: 200 }, (_, i) => ({ name: `${letter.repeat(200)}${i}` }));
  await say('bot', { agents: long('a') });
  await expect(say('bot', { guardrails: long('g') })).rejects.toThrow(
    /the record would have \d+ characters, at most 65536/,
  );
  expect((await say('bot', { agents: null, guardrails: long('g') })).revision).toBe(3);
});
