import { once } from 'node:events';
import { Agent } from 'node:http';
import { constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { OtlpHttpServer } from '../../../collectors/otlp/http.ts';
import { REFUSALS } from '../../../collectors/otlp/index.ts';
import { hexOfId } from '../../../src/model/ids.ts';
import { Overloaded } from '../../../src/model/ingest.ts';
import { type Door, openDoor, raw, readAll, responseIn, send, statusIn } from './door.ts';
import { requestOf, type SpanSketch } from './requests.ts';
import { samples } from './samples.ts';

const open: Door[] = [];
async function door(...args: Parameters<typeof openDoor>): Promise<Door> {
  const opened = await openDoor(...args);
  open.push(opened);
  return opened;
}
afterEach(async () => {
  trace.disable();
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map(({ server }) => server.close(0)));
});

const chat: SpanSketch = { attributes: { 'gen_ai.operation.name': 'chat' } };
const body = requestOf([chat, { kind: 2 }]);
const json = { 'content-type': 'application/json; charset=utf-8' };
const rag = samples.find(({ name }) => name === 'otel-instrumentation-openai-0.22.0__rag')!;
const MIB = 1_048_576;

describe('what is taken', () => {
  it.each([
    ['identity', body],
    ['gzip', gzipSync(body)],
    ['x-gzip', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['zlib', deflateSync(body)],
    ['zstd', zstdCompressSync(body)],
  ])('protobuf as %s, with a length and in chunks without', async (encoding, sent) => {
    const { port, sink, tally } = await door();
    const headers = { 'content-encoding': encoding };
    const half = sent.length >> 1;
    const answers = [
      await send({ port }, { body: sent, headers: { ...headers, 'content-length': sent.length } }),
      await send({ port }, { body: [sent.subarray(0, half), sent.subarray(half)], headers }),
    ];
    for (const { status, headers: got, body: answer } of answers) {
      expect([status, got['content-type'], answer.length]).toEqual([200, 'application/x-protobuf', 0]);
    }
    expect(sink.spans).toHaveLength(4);
    expect(tally).toMatchObject({
      statuses: [200, 200],
      spans: { ai: 2, links: 2 },
      bytes: [
        [sent.length, body.length],
        [sent.length, body.length],
      ],
    });
  });

  it('zstd in several frames, of which all is taken before it is acknowledged', async () => {
    const { port, sink } = await door();
    const frames = Buffer.concat([body, body].map((one) => zstdCompressSync(one)));
    expect((await send({ port }, { body: frames, headers: { 'content-encoding': 'zstd' } })).status).toBe(200);
    expect(sink.spans).toHaveLength(4);
  });

  it('JSON, answered in JSON', async () => {
    const { port, sink } = await door();
    const { status, headers, body: answer } = await send({ port }, { body: rag.json[0]!, headers: json });
    expect([status, headers['content-type'], answer.toString()]).toEqual([200, 'application/json', '{}']);
    expect(sink.spans).toHaveLength(3);
  });

  it('an empty request is success, and nothing is handed on', async () => {
    const { port, sink } = await door();
    sink.answer = () => Promise.reject(new Error('asked for nothing'));
    expect((await send({ port }, { body: Buffer.alloc(0) })).status).toBe(200);
    expect((await send({ port }, { body: Buffer.from('{}'), headers: json })).status).toBe(200);
  });

  it('request after request on one connection, and a query behind the path', async () => {
    const { port } = await door();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const calls = Array.from({ length: 5 }, () => send({ port }, { body, agent, path: '/v1/traces?x=1' }));
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    agent.destroy();
  });

  it('the whole address where its path belongs, as some proxies write it', async () => {
    const { port, sink } = await door();
    const { status } = await send({ port }, { body, path: 'http://plimsoll.example:4318/v1/traces?x=1' });
    expect([status, sink.spans.length]).toEqual([200, 2]);
  });

  it('a body of many megabytes, which memory is lent for as it comes', async () => {
    const { port, sink } = await door();
    const large = requestOf(
      Array.from({ length: 5000 }, () => ({
        attributes: { 'gen_ai.operation.name': 'chat', 'input.value': 'x'.repeat(2000) },
      })),
    );
    const compressed = gzipSync(large);
    const answers = await Promise.all(
      [1, 2, 3].map(() => send({ port }, { body: compressed, headers: { 'content-encoding': 'gzip' } })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(sink.spans).toHaveLength(15_000);
  });

  it.each(['none', 'gzip'])('what the real exporter sends, compression %s', async (compression) => {
    vi.stubEnv('OTEL_METRICS_EXPORTER', 'none');
    vi.stubEnv('OTEL_LOGS_EXPORTER', 'none');
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', compression);
    const { port, sink, tally } = await door({}, Date.now());
    const traceExporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces` });
    const sdk = new NodeSDK({ serviceName: 'bot', traceExporter, autoDetectResources: false, instrumentations: [] });
    sdk.start();
    const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 7 };
    const span = trace.getTracer('test').startSpan('chat', { attributes });
    span.end();
    await sdk.shutdown();
    expect(sink.spans).toMatchObject([{ kind: 'model', inputTokens: 7 }]);
    expect(hexOfId(sink.spans[0]!.spanId)).toBe(span.spanContext().spanId);
    expect(tally.statuses).toEqual([200]);
    const [wire, unpacked] = tally.bytes[0]!;
    expect(wire === unpacked).toBe(compression === 'none');
  });
});

describe('single spans that can not be kept', () => {
  const some = requestOf([chat, { ...chat, traceId: '01' }, { ...chat, start: 0n }, { ...chat, traceId: '02' }]);
  const wanted =
    /^3 of 4 spans were not kept, the others were: 2 a trace id has 16 bytes, not all zero \(for example: span 0{15}2 has trace id "01"\); 1 start and end are needed/;

  it('are said in partial_success, the rest is kept', async () => {
    const { port, sink, tally } = await door();
    const { status, body: answer } = await send({ port }, { body: some });
    expect(status).toBe(200);
    expect(responseIn(answer)).toEqual({
      partialSuccess: { rejectedSpans: 3, errorMessage: expect.stringMatching(wanted) },
    });
    expect(sink.spans).toHaveLength(1);
    expect(tally.rejects).toEqual([
      ['trace id', 2],
      ['no time', 1],
    ]);
  });

  it('and in JSON alike', async () => {
    const { port } = await door();
    const spans = [{ traceId: 'x', spanId: '00f067aa0ba902b7' }];
    const { status, body: answer } = await send(
      { port },
      { body: Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })), headers: json },
    );
    expect(status).toBe(200);
    const { partialSuccess } = JSON.parse(answer.toString());
    expect(partialSuccess.rejectedSpans).toBe('1');
    expect(partialSuccess.errorMessage).toContain('resourceSpans[0].scopeSpans[0].spans[0].traceId is "x"');
  });
});

describe('what is refused', () => {
  const bomb = gzipSync(Buffer.alloc(80 * MIB));
  const cases: [string, Parameters<typeof send>[1], keyof typeof REFUSALS, string][] = [
    ['another path', { path: '/v1/trace' }, 'PLIM_OTLP_NOT_FOUND', 'send traces to POST /v1/traces'],
    ['another method', { method: 'PUT' }, 'PLIM_OTLP_METHOD', '/v1/traces takes POST, not PUT'],
    [
      'another content type',
      { headers: { 'content-type': 'text/plain' } },
      'PLIM_OTLP_CONTENT_TYPE',
      'Content-Type "text/plain" is not taken',
    ],
    [
      'another encoding',
      { headers: { 'content-encoding': 'br' } },
      'PLIM_OTLP_ENCODING',
      'Content-Encoding "br" is not taken: send identity, gzip, deflate, zstd',
    ],
    [
      'a body that is no protobuf',
      { body: Buffer.from('hello, world') },
      'PLIM_OTLP_MALFORMED',
      'the body is no OTLP trace request',
    ],
    ['a body that is cut short', { body: body.subarray(0, -3) }, 'PLIM_OTLP_MALFORMED', 'are announced where'],
    [
      'a body that is no JSON',
      { body: Buffer.from('{'), headers: json },
      'PLIM_OTLP_MALFORMED',
      'the body is not JSON',
    ],
    [
      'JSON that is no request',
      { body: Buffer.from('{"resourceSpans":7}'), headers: json },
      'PLIM_OTLP_MALFORMED',
      'resourceSpans is 7, not an array',
    ],
    [
      'a body that is not compressed',
      { body, headers: { 'content-encoding': 'gzip' } },
      'PLIM_OTLP_COMPRESSION',
      'incorrect header check',
    ],
    [
      'a gzip body that is cut short',
      { body: gzipSync(body).subarray(0, -9), headers: { 'content-encoding': 'gzip' } },
      'PLIM_OTLP_COMPRESSION',
      'unexpected end of file',
    ],
    [
      'a zstd body that is cut short',
      { body: zstdCompressSync(body).subarray(0, -9), headers: { 'content-encoding': 'zstd' } },
      'PLIM_OTLP_COMPRESSION',
      "can't be unpacked",
    ],
    [
      'a body beyond the limit',
      { body: Buffer.alloc(64 * MIB + 1), headers: { 'content-length': 64 * MIB + 1 } },
      'PLIM_OTLP_TOO_LARGE',
      'send fewer spans at a time',
    ],
    [
      'a body beyond the limit that did not say so',
      { body: Array.from({ length: 65 }, () => Buffer.alloc(MIB)) },
      'PLIM_OTLP_TOO_LARGE',
      'more than 67108864 bytes',
    ],
    [
      'a small body that unpacks to a huge one',
      { body: bomb, headers: { 'content-encoding': 'gzip' } },
      'PLIM_OTLP_TOO_LARGE',
      'more than 67108864 bytes unpacked',
    ],
  ];

  it.each(cases)('%s', async (_, call, code, message) => {
    const { port, sink, tally } = await door();
    const { status, headers, body: answer } = await send({ port }, { body, ...call });
    const isJson = headers['content-type'] === 'application/json';
    const said = isJson ? (JSON.parse(answer.toString()) as ReturnType<typeof statusIn>) : statusIn(answer);
    expect(status).toBe(REFUSALS[code].http);
    expect(said.code).toBe(REFUSALS[code].rpc);
    expect(said.message).toContain(message);
    expect(said.message).toContain(`(${code})`);
    expect(tally.statuses).toEqual([status]);
    expect(sink.spans).toEqual([]);
    expect((await send({ port }, { body })).status).toBe(200);
  });

  it('the answer names the methods and encodings that are taken', async () => {
    const { port } = await door();
    expect((await send({ port }, { method: 'GET' })).headers['allow']).toBe('POST');
    expect((await send({ port }, { headers: { 'content-encoding': 'br' }, body })).headers['accept-encoding']).toBe(
      'gzip, deflate, zstd',
    );
  });

  it('zstd that wants a larger window than HTTP allows', async () => {
    const { port } = await door();
    const wide = zstdCompressSync(Buffer.alloc(17 * MIB, 1), {
      params: { [constants.ZSTD_c_windowLog]: 25, [constants.ZSTD_c_compressionLevel]: 1 },
    });
    expect((await send({ port }, { body: wide, headers: { 'content-encoding': 'zstd' } })).status).toBe(400);
  });

  it('a body that is refused early is read no further than a megabyte', async () => {
    const opened = await door();
    const socket = await raw(opened);
    const answer = readAll(socket);
    socket.write(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 900000000\r\n\r\n',
    );
    const chunk = Buffer.alloc(256 * 1024);
    let sent = 0;
    while (!socket.destroyed && sent < 64 * MIB) {
      sent += chunk.length;
      await new Promise((resolve) => socket.write(chunk, resolve));
    }
    expect(await answer).toMatch(/^HTTP\/1\.1 415 /);
    expect(sent).toBeLessThan(32 * MIB);
  });

  it('a sender that asks first is answered before it sends', async () => {
    const opened = await door();
    const head = 'POST /v1/traces HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n';
    const refused = await raw(opened);
    const answer = readAll(refused);
    refused.write(`${head}content-type: text/plain\r\ncontent-length: 900000000\r\n\r\n`);
    expect(await answer).toMatch(/^HTTP\/1\.1 415 /);
    const taken = await raw(opened);
    const first = once(taken, 'data');
    taken.write(
      `${head}content-type: application/x-protobuf\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`,
    );
    expect(String((await first)[0])).toMatch(/^HTTP\/1\.1 100 /);
    const rest = readAll(taken);
    taken.write(body);
    expect(await rest).toMatch(/HTTP\/1\.1 200 /);
  });
});

describe('when there is too much', () => {
  it('the sink says so while it is given spans: 503, come again, nothing kept', async () => {
    const { port, sink, tally, reported } = await door();
    sink.answer = () => Promise.reject(new Overloaded('64 MiB of spans wait to be stored', 2));
    const { status, headers, body: answer } = await send({ port }, { body });
    expect([status, headers['retry-after'], statusIn(answer).code]).toEqual([503, '2', 14]);
    expect(statusIn(answer).message).toContain('64 MiB of spans wait to be stored');
    expect([sink.spans, tally.statuses, reported]).toEqual([[], [503], []]);
  });

  it('the sink says so beforehand: the body is not read', async () => {
    const { port, sink, tally } = await door();
    sink.overload = () => new Overloaded('full');
    const { status, headers } = await send({ port }, { body });
    expect([status, headers['retry-after'], tally.bytes]).toEqual([503, '1', []]);
  });

  it('bodies under way fill the room: the next is asked to come again, and the room is free afterwards', async () => {
    const opened = await door({ maxBodyBytes: MIB, maxBytesInFlight: MIB });
    const slow = await raw(opened);
    const head = `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\nconnection: close\r\ncontent-length: `;
    const padded = Buffer.concat([body, Buffer.from([0x9a, 0x06, 0x80, 0x80, 0x20]), Buffer.alloc(MIB / 2)]);
    slow.write(`${head}${padded.length}\r\n\r\n`);
    slow.write(padded.subarray(0, MIB / 2));
    await expect.poll(async () => (await send(opened, { body: padded })).status).toBe(503);
    const rest = readAll(slow);
    slow.write(padded.subarray(MIB / 2));
    expect(await rest).toMatch(/^HTTP\/1\.1 200 /);
    expect((await send(opened, { body: padded })).status).toBe(200);
  });

  it('a store that fails is reported, and the sender comes again: a 500 would lose the spans', async () => {
    const { port, sink, reported } = await door();
    const fault = new Error('disk full');
    sink.answer = () => Promise.reject(fault);
    const { status, headers, body: answer } = await send({ port }, { body });
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(statusIn(answer).message).not.toContain('disk full');
    expect(reported).toEqual([fault]);
  });

  it('limits that leave no room for one body are refused', () => {
    expect(() => new OtlpHttpServer({ limits: { maxBytesInFlight: MIB } } as never)).toThrow(
      'maxBytesInFlight is 1048576',
    );
  });
});

describe('connections', () => {
  it('a sender that goes away with half its body sent is counted, and its room is free again', async () => {
    const opened = await door({ maxBodyBytes: MIB, maxBytesInFlight: MIB });
    for (let i = 1; i <= 20; i++) {
      const socket = await raw(opened);
      socket.write(
        'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 1000000\r\n\r\nhalf',
      );
      await send(opened, { body });
      socket.destroy();
      await expect.poll(() => opened.tally.gone).toBe(i);
    }
    expect((await send(opened, { body })).status).toBe(200);
  });

  it('a body that does not come to its end in time is answered 408 and cut off', async () => {
    const opened = await door({ requestTimeout: 200, headersTimeout: 200 });
    const socket = await raw(opened);
    const answer = readAll(socket);
    socket.write(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 1000\r\n\r\nhalf',
    );
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
    await expect.poll(() => opened.tally.gone).toBe(1);
  });

  it('a thousand connections are held at a time', async () => {
    const opened = await door();
    const sockets = await Promise.all(Array.from({ length: 1000 }, () => raw(opened)));
    expect((await send(opened, { body })).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  it('a connection too many is closed at once, and counted', async () => {
    const opened = await door({ maxConnections: 2 });
    const held = [await raw(opened), await raw(opened)];
    expect(await readAll(await raw(opened))).toBe('');
    expect(opened.tally.limits).toEqual([['connections', 1]]);
    for (const socket of held) socket.destroy();
  });

  it('closing waits for what is under way, and takes nothing new on connections that are open', async () => {
    const opened = await openDoor();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await send(opened, { body, agent });
    let release = (): void => {};
    opened.sink.answer = ({ count }) =>
      new Promise((resolve) => {
        release = () => resolve({ stored: count, duplicates: 0 });
      });
    const underWay = send(opened, { body });
    await expect.poll(() => opened.tally.bytes.length).toBe(2);
    const closed = opened.server.close(5000);
    release();
    expect((await underWay).headers['connection']).toBe('close');
    await closed;
    await expect(send(opened, { body })).rejects.toThrow('ECONNREFUSED');
    agent.destroy();
  });

  it('closing cuts off after its grace what does not end', async () => {
    const opened = await openDoor();
    const socket = await raw(opened);
    const answer = readAll(socket);
    socket.write(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 1000\r\n\r\nhalf',
    );
    await send(opened, { body });
    await opened.server.close(50);
    expect(await answer).toBe('');
  });

  it('a port that is taken is an error', async () => {
    const { port } = await door();
    const { server } = await openDoor();
    open.push({ server } as Door);
    const other = await import('../../../collectors/otlp/http.ts').then(
      ({ OtlpHttpServer: Server }) => new Server({ limits: {} } as never),
    );
    await expect(other.listen(port, '127.0.0.1')).rejects.toThrow('EADDRINUSE');
  });
});
