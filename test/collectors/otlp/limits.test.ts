import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type Door, openDoor, raw, readAll, responseIn, send, statusIn } from './door.ts';
import { requestOf, type SpanSketch, type Value } from './requests.ts';
import { WINDOW } from './samples.ts';

const open: Door[] = [];
async function door(...args: Parameters<typeof openDoor>): Promise<Door> {
  const opened = await openDoor(...args);
  open.push(opened);
  return opened;
}
afterEach(() => Promise.all(open.splice(0).map(({ server }) => server.close(0))));

const JSON_TYPE = { 'content-type': 'application/json' };
const MIB = 1_048_576;
const chat: SpanSketch = { attributes: { 'gen_ai.operation.name': 'chat' } };
const nested = (levels: number): Value => (levels === 0 ? 'x' : { in: nested(levels - 1) });
const padding = (n: number): Record<string, Value> =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`pad.${i}`, i]));

describe('what is beyond a limit is told and counted, the rest is kept', () => {
  it('spans of a request', async () => {
    const opened = await door({ maxSpans: 2 });
    const { status, body } = await send(opened, { body: requestOf([chat, chat, chat, chat, chat]) });
    expect([status, opened.sink.spans.length]).toEqual([200, 2]);
    expect(responseIn(body)).toEqual({
      partialSuccess: {
        rejectedSpans: 3,
        errorMessage: expect.stringMatching(/^3 of 5 spans were not kept.*send fewer at a time.*span 0{15}3/),
      },
    });
    expect(opened.tally.rejects).toEqual([['too many', 3]]);
    expect(opened.tally.limits).toEqual([['spansPerRequest', 3]]);
  });

  it('evaluations in spans, and in logs', async () => {
    const opened = await door({ maxSpans: 2 });
    const tone = {
      name: 'gen_ai.evaluation.result',
      attributes: { 'gen_ai.evaluation.name': 'tone', 'gen_ai.evaluation.score.value': 0.5 },
    };
    const { body } = await send(opened, { body: requestOf([{ ...chat, events: [tone, tone, tone, tone, tone] }]) });
    expect(responseIn(body)).toEqual({
      partialSuccess: { errorMessage: expect.stringMatching(/^3 evaluations in spans that were kept.*send fewer/) },
    });
    const record = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      eventName: 'gen_ai.evaluation.result',
      attributes: [
        { key: 'gen_ai.evaluation.name', value: { stringValue: 'tone' } },
        { key: 'gen_ai.evaluation.score.value', value: { doubleValue: 0.5 } },
      ],
    };
    const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [record, record, record, {}] }] }] };
    const answer = await send(opened, {
      path: '/v1/logs',
      headers: JSON_TYPE,
      body: Buffer.from(JSON.stringify(logs)),
    });
    expect(JSON.parse(answer.body.toString()).partialSuccess).toMatchObject({ rejectedLogRecords: '1' });
    expect(opened.sink.evaluations).toHaveLength(4);
    expect(opened.tally.limits).toEqual([
      ['spansPerRequest', 3],
      ['spansPerRequest', 1],
    ]);
  });

  it('data points that count calls', async () => {
    const opened = await door({ maxSpans: 2 });
    const now = String(BigInt(WINDOW.now) * 1_000_000n);
    const dataPoints = [1, 2, 3].map((count) => ({ timeUnixNano: now, count: String(count) }));
    const metric = { name: 'gen_ai.client.operation.duration', histogram: { aggregationTemporality: 1, dataPoints } };
    const metrics = { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] };
    const body = Buffer.from(JSON.stringify(metrics));
    const answer = await send(opened, { path: '/v1/metrics', headers: JSON_TYPE, body });
    expect(JSON.parse(answer.body.toString()).partialSuccess).toMatchObject({ rejectedDataPoints: '1' });
    expect(opened.sink.calls.map(({ calls }) => calls)).toEqual([1, 2]);
    expect(opened.tally.limits).toEqual([['spansPerRequest', 1]]);
  });

  it('attributes of a span: those in front are read, and the sender is warned', async () => {
    const opened = await door({ maxAttributes: 5 });
    const front = { attributes: { ...chat.attributes, 'gen_ai.usage.input_tokens': 7, ...padding(4) } };
    const behind = { attributes: { ...chat.attributes, ...padding(4), 'gen_ai.usage.input_tokens': 7 } };
    const { status, body } = await send(opened, { body: requestOf([front, behind, chat]) });
    expect(status).toBe(200);
    expect(responseIn(body)).toEqual({
      partialSuccess: { errorMessage: '2 spans were kept without the attributes beyond limits.attributesPerSpan' },
    });
    expect(opened.sink.spans.map(({ inputTokens }) => inputTokens)).toEqual([7, null, null]);
    expect(opened.tally.limits).toEqual([['attributesPerSpan', 2]]);
    expect(opened.tally.rejects).toEqual([]);
  });

  it.each(['protobuf', 'json'] as const)('values in each other, in %s', async (form) => {
    const opened = await door({ maxValueDepth: 3 });
    const deep = { attributes: { ...chat.attributes, deep: nested(20) } };
    const value = (levels: number): object =>
      levels === 0 ? { intValue: 1 } : { arrayValue: { values: [value(levels - 1)] } };
    const jsonSpan = (i: number, levels: number): object => ({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: String(i).padStart(16, '0'),
      startTimeUnixNano: '1795478390000000000',
      endTimeUnixNano: '1795478390000000000',
      attributes: [{ key: 'a', value: value(levels) }],
    });
    const spans = [jsonSpan(1, 20), jsonSpan(2, 1), jsonSpan(3, 3)];
    const { status } = await send(
      opened,
      form === 'protobuf'
        ? { body: requestOf([deep, chat, { attributes: { shallow: nested(3) } }]) }
        : { body: Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })), headers: JSON_TYPE },
    );
    expect([status, opened.sink.spans.length]).toEqual([200, 2]);
    expect(opened.tally.rejects).toEqual([['too deep', 1]]);
    expect(opened.tally.limits).toEqual([['valueDepth', 1]]);
  });

  it('values in each other in a resource are no request', async () => {
    const opened = await door();
    const { status, body } = await send(opened, {
      body: requestOf([chat], { 'service.name': 'bot', deep: nested(28) }),
    });
    expect([status, statusIn(body).message]).toEqual([400, expect.stringContaining('messages in each other')]);
    expect(opened.tally.limits).toEqual([['valueDepth', 1]]);
  });

  it('the default limits are reached by no recorded and no usual request', async () => {
    const opened = await door();
    const usual = Array.from({ length: 2000 }, () => ({ attributes: { ...chat.attributes, ...padding(128) } }));
    expect((await send(opened, { body: requestOf(usual) })).body).toHaveLength(0);
    expect(opened.tally.limits).toEqual([]);
  });
});

describe('bodies', () => {
  const zeros = Buffer.alloc(40 * MIB);
  it.each([
    ['gzip', gzipSync(zeros)],
    ['deflate', deflateSync(zeros)],
    ['zstd', zstdCompressSync(zeros)],
  ])('a bomb of %s is refused while it is unpacked', async (encoding, body) => {
    const opened = await door({ maxBodyBytes: MIB, maxBytesInFlight: 2 * MIB });
    expect(body.length).toBeLessThan(MIB / 10);
    expect((await send(opened, { body, headers: { 'content-encoding': encoding } })).status).toBe(413);
    expect(opened.tally.limits).toEqual([['body', 1]]);
    expect(opened.tally.bytes).toEqual([]);
  });

  it('a bomb inside of a bomb is unpacked once: what comes out is no request', async () => {
    const opened = await door();
    const body = gzipSync(gzipSync(Buffer.alloc(100 * MIB)));
    expect((await send(opened, { body, headers: { 'content-encoding': 'gzip' } })).status).toBe(400);
    expect((await send(opened, { body, headers: { 'content-encoding': 'gzip, gzip' } })).status).toBe(415);
  });

  it('too many bodies at a time are counted, and those senders come again', async () => {
    const opened = await door({ maxBodyBytes: MIB, maxBytesInFlight: MIB });
    const slow = await raw(opened);
    slow.write(
      `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${MIB}\r\n\r\nhalf`,
    );
    await expect.poll(async () => (await send(opened, { body: requestOf([chat]) })).status).toBe(503);
    expect(opened.tally.limits[0]).toEqual(['bodiesInFlight', 1]);
    slow.destroy();
  });
});

describe('slow senders', () => {
  it.each([
    ['says nothing', '', '', 'headersTimeout'],
    ['sends half a request line', 'POST /v1/tr', 'a', 'headersTimeout'],
    ['never ends its headers', 'POST /v1/traces HTTP/1.1\r\nhost: x\r\nx-a: 1\r\n', 'x-b: 1\r\n', 'headersTimeout'],
    [
      'never ends its body',
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 1000\r\n\r\nhalf',
      'x',
      'requestTimeout',
    ],
    [
      'never ends its chunks',
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n',
      '1\r\nx\r\n',
      'requestTimeout',
    ],
  ])('one that %s is told and cut off', async (_what, bytes, drop, limit) => {
    const opened = await door({ headersTimeout: 200, requestTimeout: 300 });
    const socket = await raw(opened);
    const answer = readAll(socket);
    socket.write(bytes);
    // Drop by drop: it is the whole that is timed.
    const drip = setInterval(() => socket.write(drop), 40);
    expect(await answer).toMatch(/^(HTTP\/1\.1 408 .*)?/);
    clearInterval(drip);
    expect(opened.tally.limits).toEqual([[limit, 1]]);
    expect((await send(opened, { body: requestOf([chat]) })).status).toBe(200);
  });

  it('headers without end', async () => {
    const opened = await door();
    const socket = await raw(opened);
    const answer = readAll(socket);
    socket.write(`POST /v1/traces HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(MIB)}\r\n`);
    expect(await answer).toMatch(/^(HTTP\/1\.1 431 .*)?/);
    expect((await send(opened, { body: requestOf([chat]) })).status).toBe(200);
  });
});
