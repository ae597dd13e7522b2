import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SilenceJson } from '../../src/model/silence.ts';
import { ENGINES, service, World } from './world.ts';

const NOW = Date.parse('2026-11-20T00:00:00Z');
const DAY = 86_400_000;
const iso = (at: number): string => new Date(at).toISOString();
const BOT = [{ label: 'service', operator: '=', value: 'bot' }];

describe.each(ENGINES)('silences (%s)', (engine) => {
  let world: World;
  const tokens = new Map<string, string>();
  const make = async (name: string, role: string, services?: string[]): Promise<void> => {
    const { token } = await world.post<{ token: string }>('/tokens', { role, ...(services && { services }) });
    if (world.token === null) world.token = token;
    tokens.set(name, token);
  };
  const ask = async (
    method: string,
    path: string,
    body?: object,
    who = 'admin',
  ): Promise<{
    status: number;
    body: SilenceJson & { silences: SilenceJson[]; nextCursor?: string; detail: string };
  }> => {
    const response = await fetch(`${world.api}${path}`, {
      method,
      headers: { authorization: `Bearer ${tokens.get(who)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as never };
  };
  const wanted = (more: object = {}): object => ({
    matchers: BOT,
    endsAt: iso(world.now + DAY),
    comment: 'we know',
    ...more,
  });

  beforeAll(async () => {
    world = await World.start({ engine, now: NOW, services: [service('bot'), service('other-bot')] });
    await make('admin', 'admin');
    await make('responder of bot', 'responder', ['bot']);
    await make('viewer of other-bot', 'viewer', ['other-bot']);
  });
  afterAll(() => world.end());

  it('are made, shown and listed newest first, page by page, and end by themselves', async () => {
    const made = await ask('POST', '/silences', wanted());
    expect(made).toMatchObject({
      status: 200,
      body: {
        id: 'SIL-1',
        state: 'active',
        matchers: BOT,
        startsAt: iso(NOW),
        endsAt: iso(NOW + DAY),
        expiredBy: null,
      },
    });
    expect(made.body.createdBy.kind).toBe('token');
    await ask('POST', '/silences', wanted({ startsAt: iso(NOW + DAY), endsAt: iso(NOW + 2 * DAY) }));
    const first = (await ask('GET', '/silences?limit=1')).body;
    expect(first.silences).toMatchObject([{ id: 'SIL-2', state: 'pending' }]);
    const second = (await ask('GET', `/silences?limit=1&cursor=${first.nextCursor}`)).body;
    expect(second.silences).toEqual([made.body]);
    expect(second.nextCursor).toBeUndefined();
    world.now = NOW + DAY;
    expect((await ask('GET', '/silences/SIL-1')).body.state).toBe('expired');
    expect((await ask('GET', '/silences?state=current')).body.silences).toMatchObject([
      { id: 'SIL-2', state: 'active' },
    ]);
    expect((await ask('GET', '/silences?state=expired')).body.silences).toMatchObject([{ id: 'SIL-1' }]);
    await world.restart();
    expect((await ask('DELETE', '/silences/SIL-2')).body).toMatchObject({ state: 'expired', endsAt: iso(world.now) });
    expect((await ask('GET', '/silences/SIL-9')).status).toBe(404);
    expect((await ask('DELETE', '/silences/SIL-9')).status).toBe(404);
  });

  it.each([
    ['no matcher', { matchers: [] }],
    ['a label that is not known', { matchers: [{ label: 'owner', value: 'x' }] }],
    ['an operator that is not known', { matchers: [{ label: 'service', operator: '~', value: 'x' }] }],
    ['a pattern that is none', { matchers: [{ label: 'service', operator: '=~', value: '(' }] }],
    ['what fits everything', { matchers: [{ label: 'service', operator: '=~', value: '.*' }] }],
    ['what names nothing', { matchers: [{ label: 'service', operator: '!=', value: 'x' }] }],
    ['more than thirty days', { endsAt: iso(NOW + 90 * DAY) }],
    ['what is over', { endsAt: iso(NOW - DAY) }],
    ['no reason', { comment: ' ' }],
    ['an author of choice', { createdBy: 'dana' }],
  ])('%s is refused, in words', async (_what, more) => {
    const { status, body } = await ask('POST', '/silences', wanted(more));
    expect([status, body.detail.length > 10]).toEqual([400, true]);
  });

  it('are for those services alone that somebody may respond for', async () => {
    const mine = await ask('POST', '/silences', wanted(), 'responder of bot');
    expect(mine.status).toBe(200);
    const general = await ask('POST', '/silences', wanted({ matchers: [{ label: 'priority', value: 'P3' }] }));
    const theirs = [{ label: 'service', operator: '=', value: 'other-bot' }];
    for (const matchers of [
      theirs,
      [{ label: 'service', operator: '=~', value: 'bot' }],
      [{ label: 'priority', value: 'P3' }],
    ])
      expect((await ask('POST', '/silences', wanted({ matchers }), 'responder of bot')).status).toBe(403);
    expect((await ask('DELETE', `/silences/${general.body.id}`, undefined, 'responder of bot')).status).toBe(403);
    const seen = await ask('GET', '/silences?state=current', undefined, 'viewer of other-bot');
    expect(seen.body.silences.map(({ id }) => id)).toEqual([general.body.id]);
    expect((await ask('GET', `/silences/${mine.body.id}`, undefined, 'viewer of other-bot')).status).toBe(404);
    expect((await ask('DELETE', `/silences/${mine.body.id}`, undefined, 'responder of bot')).body.state).toBe(
      'expired',
    );
  });

  it('are in the audit log, each with who made and who ended it', async () => {
    const { entries } = (await ask('GET', '/audit?type=silence.created&limit=1000')).body as unknown as {
      entries: { actor: { kind: string; id: string }; data: { matchers: string[] } }[];
    };
    expect(entries.at(-1)).toMatchObject({
      actor: { kind: 'token' },
      data: { id: 'SIL-1', matchers: ['service="bot"'] },
    });
    expect(JSON.stringify(entries)).not.toContain('we know');
  });
});
