import { afterEach, describe, expect, it } from 'vitest';
import { type Door, openDoor, send } from './door.ts';
import { requestOf, type SpanSketch } from './requests.ts';

const open: Door[] = [];
afterEach(() => Promise.all(open.splice(0).map(({ server }) => server.close(0))));
async function door(): Promise<Door> {
  const opened = await openDoor();
  open.push(opened);
  return opened;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const chat: SpanSketch = { attributes: { 'gen_ai.operation.name': 'chat' } };
const good = requestOf([chat]);
const nanos = (date: string): bigint => BigInt(Date.parse(date)) * 1_000_000n;

describe('times that can not be: the span is refused with a reason, the one beside it kept', () => {
  it.each([
    ['0', 0n, 'no time'],
    ['the first nanosecond of 1970', 1n, 'too old'],
    ['2^63 - 1, in the year 2262', 2n ** 63n - 1n, 'in the future'],
    ['2^63', 2n ** 63n, 'no time'],
    ['the year 2554', nanos('2554-07-21T23:34:33Z'), 'in the future'],
    ['2^64 - 2', 2n ** 64n - 2n, 'in the future'],
    ['2^64 - 1', 2n ** 64n - 1n, 'no time'],
  ])('%s', async (_what, end, reason) => {
    const opened = await door();
    expect((await send(opened, { body: requestOf([chat, { ...chat, start: end || 5n, end }]) })).status).toBe(200);
    const span = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: '00f067aa0ba902b7',
      startTimeUnixNano: String(end || 5n),
      endTimeUnixNano: String(end),
    };
    const json = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }));
    expect((await send(opened, { body: json, headers: JSON_TYPE })).status).toBe(200);
    expect(opened.tally.rejects).toEqual([
      [reason, 1],
      [reason, 1],
    ]);
    expect(opened.sink.spans).toHaveLength(1);
  });
});

describe('protobuf that was made to hurt', () => {
  const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >>> 7)]);
  const message = (field: number, bytes: Uint8Array): Buffer =>
    Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(bytes.length)]), bytes]);
  const inSpan = (bytes: number[]): Buffer => message(1, message(2, message(2, Buffer.from(bytes))));

  it.each([
    ['a number of eleven bytes', inSpan([6 << 3, ...Array<number>(11).fill(0xff)])],
    ['a number without end', inSpan([6 << 3, ...Array<number>(5000).fill(0x80)])],
    ['a length of 4 GiB', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['a length of 2^64 - 1', Buffer.from([0x0a, ...Array<number>(9).fill(0xff), 1])],
    ['a length beyond its message', inSpan([(9 << 3) | 2, 100, 0])],
    ['groups in each other without end', Buffer.alloc(1_000_000, 0x0b)],
    ['messages in each other without end', Buffer.alloc(1_000_000, 0x0a)],
  ])('%s is no request', async (_what, body) => {
    const opened = await door();
    expect((await send(opened, { body })).status).toBe(400);
    expect(opened.reported).toEqual([]);
    expect((await send(opened, { body: good })).status).toBe(200);
  });

  it('a million empty spans are a million refused ones, in little memory', async () => {
    const opened = await door();
    const spans = message(1, message(2, Buffer.alloc(2_000_000, Buffer.from([0x12, 0x00]))));
    const { status, body } = await send(opened, { body: spans });
    expect([status, body.length < 2000]).toEqual([200, true]);
    expect(opened.tally.rejects.reduce((sum, [, n]) => sum + n, 0)).toBe(1_000_000);
  });

  it('a text that is not UTF-8 is read with what can be read of it; no other span suffers', async () => {
    const opened = await door();
    const body = requestOf([{ attributes: { ...chat.attributes, 'gen_ai.request.model': 'gpt-@@' } }, chat]);
    body.write('\xff', body.indexOf('@@'), 'latin1');
    expect((await send(opened, { body })).status).toBe(200);
    expect(opened.sink.spans.map(({ requestModel }) => opened.dictionary.textOrNull(requestModel))).toEqual([
      'gpt-\uFFFD@',
      null,
    ]);
  });
});

describe('JSON that was made to hurt', () => {
  it.each([
    ['a key twice', '{"resourceSpans":[],"resourceSpans":[]}'],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a number that is no number', '{"resourceSpans":NaN}'],
  ])('%s is no request', async (_what, body) => {
    const opened = await door();
    expect((await send(opened, { body: Buffer.from(body), headers: JSON_TYPE })).status).toBe(400);
    expect(opened.reported).toEqual([]);
  });
});
