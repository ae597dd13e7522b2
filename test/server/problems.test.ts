import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { problemToJson } from '../../src/model/problem.ts';
import { incidentsOf, Traffic } from '../scenarios/traffic.ts';
import { ENGINES, objective, service, World } from './world.ts';

const NOW = Date.parse('2026-11-20T00:00:00Z');
type ProblemJson = ReturnType<typeof problemToJson>;
type Answer = ProblemJson & { code: string; detail: string; legal: string[]; problems: ProblemJson[]; moves: string[] };

describe.each(ENGINES)('problems over the API (%s)', (engine) => {
  let world: World;
  const tokens = new Map<string, string>();
  const make = async (name: string, role: string, services?: string[]): Promise<void> => {
    const { token } = await world.post<{ token: string }>('/tokens', { role, ...(services && { services }) });
    if (world.token === null) world.token = token;
    tokens.set(name, token);
  };
  const ask = async (method: string, path: string, body?: object, who = 'admin') => {
    const response = await fetch(`${world.api}${path}`, {
      method,
      headers: { authorization: `Bearer ${tokens.get(who)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer };
  };
  const idOf = async (name: string): Promise<string> =>
    (await incidentsOf(world)).find((one) => one.service === name)!.id;

  beforeAll(async () => {
    const up = (name: string, measure: object) => objective(`${name}-up`, { service: name, measure, target: 0.99 });
    world = await World.start({
      engine,
      now: NOW,
      // Nobody answers there: what is told of problems waits.
      spec: {
        sinks: [{ name: 'ops', type: 'webhook', url: 'http://127.0.0.1:1/in', secret: 'env:OPS' }],
        egress: { allow: ['127.0.0.1'] },
      },
      services: [service('bot', { criticality: 4 }), service('other-bot', { criticality: 4 })],
      objectives: [up('bot', { type: 'availability' }), up('other-bot', { type: 'availability' })],
    });
    await make('admin', 'admin');
    await make('responder', 'responder', ['bot']);
    await make('approver', 'approver', ['bot']);
    await make('viewer of another', 'viewer', ['other-bot']);
    const traffic = new Traffic(world, 'bot', NOW);
    const other = new Traffic(world, 'other-bot', NOW);
    for (let i = 0; i < 20 && (await incidentsOf(world)).length < 2; i++) {
      await traffic.pass(1, { failed: 4 });
      await other.pass(1, { failed: 4 });
      await traffic.judge();
    }
  });
  afterAll(() => world.end());

  it('are opened by people, about incidents of one service that have none', async () => {
    const bot = await idOf('bot');
    const wanted = { title: 'It fails', incidents: [bot], reason: 'we have seen it before' };
    const mixed = await ask('POST', '/problems', { ...wanted, incidents: [bot, await idOf('other-bot')] });
    expect(mixed).toMatchObject({ status: 400, body: { detail: expect.stringContaining('another service') } });
    expect((await ask('POST', '/problems', { ...wanted, incidents: ['INC-99'] })).status).toBe(404);
    expect((await ask('POST', '/problems', { ...wanted, incidents: [] })).status).toBe(400);
    const made = await ask('POST', '/problems', wanted, 'responder');
    expect(made).toMatchObject({
      status: 200,
      body: { id: 'PRB-1', state: 'new', rule: 'person', incidents: [bot], category: 'ai.availability.error_rate' },
    });
    expect(await world.get(`/incidents/${bot}`)).toMatchObject({ problem: 'PRB-1' });
    expect(await ask('POST', '/problems', wanted)).toMatchObject({
      status: 409,
      body: { code: 'PLIM_PROBLEM_LINKED' },
    });
  });

  it('are seen by whoever may see their service', async () => {
    expect((await ask('GET', '/problems', undefined, 'viewer of another')).body.problems).toEqual([]);
    expect((await ask('GET', '/problems/PRB-1', undefined, 'viewer of another')).status).toBe(404);
    expect((await ask('GET', '/problems?state=open&service=bot')).body.problems).toHaveLength(1);
    expect((await ask('GET', '/problems?state=closed')).body.problems).toEqual([]);
    expect((await ask('GET', '/problems?cursor=x')).status).toBe(400);
    const { body } = await ask('GET', '/problems/PRB-1', undefined, 'approver');
    expect(body.moves).toEqual([]);
    expect((await ask('GET', '/problems/PRB-1', undefined, 'responder')).body.moves).toContain('assess');
  });

  it('are told of by the outbox, where who may look after their service finds what waits', async () => {
    type Messages = {
      messages: { id: string; incident: string; service: string; transition: string; state: string }[];
    };
    const waiting = async (who: string) =>
      ((await ask('GET', '/outbox?incident=PRB-1', undefined, who)).body as unknown as Messages).messages;
    const [message, ...more] = await waiting('responder');
    expect(more).toEqual([]);
    expect(message).toMatchObject({ incident: 'PRB-1', service: 'bot', transition: 'opened', state: 'pending' });
    expect(await waiting('viewer of another')).toEqual([]);
    const dropped = await ask('POST', `/outbox/${message!.id}/discard`, { reason: 'told by phone' }, 'responder');
    expect(dropped).toMatchObject({ status: 200, body: { state: 'discarded' } });
  });

  it('say what is possible when something is not, and who may', async () => {
    expect(await ask('POST', '/problems/PRB-1/fix', {}, 'responder')).toMatchObject({
      status: 409,
      body: { code: 'PLIM_PROBLEM_ILLEGAL_MOVE', legal: expect.arrayContaining(['assess']) },
    });
    expect((await ask('POST', '/problems/PRB-1/shrug', {}, 'responder')).status).toBe(404);
    expect(await ask('POST', '/problems/PRB-1/confirm', { cause: 'the moon', reason: 'x' })).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/^cause: expected one of data_quality, model_drift, /) },
    });
    expect((await ask('GET', '/problems?state=shut')).body.detail).toBe(
      'state: expected one of new, assess, root_cause_analysis, fix_in_progress, resolved, closed, open, found "shut"',
    );
    expect((await ask('POST', '/problems/PRB-1/assess', {}, 'responder')).body.state).toBe('assess');
    const until = new Date(world.now + 86_400_000).toISOString();
    const accept = { until, reason: 'cheap' };
    expect((await ask('POST', '/problems/PRB-1/accept', accept, 'responder')).status).toBe(403);
    for (const past of ['2020-01-01T00:00:00Z', new Date(world.now).toISOString()])
      expect(await ask('POST', '/problems/PRB-1/accept', { until: past, reason: 'cheap' }, 'approver')).toMatchObject({
        status: 400,
        body: { code: 'PLIM_API_BAD_REQUEST', detail: 'until: a risk is borne until a time in the future' },
      });
    // However it is written.
    expect((await ask('POST', '/problems/PRB-1/%61ccept', accept, 'responder')).status).not.toBe(200);
    expect(await ask('GET', '/problems/PRB-1')).toMatchObject({ body: { state: 'assess' } });
  });

  it('keep one incident at least, are duplicates within one service alone, and end as somebody decides', async () => {
    const bot = await idOf('bot');
    const alone = await ask('POST', '/problems/PRB-1/unlink', { incident: bot, reason: 'no' });
    expect(alone).toMatchObject({ status: 409, body: { detail: expect.stringContaining('cancel') } });
    const again = await ask('POST', '/problems', { title: 'Again', incidents: [await idOf('other-bot')], reason: 'x' });
    expect(again.body.id).toBe('PRB-2');
    expect((await ask('POST', '/problems/PRB-2/duplicate', { of: 'PRB-1' })).status).toBe(400);
    expect(
      (await ask('POST', '/problems/PRB-1/accept', { until: '2026-12-24T00:00:00Z', reason: 'cheap' }, 'approver'))
        .body,
    ).toMatchObject({
      state: 'closed',
      closedAs: 'risk_accepted',
      riskAcceptance: { until: '2026-12-24T00:00:00.000Z' },
    });
    expect((await ask('POST', '/problems/PRB-2/cancel', { reason: 'a test' })).body.closedAs).toBe('canceled');
    await world.plimsoll.tick();
    expect((await ask('GET', '/problems')).body.problems.map(({ id }) => id)).toEqual(['PRB-2', 'PRB-1']);
  });
});
