import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { pino } from 'pino';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FAMILIES } from '../../../src/server/metrics/catalogue.ts';
import { otlpNameOf } from '../../../src/server/otlp-metrics/names.ts';
import { parseExposition } from '../metrics/exposition.ts';
import { exchange, objective, service, World } from '../world.ts';

/** What of OTLP metrics (opentelemetry-proto v1) counters and gauges need. */
const Request = protobuf
  .parse(`syntax = "proto3";
message Request { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeMetrics { repeated Metric metrics = 2; }
message Metric { string name = 1; string description = 2; string unit = 3; oneof data { Points gauge = 5; Sum sum = 7; } }
message Points { repeated Point data_points = 1; }
message Sum { repeated Point data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Point { repeated KeyValue attributes = 7; oneof value { double as_double = 4; sfixed64 as_int = 6; } }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { string string_value = 1; }`)
  .root.lookupType('Request');

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}
interface Points {
  readonly dataPoints: readonly {
    readonly attributes?: readonly KeyValue[];
    readonly asDouble?: number;
    readonly asInt?: string;
  }[];
}
interface Metric {
  readonly name: string;
  readonly unit?: string;
  readonly gauge?: Points;
  readonly sum?: Points & { readonly aggregationTemporality: number; readonly isMonotonic: boolean };
}
interface Received {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly resource: Readonly<Record<string, string>>;
  readonly metrics: readonly Metric[];
}

const attributesOf = (list: readonly KeyValue[] = []): Record<string, string> =>
  Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue]));

const services = [service('bot')];
const objectives = [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })];
const START = Date.parse('2026-11-20T00:00:00Z');

const worldSending = async (url: string, logged: string[]): Promise<World> => {
  const world = await World.start({
    now: START,
    services,
    objectives,
    spec: {
      otlpMetrics: { url, headers: { authorization: 'env:RECEIVER' }, every: '1h' },
      egress: { allow: ['127.0.0.1'] },
    },
    secret: async () => 'Bearer of the receiver',
    log: pino({ level: 'info' }, { write: (line: string) => void logged.push(line) }),
  });
  for (let minute = 0; minute < 5; minute++) {
    const from = START + minute * 60_000;
    world.now = from + 60_000;
    await world.spans(Array.from({ length: 10 }, (_, k) => exchange('bot', from + k * 5000, { failed: k === 0 })));
  }
  world.now = START + 320_000;
  await world.plimsoll.tick();
  return world;
};

it('has a name of its own for every family', () => {
  const names = FAMILIES.map((family) => otlpNameOf(family).name);
  expect(new Set(names).size).toBe(names.length);
  expect(otlpNameOf({ name: 'plimsoll_measure_ci_lower_ratio', type: 'gauge' })).toEqual({
    name: 'plimsoll.measure_ci_lower',
    unit: '1',
  });
  expect(otlpNameOf({ name: 'plimsoll_interactions_total', type: 'counter' })).toEqual({
    name: 'plimsoll.interactions',
    unit: '',
  });
  expect(otlpNameOf({ name: 'plimsoll_judged_through_timestamp_seconds', type: 'gauge' })).toEqual({
    name: 'plimsoll.judged_through_timestamp',
    unit: 's',
  });
});

describe('metrics over OTLP', () => {
  const received: Received[] = [];
  const logged: string[] = [];
  let status = 200;
  let server: Server;
  let world: World;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      const { resourceMetrics } = Request.toObject(Request.decode(gunzipSync(body)), { longs: String }) as {
        resourceMetrics: { resource: { attributes: KeyValue[] }; scopeMetrics: { metrics: Metric[] }[] }[];
      };
      for (const { resource, scopeMetrics } of resourceMetrics)
        received.push({
          headers: request.headers,
          resource: attributesOf(resource.attributes),
          metrics: scopeMetrics.flatMap(({ metrics }) => metrics),
        });
      response.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    // Of other programs on this machine: nobody has told Plimsoll to send these anywhere, or to be silent.
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-other=secret of another receiver');
    vi.stubEnv('OTEL_EXPORTER_OTLP_METRICS_HEADERS', 'x-another=secret of yet another');
    vi.stubEnv('OTEL_SDK_DISABLED', 'true');
    world = await worldSending(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics`, logged);
  });
  afterAll(async () => {
    await world.end();
    server.close();
    vi.unstubAllEnvs();
  });

  it('are those of the page, with the same labels and values', async () => {
    await world.plimsoll.otlpMetrics!.send();
    const page = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
    const { resource, metrics, headers } = received.at(-1)!;
    expect(resource).toMatchObject({
      'service.name': 'plimsoll',
      'service.namespace': 'test',
      'service.version': expect.any(String),
      'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(headers['authorization']).toBe('Bearer of the receiver');
    expect(headers).not.toHaveProperty('x-other');
    expect(headers).not.toHaveProperty('x-another');
    expect(process.env['OTEL_SDK_DISABLED']).toBe('true');
    const sent = new Map(
      metrics.flatMap(({ name, gauge, sum }) =>
        (gauge ?? sum)!.dataPoints.map(
          ({ attributes, asDouble, asInt }) =>
            [
              JSON.stringify([name, Object.entries(attributesOf(attributes)).toSorted()]),
              asDouble ?? Number(asInt),
            ] as const,
        ),
      ),
    );
    const { samples } = parseExposition(page);
    let compared = 0;
    for (const family of FAMILIES) {
      if (family.kind === 'self' || family.type === 'histogram') continue;
      for (const { labels, value } of samples.filter((sample) => sample.name === family.name)) {
        const some = Object.entries(labels).filter(([, text]) => text !== '');
        const key = JSON.stringify([otlpNameOf(family).name, some.toSorted()]);
        expect([key, sent.get(key)]).toEqual([key, value]);
        compared++;
      }
    }
    expect(compared).toBe(sent.size);
    expect(compared).toBeGreaterThan(50);
    const interactions = metrics.find(({ name }) => name === 'plimsoll.interactions')!;
    expect(interactions.sum).toMatchObject({ isMonotonic: true, aggregationTemporality: 2 });
  });

  it('leave out what is not said any more', async () => {
    const names = (): string[] =>
      received
        .at(-1)!
        .metrics.filter(({ gauge }) => gauge?.dataPoints.length)
        .map(({ name }) => name);
    expect(names()).toContain('plimsoll.latency_quantile');
    // Two hours later nothing was answered in the last one.
    world.now += 2 * 3_600_000;
    await world.plimsoll.tick();
    await world.plimsoll.otlpMetrics!.send();
    expect(names()).not.toContain('plimsoll.latency_quantile');
    expect(names()).toContain('plimsoll.objective_verdict');
  });

  it('say once that they are not taken, and once that they are again', async () => {
    status = 400;
    await world.plimsoll.otlpMetrics!.send();
    await world.plimsoll.otlpMetrics!.send();
    status = 200;
    await world.plimsoll.otlpMetrics!.send();
    expect(logged.filter((line) => line.includes('could not be sent'))).toEqual([
      expect.stringContaining('the receiver answered 400'),
    ]);
    expect(logged.filter((line) => line.includes('sent again'))).toHaveLength(1);
    expect(logged.join('')).not.toContain('Bearer of');
  });
});

it('are taken by a real door for metrics', async () => {
  const logged: string[] = [];
  const receiver = await World.start({ now: START });
  const sender = await worldSending(`${receiver.plimsoll.addresses.otlpHttp}/v1/metrics`, logged);
  const taken = async (): Promise<number> => {
    const page = await (await fetch(`${receiver.plimsoll.addresses.http}/metrics`)).text();
    return Number(/plimsoll_ingest_requests_total\{source="otlp_http",code="200"\} (\d+)/.exec(page)![1]);
  };
  const before = await taken();
  await sender.plimsoll.otlpMetrics!.send();
  expect(await taken()).toBe(before + 1);
  expect(logged.join('')).not.toContain('could not be sent');
  await sender.end();
  await receiver.end();
});
