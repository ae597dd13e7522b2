import { gzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import { afterEach, describe, expect, it } from 'vitest';
import { protobufOfLogs } from '../../../collectors/otlp/json-logs.ts';
import { protobufOfMetrics } from '../../../collectors/otlp/json-metrics.ts';
import { MalformedJson } from '../../../collectors/otlp/json-writer.ts';
import { LogDecoder } from '../../../collectors/otlp/logs.ts';
import { MetricDecoder } from '../../../collectors/otlp/metrics.ts';
import { Rejects } from '../../../collectors/otlp/rejects.ts';
import { MalformedBody } from '../../../collectors/otlp/wire.ts';
import { Overloaded } from '../../../src/model/ingest.ts';
import { random } from '../../random.ts';
import { type Door, openDoor, send, statusIn } from './door.ts';
import { samples, WINDOW } from './samples.ts';

const doors: Door[] = [];
async function door(now?: number): Promise<Door> {
  const opened = await openDoor({}, now);
  doors.push(opened);
  return opened;
}
afterEach(() => Promise.all(doors.splice(0).map(({ server }) => server.close(0))));

const json = { 'content-type': 'application/json' };
const named = (name: string) => samples.find((one) => one.name === name)!;
const evaluated = named('otel-instrumentation-openai-0.22.0__evaluation-constructed').logs;
const measured = named('openlit-1.15.0__toolloop').metrics;
const request = (body: object): Buffer => Buffer.from(JSON.stringify(body));

const resource = {};
const signals = [
  {
    name: 'logs',
    noun: 'log',
    sample: evaluated,
    taken: { 'evaluation stored': 3, 'evaluation failed': 1, 'log unused': 4 },
    bad: request({
      resourceLogs: [
        { resource, scopeLogs: [{ logRecords: [{}, { eventName: 'gen_ai.evaluation.result', traceId: 'x' }] }] },
      ],
    }),
    rejected: ['rejectedLogRecords', '1 of 2 log records were not kept, the others were: 1 a trace id has 16 bytes'],
    other: request({ resourceSpans: [] }),
    misplaced: 'has resourceSpans: this path takes resourceLogs',
  },
  {
    name: 'metrics',
    noun: 'metric',
    sample: measured,
    taken: { 'metric_point stored': 2, 'metric_point unused': 3 },
    bad: request({
      resourceMetrics: [
        {
          resource,
          scopeMetrics: [
            {
              metrics: [
                { name: 'x', gauge: { dataPoints: [{}] } },
                { name: 'gen_ai.client.operation.duration', histogram: { dataPoints: [{ count: '1' }] } },
              ],
            },
          ],
        },
      ],
    }),
    rejected: ['rejectedDataPoints', '1 of 2 data points were not kept, the others were: 1 a histogram needs'],
    other: request({ resourceLogs: [] }),
    misplaced: 'has resourceLogs: this path takes resourceMetrics',
  },
] as const;

const responses = protobuf.parse(`
  syntax = "proto3";
  message PartialSuccess { int64 rejected = 1; string error_message = 2; }
  message Response { PartialSuccess partial_success = 1; }
`).root;
const responseIn = (body: Buffer): Record<string, unknown> => {
  const type = responses.lookupType('Response');
  return type.toObject(type.decode(body), { longs: Number });
};

describe.each(signals)(
  '$name have the same door as spans',
  ({ name, noun, sample, taken, bad, rejected, other, misplaced }) => {
    const path = `/v1/${name}`;

    it.each([
      ['protobuf', {}, sample.protobuf[0]!],
      ['packed', { 'content-encoding': 'gzip' }, gzipSync(sample.protobuf[0]!)],
      ['JSON', json, sample.json[0]!],
    ])('%s is taken, and answered in its form', async (_, headers, body) => {
      const { port, tally } = await door();
      const answer = await send({ port }, { path, headers, body });
      const isJson = headers === json;
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe(isJson ? 'application/json' : 'application/x-protobuf');
      expect(answer.body.toString()).toBe(isJson ? '{}' : '');
      expect(tally.others).toEqual(taken);
    });

    it('an empty request is success', async () => {
      const opened = await door();
      expect((await send(opened, { path, body: Buffer.alloc(0) })).status).toBe(200);
      expect((await send(opened, { path, body: Buffer.from('{}'), headers: json })).status).toBe(200);
      expect(opened.tally.others).toEqual({});
    });

    it('what can not be kept is said in partial_success', async () => {
      const opened = await door();
      const fromJson = JSON.parse((await send(opened, { path, body: bad, headers: json })).body.toString());
      const [key, message] = rejected;
      expect(fromJson.partialSuccess).toEqual({ [key]: '1', errorMessage: expect.stringContaining(message) });
    });

    it('a request of another signal, and what is none, are refused as a whole', async () => {
      const opened = await door();
      const refused = async (body: Buffer, headers: Record<string, string>): Promise<string> => {
        const answer = await send(opened, { path, body, headers });
        expect(answer.status).toBe(400);
        return headers === json ? JSON.parse(answer.body.toString()).message : statusIn(answer.body).message!;
      };
      expect(await refused(other, json)).toContain(misplaced);
      expect(await refused(sample.protobuf[0]!.subarray(0, -1), {})).toContain(`the body is no OTLP ${noun} request`);
      expect(opened.tally.others).toEqual({});
    });

    it('the store that is behind: 503, before the body is read', async () => {
      const opened = await door();
      opened.sink.overload = () => new Overloaded('full', 2);
      const answer = await send(opened, { path, body: sample.protobuf[0]! });
      expect([answer.status, answer.headers['retry-after'], opened.tally.bytes]).toEqual([503, '2', []]);
    });

    it('the store that fails: 503, and nothing is counted as taken', async () => {
      const opened = await door();
      opened.sink.evaluate = () => Promise.reject(new Error('disk'));
      opened.sink.countCalls = () => Promise.reject(new Error('disk'));
      expect((await send(opened, { path, body: sample.protobuf[0]! })).status).toBe(503);
      expect(opened.reported).toHaveLength(1);
      expect(opened.tally.others).toEqual({});
    });
  },
);

it('what is rejected is said in protobuf as well', async () => {
  // A clock two hours behind the recording: what it was said in is in the future.
  const { port } = await door(Date.parse('2026-11-23T16:30:00Z'));
  const { body } = await send({ port }, { path: '/v1/logs', body: evaluated.protobuf[0]! });
  expect(responseIn(body)).toEqual({
    partialSuccess: { rejected: 4, errorMessage: expect.stringContaining('4 of 8 log records were not kept') },
  });
});

/** Bytes changed here and there, left out, put in, and cut off. */
function damaged(body: Buffer, chance: () => number): Buffer {
  const bytes = Buffer.from(body);
  for (let i = 0; i < 1 + chance() * 4; i++) bytes[Math.floor(chance() * bytes.length)] = Math.floor(chance() * 256);
  const at = Math.floor(chance() * bytes.length);
  if (chance() < 0.2) return bytes.subarray(0, at);
  if (chance() < 0.2) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  return chance() < 0.2 ? Buffer.concat([bytes.subarray(0, at), Buffer.from([255]), bytes.subarray(at)]) : bytes;
}

it('a damaged body of logs or metrics ends in a result or in a refusal, and leaves nothing behind for the next', () => {
  const chance = random(7);
  const [logs, metrics] = [new LogDecoder(), new MetricDecoder()];
  const readLogs = (body: Buffer, rejects = new Rejects()) => logs.decode(body, WINDOW, rejects);
  const readMetrics = (body: Buffer, rejects = new Rejects()) => metrics.decode(body, WINDOW, rejects);
  const [goodLogs, goodMetrics] = [readLogs(evaluated.protobuf[0]!), readMetrics(measured.protobuf[0]!)];
  const outcomes = { read: 0, refused: 0 };
  const attempt = (work: () => unknown): void => {
    try {
      work();
      outcomes.read++;
    } catch (error) {
      if (!(error instanceof MalformedBody || error instanceof MalformedJson)) throw error;
      outcomes.refused++;
    }
  };
  for (let i = 0; i < 1500; i++) {
    attempt(() => readLogs(damaged(evaluated.protobuf[0]!, chance)));
    attempt(() => readMetrics(damaged(measured.protobuf[0]!, chance)));
    const rejects = new Rejects();
    attempt(() => readLogs(protobufOfLogs(damaged(evaluated.json[0]!, chance), rejects), rejects));
    attempt(() => readMetrics(protobufOfMetrics(damaged(measured.json[0]!, chance), rejects), rejects));
  }
  expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(500);
  expect(readLogs(evaluated.protobuf[0]!)).toEqual(goodLogs);
  expect(readMetrics(measured.protobuf[0]!)).toEqual(goodMetrics);
});
