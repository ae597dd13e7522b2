import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange, World } from './world.ts';

const NOW = Date.parse('2026-11-20T12:00:20Z');
const END = Date.parse('2026-11-20T11:59:30Z');

interface Called {
  readonly kind: string;
  readonly provider: string | null;
  readonly name: string | null;
  readonly n: number;
  readonly failed: number;
  readonly value: number;
}

describe('what a service calls', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ now: NOW });
    await world.spans(Array.from({ length: 8 }, () => exchange('bot', END)));
    await retrievals(4, 3, 'docs', {});
    await world.plimsoll.tick();
  });
  afterAll(() => world.end());

  let traces = 0;
  /** Calls of a retriever, of which the first so many fail, each under an agent that copes with it. */
  async function retrievals(count: number, failed: number, name: string, more: object): Promise<void> {
    const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });
    const spans = Array.from({ length: count }, (_, i) => {
      const traceId = `de9e${(++traces).toString(16).padStart(28, '0')}`;
      const time = { traceId, startTimeUnixNano: `${END - 100}000000`, endTimeUnixNano: `${END}000000`, ...more };
      const kind = (value: string): object => text('openinference.span.kind', value);
      return [
        { ...time, spanId: 'aa00000000000001', name: 'agent', attributes: [kind('AGENT')] },
        {
          ...time,
          spanId: 'aa00000000000002',
          parentSpanId: 'aa00000000000001',
          name,
          attributes: [kind('TOOL'), text('tool.name', name)],
          status: i < failed ? { code: 2 } : {},
        },
      ];
    }).flat();
    const resource = { attributes: [text('service.name', 'bot'), text('deployment.environment.name', 'production')] };
    const response = await fetch(`${world.plimsoll.addresses.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
    });
    expect(await response.text()).toBe('{}');
  }

  const called = async (query = ''): Promise<Called[]> =>
    (await world.get<{ dependencies: Called[] }>(`/services/bot/dependencies${query}`)).dependencies;

  it('is shown by what it depended on, what fails first, though every interaction went well', async () => {
    expect(await called()).toMatchObject([
      { kind: 'tool', provider: null, name: 'docs', n: 4, failed: 3, value: 0.25 },
      { kind: 'model', provider: 'openai', name: 'gpt-4o-mini-2024-07-18', n: 8, failed: 0, value: 1 },
    ]);
  });

  it('of another time there is nothing, of another service an error', async () => {
    expect(await called('?to=2026-11-20T11:00:00Z')).toEqual([]);
    await expect(world.get('/services/nobody/dependencies')).rejects.toThrow('404');
    await expect(called('?from=2020-01-01T00:00:00Z')).rejects.toThrow('400');
  });

  it('is a gauge', async () => {
    const metrics = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
    const docs = 'service="bot",environment="production",dependency_kind="tool",dependency="docs",window="1h"';
    expect(metrics).toContain(`plimsoll_dependency_failed_ratio{${docs}} 0.75`);
    expect(metrics).toContain(`plimsoll_dependency_window_calls{${docs}} 4`);
  });

  it('in several environments is together when none is asked for', async () => {
    await world.spans(Array.from({ length: 2 }, () => exchange('bot', END, { environment: 'staging', failed: true })));
    await world.plimsoll.tick();
    expect(await called('?environment=staging')).toMatchObject([{ kind: 'model', n: 2, failed: 2 }]);
    expect(await called('?environment=production')).toMatchObject([{ name: 'docs' }, { kind: 'model', n: 8 }]);
    const models = (await called()).filter(({ kind }) => kind === 'model');
    expect(models).toMatchObject([
      { provider: 'openai', name: 'gpt-4o-mini-2024-07-18', n: 10, failed: 2, value: 0.8 },
    ]);
  });

  it('sampled calls count as many as they stand for', async () => {
    await retrievals(4, 1, 'mail', { traceState: 'ot=th:c' });
    await world.plimsoll.tick();
    const mail = (await called()).find(({ name }) => name === 'mail');
    expect(mail).toMatchObject({ n: 4, failed: 1, value: 0.75, sampled: { represents: 16, effective: 4 } });
  });

  it('is told apart up to a hundred; more are counted together', async () => {
    for (let i = 0; i < 120; i++) await retrievals(1, 0, `tool-${i}`, {});
    await world.plimsoll.tick();
    const all = await called();
    expect(all).toHaveLength(101);
    expect(all.find(({ kind }) => kind === 'other')).toMatchObject({ provider: null, name: null, n: 23, failed: 0 });
    await world.restart();
    await world.plimsoll.tick();
    expect(await called()).toEqual(all);
    expect(world.verify().differing).toBe(0);
  });
});
