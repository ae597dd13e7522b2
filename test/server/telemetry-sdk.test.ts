import { context, logs, metrics, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { afterEach, expect, it, vi } from 'vitest';
import { World } from './world.ts';

let world: World;
afterEach(async () => {
  for (const api of [trace, logs, metrics, context]) api.disable();
  vi.unstubAllEnvs();
  await world.end();
});

/** A call of a model, what a library measures of it, and what an evaluator says of it: on its span, and as a log record. */
function evaluatedCall(): string {
  const span = trace.getTracer('lib').startSpan('chat', { attributes: { 'gen_ai.operation.name': 'chat' } });
  span.addEvent('gen_ai.evaluation.result', {
    'gen_ai.evaluation.name': 'tone',
    'gen_ai.evaluation.score.value': 0.5,
  });
  span.end();
  metrics
    .getMeter('lib')
    .createHistogram('gen_ai.client.operation.duration', { unit: 's' })
    .record(0.8, { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai' });
  logs.getLogger('judge', '2').emit({
    eventName: 'gen_ai.evaluation.result',
    attributes: { 'gen_ai.evaluation.name': 'relevance', 'gen_ai.evaluation.score.value': 1 },
    context: trace.setSpan(context.active(), span),
  });
  return span.spanContext().traceId;
}

it.each(['http/protobuf', 'http/json', 'grpc'])(
  'all that the real SDK sends by itself, over %s, with nothing switched off',
  async (protocol) => {
    world = await World.start({ now: Date.now() + 1000 });
    const { otlpHttp, otlpGrpc } = world.plimsoll.addresses;
    vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', protocol);
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', protocol === 'grpc' ? otlpGrpc! : otlpHttp);
    for (const signal of ['TRACES', 'LOGS', 'METRICS']) vi.stubEnv(`OTEL_${signal}_EXPORTER`, 'otlp');
    const sdk = new NodeSDK({ serviceName: 'bot', autoDetectResources: false });
    sdk.start();
    const traceId = evaluatedCall();
    await sdk.shutdown();

    const { evaluations } = await world.get<{ evaluations: object[] }>(`/interactions/${traceId}`);
    expect(evaluations).toHaveLength(2);
    expect(evaluations).toContainEqual(expect.objectContaining({ name: 'tone', score: 0.5, evaluator: '(unnamed)' }));
    expect(evaluations).toContainEqual(
      expect.objectContaining({ name: 'relevance', score: 1, evaluator: 'judge', evaluatorVersion: '2' }),
    );
    world.now += 3 * 60_000;
    await world.plimsoll.tick();
    expect(await world.get('/services/bot')).toMatchObject({ callCoverage: { inMetrics: 1, failedInMetrics: 0 } });
  },
);
