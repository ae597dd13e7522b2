import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Limits } from '../../../src/model/config/limits.ts';
import { openGrpcDoor, readAll } from './door.ts';
import { requestOf, type SpanSketch } from './requests.ts';

const MIB = 1_048_576;
const chat: SpanSketch = { attributes: { 'gen_ai.operation.name': 'chat' } };

const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

async function door(limits: Partial<Limits> = {}) {
  const opened = await openGrpcDoor(limits);
  closing.push(() => opened.server.close(0));
  return opened;
}

function session(port: number): ClientHttp2Session {
  const opened = connectHttp2(`http://127.0.0.1:${port}`);
  opened.on('error', () => {});
  closing.push(async () => opened.destroy());
  return opened;
}

const HEADERS = {
  ':method': 'POST',
  ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  'content-type': 'application/grpc',
  te: 'trailers',
};

function callOn(on: ClientHttp2Session, headers: Record<string, string> = {}): ClientHttp2Stream {
  const stream = on.request({ ...HEADERS, ...headers });
  stream.on('error', () => {});
  return stream;
}

function frame(message: Buffer, flag = 0, length = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

/** The grpc-status of a call, and what it says; an HTTP status where it is none of gRPC. */
async function statusOf(stream: ClientHttp2Stream): Promise<{ status: number; message: string }> {
  stream.resume();
  const trailers = once(stream, 'trailers').catch(() => []);
  const [headers] = await once(stream, 'response');
  const said = headers['grpc-status'] === undefined && headers[':status'] === 200 ? (await trailers)[0] : headers;
  const message = decodeURIComponent(String(said['grpc-message'] ?? ''));
  return { status: Number(said['grpc-status'] ?? said[':status']), message };
}

async function say(port: number, bytes: Buffer, headers: Record<string, string> = {}) {
  const on = session(port);
  const stream = callOn(on, headers);
  stream.end(bytes);
  const answer = await statusOf(stream);
  on.close();
  return answer;
}

const good = frame(requestOf([chat]));

describe('calls that are no such call', () => {
  it.each([
    ['no message', Buffer.alloc(0), {}, 3, 'has no message'],
    ['a frame that is cut short', Buffer.from([0, 0]), {}, 3, '2 bytes came'],
    ['a message that is shorter than it says', frame(Buffer.alloc(3), 0, 9), {}, 3, 'has 3 bytes, its length says 9'],
    ['two messages', Buffer.concat([good, good]), {}, 3, 'its length says'],
    ['a flag that is not there', frame(Buffer.alloc(1), 7), {}, 3, 'begins with 7'],
    ['packed without saying how', frame(gzipSync(Buffer.alloc(1)), 1), {}, 3, 'grpc-encoding is not there'],
    [
      'packed another way than it says',
      frame(Buffer.from('x'), 1),
      { 'grpc-encoding': 'gzip' },
      3,
      "can't be unpacked",
    ],
    ['another encoding', good, { 'grpc-encoding': 'snappy' }, 12, '"snappy" is not taken'],
    ['bytes that are no request', frame(Buffer.from('nö%')), {}, 3, 'PLIM_OTLP_MALFORMED'],
    ['another method', good, { ':path': '/x/Y%' }, 12, '/x/Y% is not there'],
    ['another content type', good, { 'content-type': 'text/plain' }, 415, ''],
    ['gRPC for browsers', good, { 'content-type': 'application/grpc-web+proto' }, 415, ''],
    ['JSON in the frames of gRPC', frame(Buffer.from('{}')), { 'content-type': 'application/grpc+json' }, 415, ''],
  ])('%s', async (_what, bytes, headers, status, message) => {
    const { port, sink, reported } = await door();
    const answer = await say(port, bytes, headers as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(answer.message).toContain(message);
    expect([sink.spans, reported]).toEqual([[], []]);
    expect((await say(port, good)).status).toBe(0);
  });

  it('HTTP/1 on the port of gRPC', async () => {
    const { port } = await door();
    const socket = connect(port, '127.0.0.1');
    const answer = readAll(socket);
    socket.write('POST /v1/traces HTTP/1.1\r\nhost: x\r\n\r\n');
    await answer;
    expect((await say(port, good)).status).toBe(0);
  });
});

it.each(['application/grpc', 'application/grpc+proto', 'application/grpc;charset=utf-8', 'Application/gRPC'])(
  'content type %s',
  async (type) => {
    const { port } = await door();
    expect((await say(port, good, { 'content-type': type })).status).toBe(0);
  },
);

describe('too much', () => {
  const zeros = Buffer.alloc(40 * MIB);
  it.each([
    ['gzip', gzipSync(zeros)],
    ['deflate', deflateSync(zeros)],
    ['zstd', zstdCompressSync(zeros)],
  ])('a bomb of %s is refused while it is unpacked', async (encoding, packed) => {
    const { port, tally } = await door({ maxBodyBytes: MIB, maxBytesInFlight: 2 * MIB });
    expect((await say(port, frame(packed, 1), { 'grpc-encoding': encoding })).status).toBe(8);
    expect(tally.limits).toEqual([['body', 1]]);
    expect((await say(port, good)).status).toBe(0);
  });

  it('a message that says it is too large is not read, and the connection goes on', async () => {
    const { port, tally } = await door();
    const on = session(port);
    const stream = callOn(on);
    stream.write(frame(Buffer.alloc(100), 0, 2 ** 32 - 1));
    expect((await statusOf(stream)).status).toBe(8);
    expect(tally.limits).toEqual([['body', 1]]);
    const next = callOn(on);
    next.end(good);
    expect((await statusOf(next)).status).toBe(0);
  });

  it('messages under way fill the room, however many connections they come over; the room is free afterwards', async () => {
    const { port, tally, sink } = await door({ maxBodyBytes: MIB, maxBytesInFlight: 4 * MIB });
    const half = frame(Buffer.alloc(700_000), 0, 1_000_000);
    const slow = Array.from({ length: 12 }, () => callOn(session(port)));
    for (const stream of slow) stream.write(half);
    const refused = await Promise.race(slow.map(statusOf));
    expect([refused.status, tally.limits[0]]).toEqual([14, ['bodiesInFlight', 1]]);
    for (const stream of slow) stream.close(8);
    await expect.poll(async () => (await say(port, good)).status).toBe(0);
    expect(sink.spans).toHaveLength(1);
  });

  it('a connection too many is closed at once, and counted', async () => {
    const { port, tally } = await door({ maxConnections: 2 });
    const held: Socket[] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    const third = connect(port, '127.0.0.1');
    await readAll(third);
    expect(tally.limits).toEqual([['connections', 1]]);
    for (const socket of held) socket.destroy();
  });
});

/** What every client of HTTP/2 says first, and settings without any. */
const PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
/** Headers of stream 1 that do not end: one literal field, and more to follow. */
const HALF_HEADERS = Buffer.from([0, 0, 5, 1, 0, 0, 0, 0, 1, 0x40, 1, 0x61, 1, 0x62]);
const CONTINUATION = Buffer.from([0, 0, 5, 9, 0, 0, 0, 0, 1, 0x40, 1, 0x61, 1, 0x62]);

describe('slow senders', () => {
  it.each([
    ['says nothing', Buffer.alloc(0), Buffer.alloc(0)],
    ['says hello and nothing more', PREFACE, Buffer.alloc(0)],
    ['never ends its headers', Buffer.concat([PREFACE, HALF_HEADERS]), CONTINUATION],
  ])('one that %s is cut off', async (_what, bytes, drop) => {
    const { port, tally } = await door({ headersTimeout: 300 });
    const socket = connect(port, '127.0.0.1');
    const answer = readAll(socket);
    socket.write(bytes);
    const drip = setInterval(() => socket.write(drop), 50);
    await answer;
    clearInterval(drip);
    expect(tally.limits).toEqual([['headersTimeout', 1]]);
    expect((await say(port, good)).status).toBe(0);
  });

  it('one whose message never ends is told, and its connection goes on', async () => {
    const { port, tally } = await door({ requestTimeout: 300 });
    const on = session(port);
    const stream = callOn(on);
    const status = statusOf(stream);
    stream.write(frame(Buffer.alloc(1), 0, 1000));
    const drip = setInterval(() => stream.write('x'), 50);
    expect(await status).toMatchObject({ status: 4, message: expect.stringContaining('PLIM_OTLP_TIMEOUT') });
    clearInterval(drip);
    expect(tally).toMatchObject({ limits: [['requestTimeout', 1]], statuses: [408], gone: 0 });
    const next = callOn(on);
    next.end(good);
    expect((await statusOf(next)).status).toBe(0);
  });

  it('a connection that is idle is closed in good order, and not counted', async () => {
    const { port, tally } = await door({ idleTimeout: 200 });
    const on = session(port);
    const stream = callOn(on);
    stream.end(good);
    expect((await statusOf(stream)).status).toBe(0);
    await once(on, 'close');
    expect(tally.limits).toEqual([]);
  });

  it.each([
    ['that says it is too large', frame(Buffer.alloc(40_000), 0, 2 ** 32 - 1), {}],
    ['that is not packed as it says', frame(Buffer.alloc(60_000, 'x'), 1), { 'grpc-encoding': 'gzip' }],
    ['of another encoding', frame(Buffer.alloc(40_000)), { 'grpc-encoding': 'snappy' }],
    ['to another method', frame(Buffer.alloc(40_000)), { ':path': '/x/Y' }],
    ['of another content type', frame(Buffer.alloc(40_000)), { 'content-type': 'text/plain' }],
  ])('nothing is kept of a refused call %s: its connection is idle then, and closed', async (_what, bytes, headers) => {
    const { port } = await door({ idleTimeout: 200 });
    const on = session(port);
    const stream = callOn(on, headers as Record<string, string>);
    stream.write(bytes);
    expect((await statusOf(stream)).status).toBeGreaterThan(0);
    await once(on, 'close');
  });

  it('one that goes away with half its message sent is counted', async () => {
    const { port, tally } = await door();
    const on = session(port);
    const stream = callOn(on);
    stream.write(frame(Buffer.alloc(1), 0, 1000));
    await once(on, 'remoteSettings');
    on.destroy();
    await expect.poll(() => tally.gone).toBe(1);
    expect(tally.statuses).toEqual([]);
  });
});
