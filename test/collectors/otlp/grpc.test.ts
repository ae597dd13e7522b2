import { once } from 'node:events';
import { connect } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Limits } from '../../../src/model/config/limits.ts';
import { Overloaded } from '../../../src/model/ingest.ts';
import { openGrpcDoor } from './door.ts';
import { requestOf, type SpanSketch } from './requests.ts';
import { samples } from './samples.ts';

const METHOD = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const OK = 0;
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;

const chat: SpanSketch = { attributes: { 'gen_ai.operation.name': 'chat' } };
const raw = (bytes: Buffer): Buffer => bytes;

const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

async function door(limits: Partial<Limits> = {}) {
  const { port, sink, tally, reported, server } = await openGrpcDoor(limits);
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    // Retries would hide what the door answered.
    'grpc.enable_retries': 0,
  });
  closing.push(async () => {
    client.close();
    await server.close(0);
  });
  const call = (body: Buffer, method = METHOD): Promise<{ code: number; error?: ServiceError; body?: Buffer }> =>
    new Promise((resolve) => {
      client.makeUnaryRequest(method, raw, raw, body, new Metadata(), (error, answer) =>
        resolve(error === null ? { code: OK, body: answer! } : { code: error.code, error }),
      );
    });
  return { port, sink, tally, reported, server, call };
}

/** A call whose message is packed, over a connection of its own. @returns its grpc-status */
async function packedCall(port: number, body: Buffer): Promise<string> {
  const session = connect(`http://127.0.0.1:${port}`);
  closing.push(async () => session.close());
  const packed = gzipSync(body);
  const frame = Buffer.alloc(5);
  frame[0] = 1;
  frame.writeUInt32BE(packed.length, 1);
  const stream = session.request({
    ':method': 'POST',
    ':path': METHOD,
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-encoding': 'gzip',
  });
  stream.end(Buffer.concat([frame, packed]));
  stream.resume();
  // An answer without a message has its status in front, where others have it at their end.
  const trailers = once(stream, 'trailers');
  const [headers] = await once(stream, 'response');
  if (headers['grpc-status'] !== undefined) return String(headers['grpc-status']);
  return String((await trailers)[0]['grpc-status']);
}

/** The google.rpc.Status in the details of an error. */
const statusOf = (
  error: ServiceError,
): { code: number; message: string; details: { typeUrl: string; value: Uint8Array }[] } => {
  const root = protobuf.parse(`syntax = "proto3";
    message Any { string type_url = 1; bytes value = 2; }
    message Status { int32 code = 1; string message = 2; repeated Any details = 3; }`).root;
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  return root.lookupType('Status').toObject(root.lookupType('Status').decode(bytes as Buffer)) as never;
};

describe('what is taken', () => {
  it.each(
    samples
      .filter(({ protobuf: bodies }) => bodies.length > 0)
      .slice(0, 12)
      .map((one) => [one.name, one] as const),
  )('the recorded %s, as over HTTP', async (_name, sample) => {
    const { call, sink, tally } = await door();
    for (const body of sample.protobuf) expect((await call(body)).code).toBe(OK);
    expect(sink.spans.length).toBe(tally.spans.ai + tally.spans.links);
    expect(sink.spans.length).toBeGreaterThan(0);
  });

  it('an empty request', async () => {
    const { call, sink } = await door();
    expect(await call(Buffer.alloc(0))).toMatchObject({ code: OK, body: Buffer.alloc(0) });
    expect(sink.spans).toEqual([]);
  });

  it('gzip, as exporters send it', async () => {
    const { port, sink } = await door();
    expect(await packedCall(port, requestOf([chat, { kind: 2 }]))).toBe(String(OK));
    expect(sink.spans).toHaveLength(2);
  });

  it('a good span beside a bad one: the bad one is told in partial_success', async () => {
    const { call, sink } = await door();
    const { code, body } = await call(requestOf([chat, { ...chat, end: 0n }]));
    expect(code).toBe(OK);
    expect(body!.toString('latin1')).toContain('1 of 2 spans were not kept');
    expect(sink.spans).toHaveLength(1);
  });
});

describe('what is not taken', () => {
  it('bytes that are no request: never sent again', async () => {
    const { call, tally } = await door();
    const { code, error } = await call(Buffer.from('not a request'));
    expect(code).toBe(INVALID_ARGUMENT);
    expect(error!.details).toContain('PLIM_OTLP_MALFORMED');
    expect(tally.statuses).toEqual([400]);
  });

  it('a message that is too large', async () => {
    const { call } = await door({ maxBodyBytes: 1000 });
    expect((await call(Buffer.alloc(2000))).code).toBe(RESOURCE_EXHAUSTED);
  });

  it('a small message that unpacks to a huge one', async () => {
    const { port, sink, tally } = await door({ maxBodyBytes: 100_000 });
    expect(await packedCall(port, Buffer.alloc(50_000_000))).toBe(String(RESOURCE_EXHAUSTED));
    expect([sink.spans, tally.bytes]).toEqual([[], []]);
  });

  it('other services', async () => {
    const { call } = await door();
    const method = '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export';
    expect((await call(Buffer.alloc(0), method)).code).toBe(UNIMPLEMENTED);
  });

  it.each([
    ['the store is behind', 'before the message is read', true],
    ['the store refuses', 'after it', false],
  ])('when %s: UNAVAILABLE with the time to come again, %s', async (_why, _when, before) => {
    const { call, sink, tally } = await door();
    const overload = new Overloaded('too much waits', 2);
    if (before) sink.overload = () => overload;
    else sink.answer = () => Promise.reject(overload);
    const { code, error } = await call(requestOf([chat]));
    expect(code).toBe(UNAVAILABLE);
    const status = statusOf(error!);
    expect(status.code).toBe(UNAVAILABLE);
    expect(status.message).toContain('too much waits');
    expect(status.details).toMatchObject([{ typeUrl: 'type.googleapis.com/google.rpc.RetryInfo' }]);
    // RetryInfo { retry_delay = 1: Duration { seconds = 1: 2 } }
    expect([...status.details[0]!.value]).toEqual([10, 2, 8, 2]);
    expect(tally.statuses).toEqual([503]);
    sink.overload = () => null;
    sink.answer = async ({ count }) => ({ stored: count, duplicates: 0 });
    expect((await call(requestOf([chat]))).code).toBe(OK);
  });

  it('what the store could not keep is asked for again, and reported', async () => {
    const { call, sink, reported } = await door();
    sink.answer = () => Promise.reject(new Error('disk'));
    const { code, error } = await call(requestOf([chat]));
    expect([code, error!.details]).toEqual([UNAVAILABLE, expect.stringContaining('PLIM_OTLP_STORE')]);
    expect(reported).toHaveLength(1);
  });
});

it('closing lets calls under way come to their end', async () => {
  const { call, sink, server } = await door();
  let finish = (): void => {};
  const started = new Promise<void>((begun) => {
    sink.answer = ({ count }) =>
      new Promise((resolve) => {
        finish = () => resolve({ stored: count, duplicates: 0 });
        begun();
      });
  });
  const answer = call(requestOf([chat]));
  await started;
  const closed = server.close(10_000);
  finish();
  expect((await answer).code).toBe(OK);
  await closed;
});
