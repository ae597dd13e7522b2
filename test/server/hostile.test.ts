import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange, World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
  await world.spans([one]);
});
afterAll(() => world.end());

const one = exchange('bot', Date.parse('2026-11-19T23:59:00Z'));

async function post(path: string, body: string | Buffer): Promise<{ status: number; answer: Record<string, unknown> }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(world.api + path, { method: 'POST', headers, body });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

const item = (more: string, traceId = one.traceId): string => `{"traceId":"${traceId}",${more}}`;
const score = (text: string): string =>
  `{"evaluations":[${item(`"name":"groundedness","evaluator":"judge","score":${text}`)}]}`;
const thumb = (more: string): string => `{"feedback":[${item(`"kind":"thumbs","value":"up"${more}`)}]}`;

describe('bodies that are no JSON', () => {
  it.each([
    ['deep lists', `{"feedback":${'['.repeat(500_000)}${']'.repeat(500_000)}}`, 'lie in each other'],
    ['deep objects', `${'{"feedback":'.repeat(500_000)}1${'}'.repeat(500_000)}`, 'lie in each other'],
    ['a key twice', `{"feedback":[${item('"kind":"thumbs","value":"up","value":"down"')}]}`, '"value" is there twice'],
    ['what is not UTF-8', Buffer.from([...Buffer.from('{"feedback":["'), 0xff, 0xfe, ...Buffer.from('"]}')]), 'UTF-8'],
    ['NaN as JavaScript writes it', score('NaN'), 'JSON'],
    ['cut short', thumb('').slice(0, -3), 'JSON'],
  ])('%s', async (_what, body, detail) => {
    const { status, answer } = await post('/feedback', body);
    expect(status).toBe(400);
    expect(answer).toMatchObject({ code: 'PLIM_API_BAD_REQUEST', detail: expect.stringContaining(detail) });
  });
});

describe('items that can not be are named, and keep nothing from the others', () => {
  it.each([
    ['/evaluations', 'a score beyond all numbers', score('1e999')],
    ['/evaluations', 'a score that is no number', score('"NaN"')],
    ['/evaluations', 'a score that is null', score('null')],
    ['/feedback', 'a short trace id', `{"feedback":[${item('"kind":"thumbs","value":"up"', 'abc')}]}`],
    ['/feedback', 'a trace id of zeros', `{"feedback":[${item('"kind":"thumbs","value":"up"', '0'.repeat(32))}]}`],
    ['/feedback', 'a long trace id', `{"feedback":[${item('"kind":"thumbs","value":"up"', 'a'.repeat(34))}]}`],
    ['/feedback', 'a span id of another length', thumb(',"spanId":"0a"')],
    ['/feedback', 'a time that is no day', thumb(',"at":"2026-02-30T00:00:00Z"')],
    ['/feedback', 'a time with a year of six digits', thumb(',"at":"+275760-09-13T00:00:00Z"')],
    ['/feedback', 'a time as a number', thumb(',"at":1e308')],
    ['/feedback', 'a text that is too long', thumb(`,"comment":"${'x'.repeat(10_000)}"`)],
  ])('%s: %s', async (path, _what, body) => {
    const { status, answer } = await post(path, body);
    expect(status).toBe(200);
    expect(answer).toMatchObject({ accepted: 0, rejected: [{ index: 0, code: 'PLIM_SIGNAL_INVALID' }] });
  });

  it.each(['1970-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '2554-07-21T23:34:33.709Z', '9999-12-31T23:59:59Z'])(
    'a time that nobody can have said it at is that of the interaction, or now: %s',
    async (at) => {
      const { status, answer } = await post('/feedback', thumb(`,"id":"${at}","at":"${at}"`));
      expect([status, answer]).toMatchObject([200, { accepted: 1, rejected: [] }]);
    },
  );

  it('keys that belong to every object are only keys', async () => {
    const { status, answer } = await post('/feedback', thumb(',"__proto__":{"kind":"x"},"constructor":1,"toString":2'));
    expect([status, answer]).toMatchObject([200, { rejected: [] }]);
    expect(({} as Record<string, unknown>)['kind']).toBeUndefined();
  });
});

describe('numbers of telemetry that can not be are as if they were not there', () => {
  const attribute = (key: string, value: object): object => ({ key, value });
  const tokens = (value: object): object[] => [
    attribute('gen_ai.usage.input_tokens', value),
    attribute('gen_ai.usage.output_tokens', value),
    attribute('gen_ai.server.time_to_first_token', value),
  ];
  let sent = 0;

  it.each([
    ['below 0', { intValue: '-1' }],
    ['beyond what any call uses', { intValue: '1000000001' }],
    ['2^53', { intValue: '9007199254740992' }],
    ['the largest of 64 bits', { intValue: '9223372036854775807' }],
    ['no number', { doubleValue: 'NaN' }],
    ['endless', { doubleValue: 'Infinity' }],
    ['endless, as a text', { stringValue: '1e999' }],
    ['far beyond', { doubleValue: 1e300 }],
  ])('%s', async (_what, value) => {
    const traceId = `bad0${(++sent).toString(16).padStart(28, '0')}`;
    const end = BigInt(Date.parse('2026-11-19T23:59:30Z')) * 1_000_000n;
    const span = {
      traceId,
      spanId: '00000000000000b1',
      name: 'chat',
      kind: 3,
      startTimeUnixNano: String(end - 1_000_000n),
      endTimeUnixNano: String(end),
      attributes: [attribute('gen_ai.operation.name', { stringValue: 'chat' }), ...tokens(value)],
    };
    const resource = { attributes: [attribute('service.name', { stringValue: 'bot' })] };
    const response = await fetch(`${world.plimsoll.addresses.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'x' }, spans: [span] }] }] }),
    });
    expect([response.status, await response.json()]).toEqual([200, {}]);
    const { interactions } = await world.get<{ interactions: Record<string, unknown>[] }>(`/interactions/${traceId}`);
    expect(interactions).toEqual([expect.objectContaining({ inputTokens: null, outputTokens: null, status: 'ok' })]);
  });
});
