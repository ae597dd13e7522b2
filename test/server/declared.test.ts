import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkService } from '../../src/server/config/cross-checks.ts';
import { service, World } from './world.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const attribute = (key: string, value: string): object => ({ key, value: { stringValue: value } });

describe('a service that goes by several names, with a name of its own for the version of its prompt', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({
      now: NOW,
      services: [
        service('bot', {
          match: { 'service.name': ['bot-web', 'bot-batch'] },
          slices: ['response_model', { name: 'prompt_version', attribute: 'app.prompt' }],
        }),
      ],
    });
    await call('bot-web', 'a1', [attribute('app.prompt', 'v3'), attribute('gen_ai.prompt.version', '7')]);
    await call('bot-batch', 'a2', [attribute('app.prompt', 'v3')]);
    await call('elsewhere', 'a3', [attribute('app.prompt', 'v3')]);
    await world.plimsoll.tick();
  });
  afterAll(() => world.end());

  async function call(name: string, trace: string, attributes: object[]): Promise<void> {
    const span = {
      traceId: trace.padEnd(32, '0'),
      spanId: trace.padEnd(16, '0'),
      name: 'chat',
      startTimeUnixNano: `${NOW - 90_000}000000`,
      endTimeUnixNano: `${NOW - 89_000}000000`,
      attributes: [attribute('gen_ai.operation.name', 'chat'), ...attributes],
    };
    const resource = { attributes: [attribute('service.name', name)] };
    const response = await fetch(`${world.plimsoll.addresses.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
    });
    expect(await response.text()).toBe('{}');
  }

  it('is one service', async () => {
    const { services } = await world.get<{ services: { name: string }[] }>('/services');
    expect(services.map(({ name }) => name).sort()).toEqual(['bot', 'elsewhere']);
    const { interactions } = await world.get<{ interactions: object[] }>('/services/bot/interactions');
    expect(interactions).toHaveLength(2);
  });

  it('its prompts have the version that telemetry names, else that of the attribute; nobody else has', async () => {
    const versionOf = async (name: string): Promise<unknown[]> =>
      (
        await world.get<{ interactions: { promptVersion: unknown }[] }>(`/services/${name}/interactions`)
      ).interactions.map((one) => one.promptVersion);
    expect((await versionOf('bot')).sort()).toEqual(['7', 'v3']);
    expect(await versionOf('elsewhere')).toEqual([null]);
  });
});

it('two files may not share one of their names', () => {
  const web = service('web', { match: { 'service.name': ['bot-web', 'bot-batch'] } });
  const named = (...names: string[]) => service('other', { match: { 'service.name': names } });
  expect(checkService(named('bot-batch'), [web])).toMatchObject([{ code: 'PLIM_CONFIG_AMBIGUOUS_MATCH' }]);
  expect(checkService(named('bot'), [web])).toEqual([]);
});
