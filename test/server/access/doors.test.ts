import { credentials, Metadata, makeClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { protobufOfTraces, Rejects } from '../../../collectors/otlp/index.ts';
import { type Exchange, exchange, otlpOf, service, World } from '../world.ts';
import { Client } from './client.ts';

const identity = (bytes: Buffer): Buffer => bytes;
const TraceService = makeClientConstructor(
  {
    Export: {
      path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      requestStream: false,
      responseStream: false,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    },
  },
  'TraceService',
);
const [PERMISSION_DENIED, RESOURCE_EXHAUSTED, UNAUTHENTICATED] = [7, 8, 16];

let world: World;
let admin: Client;
beforeEach(async () => {
  world = await World.start({ services: [service('bot'), service('other-bot')] });
  const { token } = await new Client(world).make({ role: 'admin' });
  admin = new Client(world, token);
});
afterEach(() => world.end());

/** The code of a call over gRPC, 0 when it was taken, and what it was answered. */
async function overGrpc(exchanges: readonly Exchange[], token?: string): Promise<{ code: number; text: string }> {
  const client = new TraceService(
    world.plimsoll.addresses.otlpGrpc!.slice('http://'.length),
    credentials.createInsecure(),
  );
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  const body = protobufOfTraces(Buffer.from(JSON.stringify(otlpOf(exchanges))), new Rejects());
  try {
    return await new Promise((resolve) => {
      client['Export']!(body, metadata, (error: ServiceError | null, answer: Buffer) =>
        resolve({ code: error?.code ?? 0, text: error?.details ?? answer.toString('latin1') }),
      );
    });
  } finally {
    client.close();
  }
}

const interactionsOf = async (name: string): Promise<number> =>
  ((await admin.get(`/services/${name}/interactions`)).json['interactions'] as unknown[]).length;
const now = (): number => world.now - 60_000;

describe('over HTTP', () => {
  it('nothing is taken without a token, in OTLP’s own form of error, and the sender is told what to do', async () => {
    const { status, json, headers } = await new Client(world).spans([exchange('bot', now())]);
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="plimsoll"']);
    expect(json).toEqual({
      code: 16,
      message: expect.stringMatching(/plimsoll token create .*\(PLIM_OTLP_UNAUTHENTICATED\)$/),
    });
    expect(await interactionsOf('bot')).toBe(0);
  });

  it('a token of another role is refused', async () => {
    const { token } = await admin.make({ role: 'viewer' });
    const { status, json } = await new Client(world, token).spans([exchange('bot', now())]);
    expect([status, json['code']]).toEqual([403, PERMISSION_DENIED]);
    expect((await admin.audit('access.denied')).map(({ data }) => data)).toEqual([
      { door: 'otlp_http', permission: 'send' },
    ]);
  });

  it('a token for one service sends that one: of a request with others these are rejected, with nothing else all of it', async () => {
    const { token } = await admin.make({ role: 'ingest', services: ['bot'] });
    const client = new Client(world, token);
    const mixed = await client.spans([
      exchange('bot', now()),
      exchange('other-bot', now()),
      exchange('other-bot', now()),
    ]);
    expect(mixed.status).toBe(200);
    expect(mixed.json['partialSuccess']).toEqual({
      rejectedSpans: '2',
      errorMessage: expect.stringContaining('a span of the service other-bot'),
    });
    expect([await interactionsOf('bot'), await interactionsOf('other-bot')]).toEqual([1, 0]);
    const none = await client.spans([exchange('other-bot', now())]);
    expect([none.status, none.json['code'], none.json['message']]).toEqual([
      403,
      PERMISSION_DENIED,
      expect.stringContaining('PLIM_OTLP_FORBIDDEN'),
    ]);
    expect((await admin.audit('access.denied')).map(({ data }) => data)).toEqual([
      { door: 'otlp_http', permission: 'send', service: 'other-bot' },
    ]);
  });

  it('metrics and evaluations in logs are held to the services of the token as well', async () => {
    const theirs = exchange('bot', now());
    const others = exchange('other-bot', now());
    await admin.spans([theirs, others]);
    const { token } = await admin.make({ role: 'ingest', services: ['bot'] });
    const client = new Client(world, token);
    const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
    const point = { startTimeUnixNano: `${now()}000000`, timeUnixNano: `${world.now}000000`, count: '3' };
    const metric = {
      name: 'gen_ai.client.operation.duration',
      histogram: { aggregationTemporality: 2, dataPoints: [point] },
    };
    const send = (path: string, body: unknown) =>
      client.ask(world.plimsoll.addresses.otlpHttp + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const metrics = (name: string) => ({
      resourceMetrics: [{ resource: resource(name), scopeMetrics: [{ scope: { name: 'lib' }, metrics: [metric] }] }],
    });
    expect((await send('/v1/metrics', metrics('bot'))).status).toBe(200);
    expect((await send('/v1/metrics', metrics('other-bot'))).status).toBe(403);

    const evaluation = (of: Exchange) => ({
      timeUnixNano: `${world.now}000000`,
      traceId: of.traceId,
      spanId: of.spanId,
      eventName: 'gen_ai.evaluation.result',
      attributes: [
        { key: 'gen_ai.evaluation.name', value: { stringValue: 'groundedness' } },
        { key: 'gen_ai.evaluation.score.value', value: { doubleValue: 0.1 } },
      ],
    });
    const logs = {
      resourceLogs: [
        {
          resource: resource('judge'),
          scopeLogs: [{ scope: {}, logRecords: [evaluation(theirs), evaluation(others)] }],
        },
      ],
    };
    expect((await send('/v1/logs', logs)).status).toBe(200);
    const joined = async (of: Exchange) =>
      ((await admin.get(`/interactions/${of.traceId}`)).json['evaluations'] as { joined: boolean }[]).map(
        ({ joined: is }) => is,
      );
    expect([await joined(theirs), await joined(others)]).toEqual([[true], [false]]);
  });
});

describe('over gRPC', () => {
  it('says UNAUTHENTICATED, PERMISSION_DENIED, and RESOURCE_EXHAUSTED when locked out', async () => {
    expect(await overGrpc([exchange('bot', now())])).toMatchObject({ code: UNAUTHENTICATED });
    const { token: viewer } = await admin.make({ role: 'viewer' });
    expect(await overGrpc([exchange('bot', now())], viewer)).toMatchObject({ code: PERMISSION_DENIED });
    const { token } = await admin.make({ role: 'ingest', services: ['bot'] });
    expect(await overGrpc([exchange('bot', now())], token)).toMatchObject({ code: 0 });
    expect(await overGrpc([exchange('other-bot', now())], token)).toMatchObject({
      code: PERMISSION_DENIED,
      text: expect.stringContaining('other-bot'),
    });
    for (let i = 0; i < 10; i++) await overGrpc([exchange('bot', now())], `wrong${i}`);
    expect(await overGrpc([exchange('bot', now())], 'wrong')).toMatchObject({ code: RESOURCE_EXHAUSTED });
    expect(await overGrpc([exchange('bot', now())], token)).toMatchObject({ code: 0 });
    expect([await interactionsOf('bot'), await interactionsOf('other-bot')]).toEqual([2, 0]);
  });
});
