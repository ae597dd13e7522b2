import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createFeedback,
  type FeedbackClient,
  type FeedbackOptions,
  type Target,
} from '../../packages/feedback/src/index.ts';
import { exchange, World } from '../server/world.ts';
import { StandIn } from '../standins/http-server.ts';
import { bundleOf } from './bundle.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const PACKAGE = resolve(import.meta.dirname, '../../packages/feedback');

/** A client whose waiting takes no time and is written down. */
function client(url: string, options: Partial<FeedbackOptions> = {}): { feedback: FeedbackClient; waitsMs: number[] } {
  const waitsMs: number[] = [];
  const feedback = createFeedback({
    url,
    now: () => NOW,
    random: () => 1,
    sleep: async (ms) => void waitsMs.push(ms),
    onError: () => {},
    ...options,
  });
  return { feedback, waitsMs };
}

describe('against a real Plimsoll', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ now: NOW });
  });
  afterAll(() => world.end());

  const answered = async (): Promise<Target & { traceId: string }> => {
    const one = exchange('bot', world.now - 5_000);
    await world.spans([one]);
    return { traceId: one.traceId };
  };
  const said = async ({ traceId }: { traceId: string }): Promise<[string, unknown][]> =>
    (await world.get<{ feedback: { kind: string; value: unknown }[] }>(`/interactions/${traceId}`)).feedback.map(
      ({ kind, value }) => [kind, value],
    );

  it('everything that can be said arrives', async () => {
    const about = await answered();
    const { feedback } = client(`${world.plimsoll.addresses.http}/`, { token: 'secret', service: 'bot' });
    const outcomes = await Promise.all([
      feedback.thumbs(about, 'up'),
      feedback.stars(about, 4),
      feedback.decision(about, 'overridden'),
      feedback.escalation(about),
      feedback.reask(about, false),
      feedback.flag(about, 'wrong'),
      feedback.flag(about, 'biased'),
    ]);
    expect(outcomes).toEqual(outcomes.map(() => 'accepted'));
    expect((await said(about)).sort()).toEqual([
      ['decision', 'overridden'],
      ['escalation', true],
      ['flag', 'biased'],
      ['flag', 'wrong'],
      ['reask', false],
      ['stars', 4],
      ['thumbs', 'up'],
    ]);
  });

  it('by every name; what comes before its interaction is pending', async () => {
    const { feedback } = client(world.plimsoll.addresses.http);
    for (const about of [
      { traceId: '7'.repeat(32), spanId: '8'.repeat(16) },
      { responseId: 'resp-9' },
      { interactionId: 'turn-9' },
      { conversationId: 'talk-9' },
    ])
      expect(await feedback.thumbs(about, 'up')).toBe('pending');
  });

  it("one person's second word replaces the first, another's counts beside it", async () => {
    const about = await answered();
    const [dana, sam] = [client(world.plimsoll.addresses.http), client(world.plimsoll.addresses.http)];
    await dana.feedback.thumbs(about, 'up');
    await sam.feedback.thumbs(about, 'up');
    await client(world.plimsoll.addresses.http, { rater: 'kim' }).feedback.thumbs(about, 'up');
    await client(world.plimsoll.addresses.http, { rater: 'kim', now: () => NOW + 1 }).feedback.thumbs(about, 'down');
    expect((await said(about)).sort()).toEqual([
      ['thumbs', 'down'],
      ['thumbs', 'up'],
      ['thumbs', 'up'],
    ]);
  });

  it('what one person says of two services in one trace is two words', async () => {
    const about = await answered();
    await world.spans([{ ...exchange('shop', world.now - 5_000), traceId: about.traceId }]);
    for (const service of ['bot', 'shop'])
      await client(world.plimsoll.addresses.http, { rater: 'kim', service }).feedback.thumbs(about, 'up');
    expect(await said(about)).toEqual([
      ['thumbs', 'up'],
      ['thumbs', 'up'],
    ]);
  });

  it('names may be as long as Plimsoll takes them', async () => {
    const { feedback } = client(world.plimsoll.addresses.http, { rater: 'r'.repeat(256), service: 's'.repeat(256) });
    expect(await feedback.decision({ interactionId: 'i'.repeat(1024) }, 'overridden')).toBe('pending');
  });

  it('two turns of a conversation are two words, also of one person', async () => {
    const { feedback } = client(world.plimsoll.addresses.http);
    const bodies: string[] = [];
    const spy = client(world.plimsoll.addresses.http, {
      fetch: (url, init) => {
        bodies.push(init!.body as string);
        return fetch(url, init);
      },
    });
    await feedback.thumbs({ conversationId: 'talk' }, 'up');
    expect(await spy.feedback.thumbs({ conversationId: 'talk' }, 'up')).toBe('pending');
    expect(await spy.feedback.thumbs({ conversationId: 'talk' }, 'up')).toBe('pending');
    for (const body of bodies) expect(JSON.parse(body).feedback[0]).not.toHaveProperty('at');
  });

  it('what is refused is said, and not sent again', async () => {
    const { feedback, waitsMs } = client(world.plimsoll.addresses.http);
    await expect(feedback.stars({ traceId: '7'.repeat(32) }, 6 as 5)).rejects.toThrow(/refused it: value: .*found 6/);
    await expect(feedback.thumbs({ traceId: 'no trace' }, 'up')).rejects.toThrow(/a trace id has 32 hex digits/);
    expect(waitsMs).toEqual([]);
  });

  it('an answer that is lost makes it come twice, and count once', async () => {
    const about = await answered();
    let isFirst = true;
    const { feedback } = client(world.plimsoll.addresses.http, {
      fetch: async (url, init) => {
        const answer = await fetch(url, init);
        if (!isFirst) return answer;
        isFirst = false;
        throw new TypeError('the connection was lost');
      },
    });
    expect(await feedback.thumbs(about, 'down')).toBe('duplicate');
    expect(await said(about)).toEqual([['thumbs', 'down']]);
  });
});

describe('against a server that fails', () => {
  const about: Target = { traceId: '7'.repeat(32) };
  let server: StandIn;
  beforeEach(async () => {
    server = await StandIn.start();
    server.otherwise = { status: 200, body: '{"accepted":1,"duplicates":0,"pending":0,"rejected":[]}' };
  });
  afterEach(() => server.stop());

  it('sends the same again, word for word, until it is taken: after 429, 502, 503, 504 and lost connections', async () => {
    server.behaviours.push('hang up', 'hang up after reading', ...[429, 502, 503].map((status) => ({ status })));
    const { feedback } = client(server.url);
    expect(await feedback.thumbs(about, 'up')).toBe('accepted');
    server.behaviours.push({ status: 504 });
    expect(await feedback.stars(about, 5)).toBe('accepted');
    expect(new Set(server.received.slice(0, 5).map(({ body }) => body)).size).toBe(1);
    expect(server.received[0]).toMatchObject({ method: 'POST', path: '/api/v1/feedback' });
  });

  it('waits longer each time, anywhere up to twice as long as before, and gives up after so many attempts', async () => {
    server.otherwise = { status: 503, body: 'too much' };
    const longest = client(server.url, { attempts: 8 });
    await expect(longest.feedback.thumbs(about, 'up')).rejects.toMatchObject({
      name: 'FeedbackError',
      status: 503,
      message: 'Plimsoll answered 503: too much',
    });
    expect(longest.waitsMs).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    const quarter = client(server.url, { random: () => 0.25 });
    await expect(quarter.feedback.thumbs(about, 'up')).rejects.toThrow();
    expect(quarter.waitsMs).toEqual([250, 500, 1000, 2000, 4000]);
  });

  it.each([
    ['seconds', '7', 7000],
    ['a date', new Date(NOW + 90_000).toUTCString(), 90_000],
    ['a date that is past', new Date(NOW - 90_000).toUTCString(), 1000],
    ['nonsense', 'soon', 1000],
    ['a year', '31536000', 2 ** 31 - 1],
  ])('waits as long as Retry-After asks for: %s', async (_, value, expected) => {
    server.behaviours.push({ status: 503, headers: { 'retry-after': value } });
    const { feedback, waitsMs } = client(server.url);
    await feedback.thumbs(about, 'up');
    expect(waitsMs).toEqual([expected]);
  });

  it.each([400, 401, 404, 413, 500])('a %s is not sent again', async (status) => {
    server.behaviours.push({ status, body: '{"detail":"no"}' });
    const { feedback } = client(server.url);
    await expect(feedback.thumbs(about, 'up')).rejects.toMatchObject({
      status,
      message: expect.stringContaining('no'),
    });
    expect(server.received).toHaveLength(1);
  });

  it('tells what was given up, once, where nobody looks at the promise', async () => {
    server.otherwise = { status: 400 };
    const onError = vi.fn();
    const unhandled = vi.fn();
    process.once('unhandledRejection', unhandled);
    void client(server.url, { onError }).feedback.thumbs(about, 'up');
    await vi.waitFor(() => expect(onError).toHaveBeenCalledOnce());
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).not.toHaveBeenCalled();
    process.removeListener('unhandledRejection', unhandled);
  });

  it('holds so many at a time and no more, and has room again when they are through', async () => {
    let letGo = (): void => {};
    const open = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { feedback } = client(server.url, { maxWaiting: 2, fetch: (url, init) => open.then(() => fetch(url, init)) });
    const held = [feedback.thumbs(about, 'up'), feedback.stars(about, 5)];
    await expect(feedback.reask(about)).rejects.toThrow('2 are under way already');
    letGo();
    expect(await Promise.all(held)).toEqual(['accepted', 'accepted']);
    expect(await feedback.reask(about)).toBe('accepted');
  });

  it('sends the token, and works where the server is not there at all', async () => {
    await client(server.url, { token: 'secret' }).feedback.thumbs(about, 'up');
    expect(server.received[0]!.headers['authorization']).toBe('Bearer secret');
    const { url } = server;
    await server.stop();
    await expect(client(url).feedback.thumbs(about, 'up')).rejects.toMatchObject({ status: 0 });
    server = await StandIn.start();
  });
});

describe('the package', () => {
  const manifest = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));

  it('is under 2 kB, minified, and depends on nothing', async () => {
    const code = await bundleOf(join(PACKAGE, 'src/index.ts'));
    expect(Buffer.byteLength(code)).toBeLessThan(2000);
    expect(code).not.toMatch(/\bimport\b/);
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).not.toHaveProperty('peerDependencies');
  });

  it('builds to a module with types, which do as its source does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-feedback-'));
    try {
      execFileSync(join(PACKAGE, '../../node_modules/.bin/tsc'), ['-p', PACKAGE, '--outDir', folder]);
      for (const name of ['types', 'default'])
        expect(existsSync(join(folder, manifest.exports['.'][name].replace('./dist/', '')))).toBe(true);
      const built = await import(join(folder, 'index.js'));
      expect(Object.keys(built).sort()).toEqual(['FeedbackError', 'createFeedback']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is published with its licence, and not with Plimsoll itself', () => {
    expect(manifest).toMatchObject({ license: 'Apache-2.0', type: 'module', files: ['dist'] });
    expect(existsSync(join(PACKAGE, 'LICENSE'))).toBe(true);
    const { files } = JSON.parse(readFileSync(join(PACKAGE, '../../package.json'), 'utf8'));
    expect(files.filter((name: string) => name.startsWith('packages'))).toEqual([]);
  });
});
