import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeDetailJson } from '../../src/server/api/openapi/changes.ts';
import { ENGINES, service, World } from './world.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');
const HOUR = 3_600_000;
const iso = (at: number): string => new Date(at).toISOString();

describe.each(ENGINES)('changes that are asked for (%s)', (engine) => {
  let world: World;
  const tokens = new Map<string, string>();
  const make = async (name: string, role: string, services?: string[]): Promise<void> => {
    const { token } = await world.post<{ token: string }>('/tokens', { role, ...(services && { services }) });
    if (world.token === null) world.token = token;
    tokens.set(name, token);
  };
  const ask = async <T = ChangeDetailJson & { detail: string; code: string; legal: string[] }>(
    method: string,
    path: string,
    who: string,
    body?: object,
  ): Promise<{ status: number; body: T }> => {
    const response = await fetch(`${world.api}${path}`, {
      method,
      headers: { authorization: `Bearer ${tokens.get(who)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  };
  const request = async (id: string, more: object = {}): Promise<object> =>
    (
      await ask<object>('POST', '/changes', 'ci', {
        changes: [{ id, service: 'bot', type: 'prompt', kind: 'normal', before: '7', after: '8', ...more }],
      })
    ).body;
  const move = (id: string, name: string, who: string, body: object = {}) =>
    ask('POST', `/changes/${id}/${name}`, who, body);
  const detail = async (id: string) => (await ask('GET', `/changes/${id}`, 'approver')).body;

  beforeAll(async () => {
    world = await World.start({
      engine,
      now: NOW,
      services: [
        service('bot', {
          changes: 'gate',
          dependsOn: ['search'],
          freezeWindows: [{ from: '2026-12-18T00:00:00Z', to: '2027-01-04T00:00:00Z' }],
        }),
        service('search'),
        service('outside', { approval: 'external' }),
      ],
    });
    await make('admin', 'admin');
    await make('ci', 'ingest');
    await make('approver', 'approver');
    await make('approver of search', 'approver', ['search']);
  });
  afterAll(() => world.end());

  it('go the way of a normal change; what was only told of is recorded as ever', async () => {
    expect(await request('r-1')).toMatchObject({ accepted: 1, duplicates: 0, rejected: [] });
    expect(await request('r-1')).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await detail('r-1')).toMatchObject({ state: 'new', kind: 'normal', moves: [], before: { id: '7' } });
    expect(await move('r-1', 'start', 'ci')).toMatchObject({
      status: 409,
      body: { code: 'PLIM_CHANGE_ILLEGAL_MOVE', legal: ['amend', 'attach', 'submit', 'cancel'] },
    });
    expect((await move('r-1', 'submit', 'ci')).body).toMatchObject({
      state: 'assess',
      assessment: { risk: 'high', reasons: ['it was not evaluated before: no offline evaluation is attached'] },
    });
    const evidence = [{ run: 'run-9', n: 500, low: 0.93, high: 0.97 }];
    expect((await move('r-1', 'attach', 'ci', { evidence })).body.assessment).toMatchObject({ risk: 'moderate' });
    expect((await move('r-1', 'assess', 'approver', { reason: 'small' })).body.state).toBe('authorize');
    expect((await move('r-1', 'approve', 'ci')).status).toBe(403);
    expect((await move('r-1', 'approve', 'approver of search')).status).toBe(404);
    expect((await move('r-1', 'approve', 'approver', { comment: 'go' })).body.state).toBe('scheduled');
    world.now += HOUR;
    expect((await move('r-1', 'start', 'ci')).body).toMatchObject({ state: 'implement', startedAt: iso(world.now) });
    expect((await move('r-1', 'complete', 'ci')).body.state).toBe('review');
    expect(await move('r-1', 'review', 'approver', { notes: 'fine' })).toMatchObject({
      status: 409,
      body: { code: 'PLIM_CHANGE_REFUSED' },
    });
    const signed = await move('r-1', 'review', 'approver', { notes: 'fine', result: 'successful', person: 'Dana' });
    expect(signed.body).toMatchObject({
      state: 'closed',
      review: { signed: { result: 'successful', by: { name: 'Dana' } } },
    });
    expect(signed.body.timeline.map(({ event }) => event)).toEqual([
      'requested',
      'submitted',
      'evidence',
      'assessed',
      'approved',
      'started',
      'completed',
      'reviewed',
    ]);

    await ask('POST', '/changes', 'ci', {
      changes: [{ id: 'told', service: 'bot', type: 'tool', state: 'new', link: 7 }],
    });
    const listed = await ask<{ changes: { id: string; kind: string | null; state: string }[] }>(
      'GET',
      '/changes?service=bot',
      'approver',
    );
    expect(listed.body.changes.map(({ id, kind, state }) => [id, kind, state])).toEqual([
      ['told', null, 'new'],
      ['r-1', 'normal', 'closed'],
    ]);
    expect((await ask<{ changes: object[] }>('GET', '/changes?state=closed', 'approver')).body.changes).toHaveLength(1);
    expect((await ask<{ changes: object[] }>('GET', '/changes', 'approver of search')).body.changes).toEqual([]);
    const audit = await ask<{
      entries: { type: string; data: { id: string; event?: string; reasonSha256?: string } }[];
    }>('GET', '/audit?limit=100', 'admin');
    const of = audit.body.entries.filter(({ type, data }) => type.startsWith('change.') && data.id === 'r-1');
    expect(of.map(({ type, data }) => `${type} ${data.event ?? ''}`.trim()).toReversed()).toEqual([
      'change.requested',
      'change.moved submitted',
      'change.moved evidence',
      'change.moved assessed',
      'change.moved approved',
      'change.moved started',
      'change.started',
      'change.moved completed',
      'change.moved reviewed',
    ]);
  });

  it('page by page', async () => {
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await ask<{ changes: { id: string }[]; nextCursor?: string }>(
        'GET',
        `/changes?limit=1${cursor}`,
        'approver',
      );
      seen.push(...body.changes.map(({ id }) => id));
      if (body.nextCursor === undefined) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen).toEqual(['told', 'r-1']);
  });

  it('are held by a freeze, but in an emergency that a named person has approved', async () => {
    world.now = Date.parse('2026-12-20T00:00:00Z');
    await request('frozen');
    await move('frozen', 'submit', 'ci');
    await move('frozen', 'assess', 'approver', { reason: 'ok' });
    await move('frozen', 'approve', 'approver');
    expect((await detail('frozen')).conflicts.map(({ kind }) => kind)).toEqual(['freeze']);
    expect(await move('frozen', 'start', 'ci')).toMatchObject({ status: 409, body: { code: 'PLIM_CHANGE_REFUSED' } });
    await request('burns', { kind: 'emergency' });
    expect((await move('burns', 'submit', 'ci')).body.state).toBe('authorize');
    expect((await move('burns', 'approve', 'approver')).body.detail).toContain('named person');
    expect((await move('burns', 'approve', 'approver', { person: 'Dana' })).body.state).toBe('scheduled');
    expect((await move('burns', 'start', 'ci')).body).toMatchObject({ state: 'implement', inFreeze: true });
    await move('burns', 'complete', 'ci');
    await move('frozen', 'cancel', 'ci', { reason: 'next year' });
  });

  it('stand against what is changed above and below at the same time; the gate says so', async () => {
    world.now = Date.parse('2027-02-01T00:00:00Z');
    const planned = { plannedStart: iso(world.now), plannedEnd: iso(world.now + HOUR) };
    for (const [id, of] of [
      ['below', 'search'],
      ['above', 'bot'],
    ] as const) {
      await request(id, { ...planned, service: of });
      await move(id, 'submit', 'ci');
      await move(id, 'assess', 'approver', { reason: 'ok' });
    }
    type Gate = { decision: string; reason: string };
    const gate = async () => (await ask<Gate>('GET', '/changes/above/gate', 'ci')).body;
    expect(await gate()).toMatchObject({ decision: 'closed', reason: 'it is authorize, not approved' });
    await move('above', 'approve', 'approver');
    expect(await gate()).toMatchObject({ decision: 'open' });
    await move('below', 'approve', 'approver');
    expect(await gate()).toMatchObject({ decision: 'closed', reason: expect.stringContaining('below') });
    expect((await detail('above')).conflicts).toMatchObject([{ kind: 'upstream', change: 'below' }]);
    expect((await detail('below')).conflicts).toMatchObject([{ kind: 'downstream', change: 'above' }]);
    await move('below', 'cancel', 'ci', { reason: 'later' });
    world.now += HOUR;
    expect((await gate()).reason).toContain('it is planned from');
  });

  it('that are standard follow a template that went well three times', async () => {
    const like = { template: 'prompt wording' };
    for (const id of ['t-1', 't-2', 't-3']) {
      await request(id, like);
      await request(`standard-${id}`, { ...like, kind: 'standard' });
      expect(await move(`standard-${id}`, 'submit', 'ci')).toMatchObject({ status: 409 });
      await move(id, 'submit', 'ci');
      await move(id, 'assess', 'approver', { reason: 'ok' });
      await move(id, 'approve', 'approver');
      world.now += HOUR;
      await move(id, 'start', 'ci');
      await move(id, 'complete', 'ci');
    }
    await request('t-4', { ...like, kind: 'standard' });
    expect((await move('t-4', 'submit', 'ci')).body.state).toBe('scheduled');
    await move('t-4', 'start', 'ci');
    await move('t-4', 'complete', 'ci', { rolledBack: true, notes: 'worse' });
    await request('t-5', { ...like, kind: 'standard' });
    expect((await move('t-5', 'submit', 'ci')).status).toBe(409);
  });

  it('that are standard follow no template whose last change somebody calls unsuccessful', async () => {
    const like = { template: 'corpus' };
    for (const id of ['u-1', 'u-2', 'u-3', 'u-4']) {
      await request(id, like);
      await move(id, 'submit', 'ci');
      await move(id, 'assess', 'approver', { reason: 'ok' });
      await move(id, 'approve', 'approver');
      world.now += HOUR;
      await move(id, 'start', 'ci');
      await move(id, 'complete', 'ci');
    }
    const signed = { notes: 'answers are worse', result: 'unsuccessful', person: 'Dana' };
    expect((await move('u-4', 'review', 'approver', signed)).body).toMatchObject({ state: 'closed' });
    await request('u-5', { ...like, kind: 'standard' });
    expect((await move('u-5', 'submit', 'ci')).status).toBe(409);
  });

  it('that are approved elsewhere carry what they are called there', async () => {
    await request('e-1', { service: 'outside' });
    await move('e-1', 'submit', 'ci');
    await move('e-1', 'assess', 'approver', { reason: 'ok' });
    expect((await move('e-1', 'approve', 'approver')).body.detail).toContain('another tool');
    const approved = await move('e-1', 'approve', 'approver', { reference: 'CHG0030', person: 'Kim' });
    expect(approved.body.approvals).toMatchObject([{ reference: 'CHG0030', by: { name: 'Kim' } }]);
  });

  it('are refused with the reason when they can not be read', async () => {
    for (const [more, said] of [
      [{ kind: 'usual' }, 'kind'],
      [{ state: 'closed' }, 'begins as new'],
      [{ plannedStart: iso(NOW), plannedEnd: iso(NOW) }, 'end before it begins'],
      [{ link: 'javascript:alert(1)' }, 'https'],
    ] as const) {
      const answer = (await request('odd', more)) as { rejected: { detail: string }[] };
      expect(answer.rejected[0]!.detail).toContain(said);
    }
  });

  it('told of twice in one request it is one change, with one entry of the audit log', async () => {
    const changes = ['8', '9'].map((after) => ({ id: 'told-twice', service: 'search', type: 'prompt', after }));
    expect((await ask<object>('POST', '/changes', 'ci', { changes })).body).toMatchObject({
      accepted: 1,
      duplicates: 1,
    });
    const path = '/audit?type=change.declared';
    const { body } = await ask<{ entries: { data: { id: string } }[] }>('GET', path, 'admin');
    expect(body.entries.filter(({ data }) => data.id === 'told-twice')).toHaveLength(1);
    expect(await detail('told-twice')).toMatchObject({ after: { id: '8' } });
    // It is known, and no more than that; nobody else is told so.
    const gate = async (id: string, who: string) => (await ask('GET', `/changes/${id}/gate`, who)).body.detail;
    expect(await gate('told-twice', 'approver')).toMatch(/^"told-twice" was only told of: it was not asked for/);
    expect((await move('told-twice', 'start', 'ci')).body.detail).toMatch(/^"told-twice" was only told of/);
    const nobody = (id: string): string => `no change is named "${id}"; GET /api/v1/changes lists them`;
    expect(await gate('nothing', 'approver')).toBe(nobody('nothing'));
    await ask('POST', '/changes', 'ci', { changes: [{ id: 'of-bot', service: 'bot', type: 'prompt' }] });
    expect(await gate('of-bot', 'approver of search')).toBe(nobody('of-bot'));
  });
});
