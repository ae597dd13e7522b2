import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { samples } from '../collectors/otlp/samples.ts';
import { random, World } from './world.ts';

/** A minute after the last recording. */
const RECORDED = Date.parse('2026-11-23T18:50:30Z');

interface Request {
  readonly signal: 'traces' | 'logs';
  readonly form: 'protobuf' | 'json';
  readonly body: Buffer;
}

type Row = Readonly<Record<string, unknown>>;

let world: World;
beforeEach(async () => {
  world = await World.start({ now: RECORDED });
});
afterEach(() => world.end());

const TYPES = { protobuf: 'application/x-protobuf', json: 'application/json' };
async function overHttp({ signal, form, body }: Request): Promise<string> {
  const response = await fetch(`${world.plimsoll.addresses.otlpHttp}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': TYPES[form] },
    body: new Uint8Array(body),
  });
  expect(response.status).toBe(200);
  return response.text();
}

const SERVICES = { traces: 'trace.v1.TraceService', logs: 'logs.v1.LogsService' };
const raw = (bytes: Buffer): Buffer => bytes;
function overGrpc({ signal, body }: Request): Promise<string> {
  const client = new Client(world.plimsoll.addresses.otlpGrpc!.replace('http://', ''), credentials.createInsecure());
  const method = `/opentelemetry.proto.collector.${SERVICES[signal]}/Export`;
  return new Promise<string>((resolve, reject) => {
    client.makeUnaryRequest(method, raw, raw, body, new Metadata(), (error, answer) => {
      client.close();
      if (error === null) resolve(answer!.toString());
      else reject(error);
    });
  });
}

const scored = samples.filter(({ expected }) => expected.evaluations !== undefined);
const requestsOf = ({ protobuf, json, logs }: (typeof samples)[number]): Request[] => [
  ...protobuf.map((body): Request => ({ signal: 'traces', form: 'protobuf', body })),
  ...json.map((body): Request => ({ signal: 'traces', form: 'json', body })),
  ...logs.protobuf.map((body): Request => ({ signal: 'logs', form: 'protobuf', body })),
  ...logs.json.map((body): Request => ({ signal: 'logs', form: 'json', body })),
];

/** What the API says of the traces that the evaluations are about. */
async function evaluationsIn(rows: readonly Row[]): Promise<unknown[]> {
  const traces = new Set(rows.map((row) => String(row['interactionTraceId'])));
  const found = await Promise.all(
    [...traces].map(async (traceId) => {
      const { evaluations } = await world.get<{ evaluations: Row[] }>(`/interactions/${traceId}`);
      return evaluations.map((row) => [
        traceId,
        row['name'],
        row['score'],
        row['label'] ?? null,
        row['errorType'] ?? null,
      ]);
    }),
  );
  return found.flat();
}
const wanted = (rows: readonly Row[]): unknown[] =>
  rows.map((row) => [row['interactionTraceId'], row['name'], row['value'], row['label'], row['errorType'] ?? null]);

describe.each(scored)('the evaluations of $name', (sample) => {
  const rows = sample.expected.evaluations!;

  it.each([1, 2, 3])('are counted once each, over both doors, in both forms, in any order (%i)', async (seed) => {
    const chance = random(seed);
    const requests = requestsOf(sample)
      .map((request) => ({ request, at: chance() }))
      .sort((a, b) => a.at - b.at);
    for (const { request } of requests) {
      if (request.form === 'protobuf') expect(await overGrpc(request)).toBe('');
      expect(await overHttp(request)).toBe(request.form === 'json' ? '{}' : '');
    }
    await world.restart();
    await overHttp(requests[0]!.request);
    const found = await evaluationsIn(rows);
    expect(found).toHaveLength(rows.length);
    expect(found).toEqual(expect.arrayContaining(wanted(rows)));
    await world.post('/settle', {});
    const { compared, differences } = world.verify();
    expect(compared).toBeGreaterThan(0);
    expect(differences).toEqual([]);
  });
});

it('what became of log records is in /metrics', async () => {
  const [sample] = scored.filter(({ name }) => name.includes('constructed'));
  const [request] = requestsOf(sample!).filter(({ signal }) => signal === 'logs');
  await overHttp(request!);
  await overHttp(request!);
  const metrics = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
  const said = (signal: string, result: string, n: number): string =>
    `plimsoll_ingest_signals_total{source="otlp_http",signal="${signal}",result="${result}"} ${n}`;
  expect(metrics).toContain(said('evaluation', 'stored', 3));
  expect(metrics).toContain(said('evaluation', 'failed', 1));
  expect(metrics).toContain(said('evaluation', 'duplicate', 4));
  expect(metrics).toContain(said('log', 'unused', 8));
});

it('the same evaluator once more: the later score counts, and its failing takes no score away', async () => {
  const traceId = 'f00d'.repeat(8);
  const record = (seconds: number, attributes: object[]): object => ({
    timeUnixNano: String(BigInt(RECORDED / 1000 - 60 + seconds) * 1_000_000_000n),
    traceId,
    spanId: 'beef'.repeat(4),
    eventName: 'gen_ai.evaluation.result',
    attributes: [{ key: 'gen_ai.evaluation.name', value: { stringValue: 'tone' } }, ...attributes],
  });
  const score = (value: number): object => ({ key: 'gen_ai.evaluation.score.value', value: { doubleValue: value } });
  const logRecords = [
    record(2, [score(0.5)]),
    record(1, [score(0.25)]),
    record(3, [{ key: 'error.type', value: { stringValue: 'timeout' } }]),
  ];
  for (const one of logRecords) {
    const body = { resourceLogs: [{ scopeLogs: [{ scope: { name: 'judge' }, logRecords: [one] }] }] };
    await overHttp({ signal: 'logs', form: 'json', body: Buffer.from(JSON.stringify(body)) });
  }
  const span = {
    traceId,
    spanId: 'beef'.repeat(4),
    startTimeUnixNano: `${RECORDED - 62_000}000000`,
    endTimeUnixNano: `${RECORDED - 61_000}000000`,
    attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }],
  };
  const body = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
  await overHttp({ signal: 'traces', form: 'json', body: Buffer.from(JSON.stringify(body)) });
  const { evaluations } = await world.get<{ evaluations: Row[] }>(`/interactions/${traceId}`);
  expect(evaluations).toHaveLength(2);
  expect(evaluations).toContainEqual(expect.objectContaining({ name: 'tone', evaluator: 'judge', score: 0.5 }));
  expect(evaluations).toContainEqual(expect.objectContaining({ score: null, errorType: 'timeout' }));
});
