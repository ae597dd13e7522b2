import { connect } from 'node:net';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exchange, World } from './world.ts';

const MIB = 1_048_576;

const LIMITS = { body: '1MiB', bodiesInFlight: '2MiB', apiBody: '64KiB', spansPerRequest: 3, connections: 50 };

let world: World;
beforeEach(async () => {
  world = await World.start({ spec: { limits: LIMITS } });
});
afterEach(() => world.end());

/** How often a limit bit, as `/metrics` says it. */
async function hits(source: string, limit: string): Promise<number> {
  const page = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
  return Number(new RegExp(`plimsoll_limit_hits_total\\{source="${source}",limit="${limit}"\\} (\\d+)`).exec(page)![1]);
}

/** Writes what it is given to the API, then a drop at a time. @returns all that was answered until the API hung up */
function drip(text: string, drop: string): Promise<string> {
  const { port } = new URL(world.plimsoll.addresses.http);
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1');
    let answer = '';
    const drops = setInterval(() => socket.write(drop), 40);
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(drops);
      resolve(answer);
    });
    socket.write(text);
  });
}

describe('limits of the deployment', () => {
  it.each([
    ['headers', 'POST /api/v1/feedback HTTP/1.1\r\nhost: x\r\n', 'x-a: 1\r\n', 'headersTimeout'],
    [
      'body',
      'POST /api/v1/feedback HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n{',
      ' ',
      'requestTimeout',
    ],
  ])('a sender to the API whose %s never end is told and cut off', async (_what, text, drop, limit) => {
    await world.end();
    world = await World.start({ spec: { limits: { ...LIMITS, headersTimeout: '200ms', requestTimeout: '300ms' } } });
    expect(await drip(text, drop)).toMatch(/^HTTP\/1\.1 408 /);
    expect(await hits('rest', limit)).toBe(1);
  });

  it('one connection of the API too many is closed at once', async () => {
    const { port } = new URL(world.plimsoll.addresses.http);
    const sockets = Array.from({ length: 60 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
    await expect.poll(() => sockets.filter((socket) => socket.closed).length).toBeGreaterThanOrEqual(10);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => hits('rest', 'connections').catch(() => 0)).toBeGreaterThanOrEqual(10);
  });

  it.each([
    ['identity', Buffer.alloc(MIB, ' ')],
    ['gzip', gzipSync(Buffer.alloc(50 * MIB, ' '))],
    ['deflate', deflateSync(Buffer.alloc(50 * MIB, ' '))],
    ['zstd', zstdCompressSync(Buffer.alloc(50 * MIB, ' '))],
  ])('a body of the API that is too large as it is or unpacked: %s', async (encoding, body) => {
    const response = await fetch(`${world.api}/feedback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
      body,
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'PLIM_API_TOO_LARGE' });
    expect(await hits('rest', 'apiBody')).toBe(1);
  });

  it.each([
    ['too large', 'content-encoding: identity', 200_000, 413],
    ['not packed as it says', 'content-encoding: gzip', 60_000, 400],
    ['of another encoding', 'content-encoding: x', 200_000, 400],
  ])('after a body that is %s its connection goes on', async (_what, header, length, status) => {
    const { port } = new URL(world.plimsoll.addresses.http);
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
    let answers = '';
    socket.on('data', (chunk) => {
      answers += chunk;
    });
    const headers = `content-type: application/json\r\n${header}\r\ncontent-length: ${length}`;
    socket.write(`POST /api/v1/feedback HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n`);
    socket.write(`${' '.repeat(length)}GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n`);
    await expect.poll(() => answers.match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`, 'HTTP/1.1 200']);
    socket.destroy();
  });

  it('bodies of the API under way fill their room, whatever they say of themselves; then it is free again', async () => {
    const { port } = new URL(world.plimsoll.addresses.http);
    const head =
      'POST /api/v1/feedback HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n{';
    const slow = Array.from({ length: 40 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
    const answered = new Promise((resolve) => {
      for (const socket of slow) socket.on('data', (data) => resolve(String(data)));
    });
    for (const socket of slow) socket.write(head);
    expect(await answered).toMatch(/^HTTP\/1\.1 503 [\s\S]*Retry-After: 1/i);
    for (const socket of slow) socket.destroy();
    await expect.poll(() => world.post('/feedback', { feedback: [] })).toMatchObject({ accepted: 0 });
    expect(await hits('rest', 'bodiesInFlight')).toBeGreaterThan(0);
  });

  it('hold for spans, and are counted by door', async () => {
    const spans = [1, 2, 3, 4, 5].map(() => exchange('bot', world.now - 1000));
    await expect(world.spans(spans)).rejects.toThrow('limits.spansPerRequest');
    expect(await hits('otlp_http', 'spansPerRequest')).toBe(2);
    const { interactions } = await world.get<{ interactions: object[] }>('/services/bot/interactions');
    expect(interactions).toHaveLength(3);
  });
});
