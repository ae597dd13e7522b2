import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EstimateJson } from '../../src/model/estimate.ts';
import { objective, service, World } from '../server/world.ts';
import { incidentsOf, verdictOf } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;
const PER_MINUTE = 20;

let traces = 0;
const nanos = (ms: number): string => `${ms}000000`;

/** What an application instrumented with OpenLLMetry sends of requests: of a failed one at most the request's own span. */
class BlindTraffic {
  readonly world: World;
  readonly service: string;
  readonly hasHttp: boolean;
  at = START;

  constructor(world: World, name: string, hasHttp: boolean) {
    this.world = world;
    this.service = name;
    this.hasHttp = hasHttp;
  }

  async pass(minutes: number, failed = 0): Promise<void> {
    const calls: object[] = [];
    const requests: object[] = [];
    for (let i = 0; i < minutes; i++, this.at += MINUTE)
      for (let k = 0; k < PER_MINUTE; k++) {
        const end = this.at + 10_000 + k * 2000;
        const traceId = `b11d${(++traces).toString(16).padStart(28, '0')}`;
        const span = (spanId: string, name: string, kind: number): object => ({
          traceId,
          spanId,
          name,
          kind,
          startTimeUnixNano: nanos(end - 900),
          endTimeUnixNano: nanos(end),
        });
        const isFailed = k < failed;
        const status = { key: 'http.response.status_code', value: { intValue: isFailed ? '500' : '200' } };
        requests.push({ ...span('beef000000000001', 'POST /chat', 2), attributes: [status] });
        if (isFailed) continue;
        const parent = this.hasHttp ? { parentSpanId: 'beef000000000001' } : {};
        const attributes = [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }];
        calls.push({ ...span('beef000000000002', 'openai.chat', 3), ...parent, attributes });
      }
    const scopes = [
      { scope: { name: '@traceloop/instrumentation-openai', version: '0.27.0' }, spans: calls },
      ...(this.hasHttp ? [{ scope: { name: '@opentelemetry/instrumentation-http' }, spans: requests }] : []),
    ];
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: this.service } }] };
    this.world.now = Math.max(this.world.now, this.at);
    const response = await fetch(`${this.world.plimsoll.addresses.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: scopes }] }),
    });
    expect([response.status, await response.text()]).toEqual([200, '{}']);
  }

  async judge(): Promise<void> {
    this.world.now = Math.max(this.world.now, this.at + 20_000);
    expect(await this.world.plimsoll.tick()).not.toBeNull();
  }
}

interface Shown {
  readonly verdict: string;
  readonly reason: string | null;
  readonly attained: boolean | null;
  readonly budget: object | null;
  readonly estimate: EstimateJson;
}

describe('two services whose library never sends a failed call, one of them with the spans of its requests', () => {
  let world: World;
  let seen: BlindTraffic;
  let unseen: BlindTraffic;

  beforeAll(async () => {
    world = await World.start({
      now: START,
      services: [service('seen', { criticality: 1 }), service('unseen', { criticality: 1 })],
      objectives: ['seen', 'unseen'].map((name) =>
        objective(`${name}-up`, { service: name, kind: 'SLO', measure: { type: 'availability' }, target: 0.95 }),
      ),
    });
    seen = new BlindTraffic(world, 'seen', true);
    unseen = new BlindTraffic(world, 'unseen', false);
    await seen.pass(120);
    await unseen.pass(120);
    await seen.judge();
  });
  afterAll(() => world.end());

  it('without them availability is not known, however many calls went well, and says why', async () => {
    const { verdict, reason, attained, budget, estimate } = await world.get<Shown>('/objectives/unseen-up');
    expect({ verdict, reason, attained, budget }).toEqual({
      verdict: 'insufficient_evidence',
      reason: 'no failure would have been seen in the window',
      attained: null,
      budget: null,
    });
    expect(estimate).toMatchObject({ status: 'insufficient', value: null, n: 120 * PER_MINUTE, coverage: 0 });
  });

  it('with them it rests on them, and covers all', async () => {
    expect(await verdictOf(world, 'seen-up')).toBe('met');
    const { estimate } = await world.get<Shown>('/objectives/seen-up');
    expect(estimate).toMatchObject({ status: 'ok', value: 1, n: 120 * PER_MINUTE, coverage: 1 });
  });

  it('requests that fail and leave no AI span are failures, and open an incident', async () => {
    for (let i = 0; i < 8; i++) {
      await seen.pass(1, 10);
      await seen.judge();
    }
    const [incident] = await incidentsOf(world);
    expect(incident).toMatchObject({ state: 'new', service: 'seen', objectives: ['seen-up'] });
    expect(incident!.traces.bad).toHaveLength(5);
    for (const trace of incident!.traces.bad) expect(trace).toMatch(/^b11d/);
    const metrics = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
    const counted = 'service="seen",environment="",measure="availability",result="bad"';
    expect(metrics).toContain(`plimsoll_measure_events_total{${counted}} 80`);
    const { estimate } = await world.get<Shown>('/objectives/seen-up');
    expect(estimate).toMatchObject({ n: 128 * PER_MINUTE, value: 1 - 80 / (128 * PER_MINUTE), coverage: 1 });
  });

  it('the finding says which package, what to do, how many and which traces', async () => {
    const findingOf = async (name: string) =>
      (
        await world.get<{ findings: { kind: string; detail: string; evidence: object }[] }>(`/services/${name}`)
      ).findings.find(({ kind }) => kind === 'failures_invisible');
    const found = await findingOf('seen');
    expect(found).toMatchObject({
      evidence: { failedRequests: 80, instrumentations: [{ scope: '@traceloop/instrumentation-openai' }] },
    });
    expect(found!.detail).toContain('In the last day 80 failed without any AI span');
    expect((found!.evidence as { traces: string[] }).traces).toHaveLength(5);
    expect((await findingOf('unseen'))!.evidence).toMatchObject({ failedRequests: 0, traces: [] });
  });

  it('a restart changes nothing, and every tally is the fold of its rows', async () => {
    const before = await world.get<Shown>('/objectives/seen-up');
    await world.restart();
    await seen.judge();
    expect((await world.get<Shown>('/objectives/seen-up')).estimate).toEqual(before.estimate);
    const { compared, differing } = world.verify();
    expect(compared).toBeGreaterThan(200);
    expect(differing).toBe(0);
  });
});
