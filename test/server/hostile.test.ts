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
