import { afterEach, expect, it, vi } from 'vitest';
import { LOOK_EVERY } from '../../../src/server/access/stream.ts';
import { World } from '../world.ts';
import { Client } from './client.ts';
import { Visitor } from './visitor.ts';

let world: World;
afterEach(async () => {
  vi.useRealTimers();
  await world.end();
});

/** Resolves when an answer has come to its end after somebody has looked. */
async function end({ body }: Response): Promise<void> {
  vi.advanceTimersByTime(LOOK_EVERY);
  const reader = body!.getReader();
  while (!(await reader.read()).done);
}

/** What is asked after a look is answered after it. */
async function goesOn(stream: Response): Promise<boolean> {
  const ended = end(stream).then(() => false);
  for (let i = 0; i < 5; i++) await fetch(`${world.api}/session`);
  return Promise.race([ended, true]);
}

it('news and explanations end with the token, and with the time in which nobody had to have one', async () => {
  world = await World.start();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const beforeAll = await fetch(`${world.api}/events`);
  const { token } = await new Client(world).make({ role: 'admin' });
  await end(beforeAll);
  const admin = new Client(world, token);
  for (const path of ['/events', '/explain']) {
    const viewer = await admin.make({ role: 'viewer' });
    const streams = [token, viewer.token].map((one) =>
      fetch(world.api + path, { headers: { authorization: `Bearer ${one}` } }),
    );
    const [stays, ends] = await Promise.all(streams);
    await admin.post(`/tokens/${viewer.id}/revoke`, {});
    await end(ends!);
    expect([path, await goesOn(stays!)]).toEqual([path, true]);
  }
});

it('news end with the session, which they do not keep alive', async () => {
  world = await World.start();
  const { token } = await new Client(world).make({ role: 'viewer' });
  const visitor = new Visitor(world);
  expect((await visitor.post('/session', { token })).status).toBe(200);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const news = await visitor.ask(`${world.api}/events`);
  world.now += 29 * 60_000;
  vi.advanceTimersByTime(LOOK_EVERY);
  await fetch(`${world.api}/session`);
  world.now += 60_000;
  await end(news);
});

it('HEAD of the news has an end', async () => {
  world = await World.start();
  const answer = await fetch(`${world.api}/events`, { method: 'HEAD' });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
});
