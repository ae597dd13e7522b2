import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ROUTE_ACCESS } from '../../../src/server/access/permissions.ts';
import { CHANGE_MOVES } from '../../../src/server/api/change-moves.ts';
import { MOVE_NAMES } from '../../../src/server/api/moves.ts';
import { PROBLEM_MOVES } from '../../../src/server/api/problem-moves.ts';
import { incidentsOf, Traffic } from '../../scenarios/traffic.ts';
import { StandIn } from '../../standins/http-server.ts';
import { Visitor } from '../access/visitor.ts';
import { objective, service, World } from '../world.ts';

const NOW = Date.parse('2026-11-20T00:00:00Z');
const HOUR = 3_600_000;

/** Routes that write and leave no entry, and why that is so. */
const WITHOUT: Readonly<Record<string, string>> = {
  'POST /api/v1/feedback': 'telemetry: counted and stored, nobody decides anything',
  'POST /api/v1/evaluations': 'telemetry',
  'POST /api/v1/labels': 'telemetry',
  'POST /api/v1/settle': 'brings what is in memory into the store: nothing is different',
  'POST /api/v1/hooks/{name}': 'what people do elsewhere has their names: test/scenarios/coming-back.test.ts',
  'POST /api/v1/history/rebuild': 'needs an InfluxDB: test/scenarios/history-edges.test.ts',
};

interface Entry {
  readonly seq: number;
  readonly type: string;
  readonly actor: { readonly kind: string; readonly id: string };
  readonly data: Readonly<Record<string, unknown>>;
}

/** What is written, as a person does it: the address, what is said, and the entry that has to be there then. */
type Step = readonly [
  route: string,
  path: string | (() => Promise<string> | string),
  body: object | (() => object),
  type: string,
];

describe('every writing route of the API leaves an entry with who did it', () => {
  let world: World;
  let receiver: StandIn;
  let traffic: Traffic;
  let actor: { kind: string; id: string };
  const done = new Map<string, string[]>();

  /** With a token of its own, as somebody else. */
  async function comeIn(): Promise<void> {
    const { token, id } = await world.post<{ token: string; id: string }>('/tokens', { role: 'admin' });
    world.token = token;
    actor = { kind: 'token', id };
  }

  const entries = async (): Promise<Entry[]> => (await world.get<{ entries: Entry[] }>('/audit?limit=1000')).entries;

  async function take([route, path, body, type]: Step): Promise<void> {
    const [before] = await entries();
    const at = typeof path === 'string' ? path : await path();
    const [method] = route.split(' ') as [string];
    const response = await fetch(`${world.api}${at}`, {
      method,
      headers: { 'content-type': 'application/json', ...world.headers },
      ...(method === 'DELETE' ? {} : { body: JSON.stringify(typeof body === 'function' ? body() : body) }),
    });
    const answer = await response.text();
    expect([`${route} ${at}`, response.status, answer]).toEqual([`${route} ${at}`, 200, expect.any(String)]);
    const left = (await entries()).filter(({ seq, type: one }) => seq > before!.seq && one === type);
    expect([`${route} ${at}`, left.map((one) => one.actor)]).toEqual([`${route} ${at}`, [actor]]);
    done.set(route, [...(done.get(route) ?? []), at]);
  }

  const moves =
    (route: string, base: string, type: (move: string) => string) =>
    (...steps: readonly (readonly [move: string, body?: object | (() => object)])[]): Step[] =>
      steps.map(([move, body = {}]) => [route, `${base}/${move}`, body, type(move)] as const);

  beforeAll(async () => {
    receiver = await StandIn.start();
    // What is told is refused: there is something to send again, and to drop.
    receiver.otherwise = { status: 400 };
    world = await World.start({
      now: NOW,
      engine: 'sqlite',
      services: [service('bot', { criticality: 4 }), service('other', { criticality: 4 })],
      objectives: ['bot', 'other'].map((name) =>
        objective(`${name}-up`, { service: name, measure: { type: 'availability' }, target: 0.99 }),
      ),
      spec: {
        sinks: [{ name: 'ops', type: 'webhook', url: `${receiver.url}/in`, secret: 'env:OPS' }],
        egress: { allow: ['127.0.0.1'] },
      },
    });
    await comeIn();
    const other = new Traffic(world, 'other', NOW);
    traffic = new Traffic(world, 'bot', NOW);
    const breakBoth = async (known: number): Promise<void> => {
      for (let i = 0; i < 30 && (await incidentsOf(world)).length < known; i++) {
        await other.pass(1, { failed: 4 });
        await traffic.pass(1, { failed: 4 });
        await traffic.judge();
      }
    };
    await breakBoth(2);
  }, 60_000);
  afterAll(async () => {
    await world.end();
    await receiver.stop();
  });

  const idOf = async (name: string): Promise<string> =>
    (await incidentsOf(world)).find((one) => one.service === name)!.id;

  it('incidents', async () => {
    const route = 'POST /api/v1/incidents/{id}/{move}';
    const TYPES: Readonly<Record<string, string>> = {
      acknowledge: 'acknowledged',
      hold: 'held',
      resolve: 'resolved',
      reopen: 'reopened',
      close: 'closed',
      cancel: 'closed',
    };
    const type = (move: string): string => `incident.${TYPES[move] ?? 'updated'}`;
    const reason = 'because';
    const steps = moves(route, `/incidents/${await idOf('bot')}`, type)(
      ['acknowledge'],
      ['assign', { to: 'Dana' }],
      ['hold', { reason: 'awaiting_vendor' }],
      ['resume'],
      ['note', { text: 'seen' }],
      ['prioritize', { priority: 2, reason }],
      ['categorize', { category: 'ai.availability.outage', reason }],
      ['classify', { harm: 'hazard', art349: 'none', reason, person: 'Dana' }],
      ['mitigate'],
      ['aware', { person: 'Dana' }],
      ['resolve', { notes: 'rolled back' }],
      ['reopen', { reason }],
      ['resolve', { notes: 'rolled back again' }],
      ['close'],
    );
    for (const step of steps) await take(step);
    for (const step of moves(route, `/incidents/${await idOf('other')}`, type)(['cancel', { reason }]))
      await take(step);
    expect([...new Set(done.get(route)!.map((path) => path.split('/').at(-1)))].toSorted()).toEqual(
      MOVE_NAMES.toSorted(),
    );
    // Why, too: what was written is in the record, and what it comes to is in the log.
    const written = (await entries()).filter(({ type: one }) => one.startsWith('incident.'));
    for (const { data, actor: by } of written)
      if (by.kind === 'token') expect(data['reasonSha256']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('problems', async () => {
    const reason = 'because';
    const first = await idOf('bot');
    await traffic.pass(300, { perMinute: 4 });
    await traffic.judge();
    for (let i = 0; i < 30 && (await idOf('bot')) === first; i++) await traffic.live(1, { failed: 4 });
    const second = await idOf('bot');
    const open = (...incidents: string[]): Step => [
      'POST /api/v1/problems',
      '/problems',
      { title: 'It fails', incidents, reason },
      'problem.open',
    ];
    const of = (id: string) =>
      moves('POST /api/v1/problems/{id}/{move}', `/problems/${id}`, (move) => `problem.${move}`);
    const ending = (id: string, move: string, body: object = {}): Step => [
      `POST /api/v1/problems/{id}/${move}`,
      `/problems/${id}/${move}`,
      body,
      `problem.${move}`,
    ];
    const steps: Step[] = [
      open(first),
      open(second),
      ...of('PRB-2')(['duplicate', { of: 'PRB-1' }]),
      ...of('PRB-1')(
        ['assess'],
        ['analyse'],
        ['confirm', { cause: 'capacity', reason }],
        ['workaround', { text: 'Ask the other one.' }],
        ['note', { text: 'seen' }],
        ['unlink', { incident: second, reason }],
        ['link', { incident: second }],
        ['unlink', { incident: second, reason }],
        ['fix', { change: 'CHG-1' }],
        ['resolve', { notes: 'more quota' }],
        ['reopen', { reason }],
        ['resolve', { notes: 'still more' }],
      ),
      ending('PRB-1', 'close'),
      open(second),
      ...of('PRB-3')(['assess']),
      ending('PRB-3', 'accept', { until: '2027-01-01T00:00:00Z', reason }),
      open(await idOf('other')),
      ...of('PRB-4')(['cancel', { reason }]),
    ];
    for (const step of steps) await take(step);
    const taken = [...done].flatMap(([route, paths]) => (route.includes('/problems/') ? paths : []));
    expect([...new Set(taken.map((path) => path.split('/').at(-1)))].toSorted()).toEqual(PROBLEM_MOVES.toSorted());
    for (const { data, actor: by } of (await entries()).filter(({ type }) => type.startsWith('problem.')))
      if (by.kind === 'token') expect(data['reasonSha256']).toMatch(/^[0-9a-f]{64}$/);
  }, 60_000);

  it('changes', async () => {
    const reason = 'because';
    const asked = (id: string, more: object = {}): Step => [
      'POST /api/v1/changes',
      '/changes',
      () => ({
        changes: [
          { id, service: 'bot', type: 'prompt', kind: 'normal', before: '7', after: '8', requestedBy: 'Kim', ...more },
        ],
      }),
      'change.requested',
    ];
    const of =
      (id: string) =>
      (...steps: readonly (readonly [move: string, body?: object])[]): Step[] =>
        steps.map(([move, body = {}]) => [
          `POST /api/v1/changes/{id}/${move}`,
          `/changes/${id}/${move}`,
          body,
          'change.moved',
        ]);
    const evidence = [{ run: 'eval-1', n: 200, low: 0.9, high: 0.95 }];
    const told = { id: 'CHG-0', service: 'bot', type: 'prompt', after: '8' };
    const steps: Step[] = [
      ['POST /api/v1/changes', '/changes', { changes: [told] }, 'change.declared'],
      asked('CHG-1'),
      ...of('CHG-1')(
        ['amend', { after: '9', reason, person: 'Kim' }],
        ['attach', { evidence }],
        ['submit'],
        ['revert', { reason }],
        ['submit'],
        ['assess', { reason }],
      ),
      asked('CHG-2'),
      ...of('CHG-2')(['submit'], ['reject', { reason }], ['cancel', { reason }]),
    ];
    for (const step of steps) await take(step);
    // Who asks for a change does not approve it.
    await comeIn();
    for (const step of of('CHG-1')(['approve', { person: 'Dana' }], ['start'], ['complete'])) await take(step);
    // Its watch is over a day later.
    world.now += 26 * HOUR;
    await world.plimsoll.tick();
    for (const step of of('CHG-1')(['review', { notes: 'fine', person: 'Dana' }])) await take(step);
    const taken = [...done].flatMap(([route, paths]) => (route.includes('/changes/') ? paths : []));
    expect([...new Set(taken.map((path) => path.split('/').at(-1)))].toSorted()).toEqual(CHANGE_MOVES.toSorted());
  });

  it('messages, silences, tokens, sessions, the log and the store', async () => {
    const dead = async (): Promise<string[]> =>
      (await world.get<{ messages: { id: string }[] }>('/outbox?state=dead')).messages.map(({ id }) => id);
    await vi.waitFor(async () => expect((await dead()).length).toBeGreaterThan(0), { timeout: 60_000 });
    let spare = '';
    const steps: Step[] = [
      ['POST /api/v1/outbox/{id}/replay', async () => `/outbox/${(await dead())[0]}/replay`, {}, 'delivery.replayed'],
      [
        'POST /api/v1/outbox/{id}/discard',
        async () => `/outbox/${(await dead()).at(-1)}/discard`,
        { reason: 'told by phone' },
        'delivery.discarded',
      ],
      [
        'POST /api/v1/silences',
        '/silences',
        () => ({
          matchers: [{ label: 'service', value: 'bot' }],
          endsAt: new Date(world.now + HOUR).toISOString(),
          comment: 'we know',
        }),
        'silence.created',
      ],
      ['DELETE /api/v1/silences/{id}', '/silences/SIL-1', {}, 'silence.expired'],
      ['POST /api/v1/tokens', '/tokens', { role: 'viewer', name: 'spare' }, 'token.created'],
      [
        'POST /api/v1/tokens/{id}/revoke',
        async () => {
          const { tokens } = await world.get<{ tokens: { id: string; name: string }[] }>('/tokens');
          spare = tokens.find(({ name }) => name === 'spare')!.id;
          return `/tokens/${spare}/revoke`;
        },
        {},
        'token.revoked',
      ],
      ['POST /api/v1/session', '/session', () => ({ token: world.token }), 'session.opened'],
      ['POST /api/v1/audit/exports', '/audit/exports', {}, 'audit.exported'],
      ['POST /api/v1/audit/rotate-key', '/audit/rotate-key', {}, 'audit.key_rotated'],
      ['POST /api/v1/store/move', '/store/move', { step: 'begin', to: 'postgres://there' }, 'store.move_begun'],
    ];
    for (const step of steps) await take(step);
  }, 90_000);

  it('a session that is ended, and entries that are let go of', async () => {
    const visitor = new Visitor(world);
    expect((await visitor.post('/session', { token: world.token })).status).toBe(200);
    expect((await visitor.post('/session/end', {})).status).toBe(200);
    expect((await entries()).find(({ type }) => type === 'session.closed')).toMatchObject({ actor });
    done.set('POST /api/v1/session/end', []);
    world.now += 2 * HOUR;
    await world.plimsoll.tick();
    await take([
      'POST /api/v1/audit/cut',
      '/audit/cut',
      () => ({ before: new Date(world.now - HOUR).toISOString() }),
      'audit.cut',
    ]);
  });

  it('none is left out: one that is new is in this table, or says why it leaves none', () => {
    const writing = Object.keys(ROUTE_ACCESS).filter((route) => !route.startsWith('GET '));
    expect([...done.keys(), ...Object.keys(WITHOUT)].toSorted()).toEqual(writing.toSorted());
  });
});
