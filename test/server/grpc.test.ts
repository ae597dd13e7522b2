import { once } from 'node:events';
import { createServer } from 'node:net';
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { afterEach, expect, it } from 'vitest';
import { World } from './world.ts';

let world: World;
afterEach(async () => {
  trace.disable();
  await world.end();
});

it('what the real SDK sends over gRPC is an interaction like any other', async () => {
  world = await World.start({ now: Date.now() + 1000 });
  const url = world.plimsoll.addresses.otlpGrpc!;
  const sdk = new NodeSDK({
    serviceName: 'bot',
    traceExporter: new OTLPTraceExporter({ url }),
    autoDetectResources: false,
  });
  sdk.start();
  trace
    .getTracer('test')
    .startSpan('chat', { attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai' } })
    .end();
  await sdk.shutdown();
  const { interactions } = await world.get<{ interactions: object[] }>('/services/bot/interactions');
  expect(interactions).toMatchObject([{ service: 'bot', operation: 'chat', provider: 'openai', status: 'ok' }]);
  const metrics = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
  expect(metrics).toContain('plimsoll_ingest_signals_total{source="otlp_grpc",signal="span",result="stored"} 1');
});

it('where nobody named a port and another program has the standard one, the other doors open all the same', async () => {
  const other = createServer().listen(4317, '127.0.0.1');
  // Taken already, by whatever else runs on this machine, does as well.
  await once(other, 'listening').catch(() => {});
  try {
    world = await World.start({ spec: { listen: { http: '127.0.0.1:0', otlpHttp: '127.0.0.1:0' } } });
    expect(world.plimsoll.addresses.otlpGrpc).toBeNull();
    expect((await fetch(`${world.plimsoll.addresses.http}/readyz`)).status).toBe(200);
  } finally {
    other.close();
  }
});
