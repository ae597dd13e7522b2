import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ServiceDetailJson } from '../../src/server/api/openapi/services.ts';
import { exchange, service, World } from './world.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const END = NOW - 110_000;
const TRACE = 'c0de'.padEnd(32, '1');

/** One exchange in whose trace everything is called that a service can be made of. */
async function send(world: World, name: string): Promise<void> {
  const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });
  const span = (id: number, attributes: readonly object[]): object => ({
    traceId: TRACE,
    spanId: `aa${String(id).padStart(14, '0')}`,
    ...(id === 1 ? {} : { parentSpanId: 'aa00000000000001' }),
    name: 'x',
    startTimeUnixNano: `${END - 100 + id}000000`,
    endTimeUnixNano: `${END - (id === 1 ? 0 : 50)}000000`,
    attributes,
  });
  const operation = (value: string): object => text('gen_ai.operation.name', value);
  const spans = [
    span(1, [
      operation('invoke_agent'),
      text('gen_ai.agent.name', 'planner'),
      text('gen_ai.prompt.version', '#0011aabb'),
    ]),
    span(2, [operation('execute_tool'), text('gen_ai.tool.name', 'pay')]),
    span(3, [operation('retrieval'), text('gen_ai.data_source.id', 'kb-2')]),
    span(4, [operation('apply_guardrail'), text('microsoft.guardian.name', 'pii')]),
    span(5, [
      operation('chat'),
      text('gen_ai.provider.name', 'anthropic'),
      text('gen_ai.request.model', 'claude-x'),
      text('gen_ai.response.model', 'claude-x-1'),
    ]),
  ];
  const resource = { attributes: [text('service.name', name), text('deployment.environment.name', 'production')] };
  const response = await fetch(`${world.plimsoll.addresses.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
  });
  expect(await response.text()).toBe('{}');
}

let world: World;
const written = {
  owner: { name: 'Dana' },
  models: [{ provider: 'openai', name: 'gpt-4o' }],
  prompts: [{ id: 'answer', version: '7' }],
  tools: [{ name: 'search' }],
  vectorStores: [{ index: 'kb-1' }],
  agents: [{ name: 'writer' }],
  guardrails: [{ name: 'toxic' }],
};
beforeAll(async () => {
  world = await World.start({ now: NOW, services: [service('bot', written)] });
  await send(world, 'bot');
  await world.spans([exchange('shadow', END, { model: 'in-house' })]);
  await world.post('/settle', {});
});
afterAll(() => world.end());

it('a provider, prompt version by its hash, tool, vector store, agent and guardrail that the file does not list: each is a finding with first sight, traffic and traces', async () => {
  const { findings } = await world.get<ServiceDetailJson>('/services/bot');
  const told = findings.map(({ kind, evidence }) => {
    const { component, examples } = evidence as {
      component: string;
      examples: { name: string; firstSeen: string; lastDay: number; traces: string[] }[];
    };
    const [{ name, firstSeen, lastDay, traces }] = examples as [(typeof examples)[number]];
    return [kind, component, name, firstSeen, lastDay, traces];
  });
  const seen = ['2026-11-20T11:58:00.000Z', 1, [TRACE]];
  expect(told).toEqual([
    ['undeclared_component', 'provider', 'claude-x-1', ...seen],
    ['unapproved_version', 'prompt_version', '#0011aabb', ...seen],
    ['undeclared_component', 'tool', 'pay', ...seen],
    ['undeclared_component', 'vector_store', 'kb-2', ...seen],
    ['undeclared_component', 'agent', 'planner', ...seen],
    ['undeclared_component', 'guardrail', 'pii', ...seen],
  ]);
});

it('nothing of the record was overwritten by what was seen', async () => {
  const { models, prompts, tools, vectorStores, agents, guardrails } =
    await world.get<ServiceDetailJson>('/services/bot');
  expect({ models, prompts, tools, vectorStores, agents, guardrails }).toMatchObject({
    models: written.models,
    prompts: written.prompts,
    tools: written.tools,
    vectorStores: written.vectorStores,
    agents: written.agents,
    guardrails: written.guardrails,
  });
});

it('an unregistered service is a finding with first sight, traffic and traces, and a missing owner another', async () => {
  const { findings } = await world.get<ServiceDetailJson>('/services/shadow');
  expect(findings).toMatchObject([
    {
      kind: 'unregistered_service',
      since: '2026-11-20T11:58:00.000Z',
      detail: expect.stringContaining('; 1 interaction in the last day'),
      evidence: { firstSeen: '2026-11-20T11:58:00.000Z', lastDay: 1, traces: [expect.stringMatching(/^f00d/)] },
    },
  ]);
  await world.post('/services/shadow/record', { fields: { tier: 'gold' }, reason: 'found' });
  const registered = await world.get<ServiceDetailJson>('/services/shadow');
  expect(registered.findings).toMatchObject([{ kind: 'missing_owner' }]);
});
