import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { diag, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hasPython, PYTHON } from '../python.ts';
import { SlowStore } from './slow-store.ts';
import { World } from './world.ts';

const SPANS = 40;
const BATCH = 10;
const TROUBLES = ['before the body', 'after the body', 'after it was stored', 'before the body'] as const;

let world: World;
let store: SlowStore;
beforeEach(async () => {
  world = await World.start({ now: Date.now() + 60_000 });
});
afterEach(async () => {
  diag.disable();
  trace.disable();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await world.end();
});

/** The sum of a metric's series that begin so. */
async function metric(series: string): Promise<number> {
  const page = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
  const lines = page.split('\n').filter((line) => line.startsWith(series));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

async function spanIds(): Promise<string[]> {
  const path = '/services/bot/interactions?limit=1000';
  const { interactions } = await world.get<{ interactions: { spanId: string }[] }>(path);
  return interactions.map(({ spanId }) => spanId);
}

/** As an application in JavaScript does. */
async function sendSpans(traceExporter: ProtobufExporter | JsonExporter | GrpcExporter): Promise<void> {
  vi.stubEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', String(BATCH));
  vi.stubEnv('OTEL_METRICS_EXPORTER', 'none');
  vi.stubEnv('OTEL_LOGS_EXPORTER', 'none');
  const sdk = new NodeSDK({ serviceName: 'bot', traceExporter, autoDetectResources: false });
  sdk.start();
  const tracer = trace.getTracer('test');
  for (let i = 0; i < SPANS; i++)
    tracer.startSpan('chat', { attributes: { 'gen_ai.operation.name': 'chat' }, root: true }).end();
  await sdk.shutdown();
}

/** All troubles were met, and yet every span of the sender is there, once, and counted once. */
async function expectEachSpanOnce(source: string): Promise<void> {
  expect(store.left).toBe(0);
  const ids = await spanIds();
  expect(ids).toHaveLength(SPANS);
  expect(new Set(ids).size).toBe(SPANS);
  expect(await metric('plimsoll_interactions_total{service="bot"')).toBe(SPANS);
  expect(await metric(`plimsoll_ingest_requests_total{source="${source}",code="503"}`)).toBe(TROUBLES.length);
  // The batch whose acknowledgement was lost came again.
  expect(await metric(`plimsoll_ingest_signals_total{source="${source}",signal="span",result="duplicate"}`)).toBe(
    BATCH,
  );
}

describe('a store that is slow costs no span and doubles none', () => {
  const http = (): string => `${world.plimsoll.addresses.otlpHttp}/v1/traces`;
  it.each([
    ['protobuf', () => new ProtobufExporter({ url: http() })],
    ['JSON', () => new JsonExporter({ url: http() })],
  ] as const)('JavaScript, %s over HTTP', async (_name, exporter) => {
    store = new SlowStore(TROUBLES);
    await sendSpans(exporter());
    await expectEachSpanOnce('otlp_http');
  });

  it("JavaScript's exporter over gRPC comes never again, and says so: all that it was not refused is there", async () => {
    store = new SlowStore(['before the body']);
    const said: unknown[] = [];
    const say = (...words: unknown[]): void => void said.push(...words);
    diag.setLogger({ error: say, warn: say, info() {}, debug() {}, verbose() {} });
    await sendSpans(new GrpcExporter({ url: world.plimsoll.addresses.otlpGrpc! })).catch(say);
    expect(said.join()).toContain('UNAVAILABLE: the store is slow: send the same again in 1 s');
    expect(await spanIds()).toHaveLength(SPANS - BATCH);
  });

  if (!hasPython) console.warn('SKIPPED: the exporters of Python (npm run test:setup says why they are not there)');
  it.skipIf(!hasPython).each([
    ['HTTP', 'otlp_http', () => http()],
    ['gRPC', 'otlp_grpc', () => world.plimsoll.addresses.otlpGrpc!],
  ] as const)('Python, %s', async (name, source, endpoint) => {
    store = new SlowStore(TROUBLES);
    const script = join(import.meta.dirname, 'send_spans.py');
    const child = spawn(PYTHON, [script, name, endpoint(), String(SPANS), String(BATCH)]);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += chunk;
      });
    const [code] = await once(child, 'close');
    expect(code, said).toBe(0);
    await expectEachSpanOnce(source);
  });
});
