import { createHmac, generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { IncidentJson, IncidentState } from '../../src/model/incident.ts';
import { random } from '../random.ts';
import { Traffic } from '../scenarios/traffic.ts';
import { objective, service, World } from '../server/world.ts';
import { StandIn } from '../standins/http-server.ts';
import { ITopModel } from '../standins/itop.ts';
import { JiraModel } from '../standins/jira.ts';
import { PagerDutyModel } from '../standins/pagerduty.ts';
import { ServiceNowModel } from '../standins/servicenow.ts';

/** One seed of choice: `PLIMSOLL_SEED=7 vitest run test/simulation/people`. */
const SEEDS = process.env['PLIMSOLL_SEED'] === undefined ? [1, 2] : [Number(process.env['PLIMSOLL_SEED'])];
const START = Date.parse('2026-11-18T00:00:00Z');
const SERVICES = ['bot-a', 'bot-b', 'bot-c'] as const;
const ROUNDS = 40;
const auditKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const ROUTING_KEY = '0123456789abcdef0123456789abcdef';
const BACK = 'back';

const SERVICENOW: Readonly<Record<IncidentState, string>> = {
  new: '1',
  in_progress: '2',
  on_hold: '3',
  resolved: '6',
  closed: '7',
  cancelled: '8',
};
const ITOP: Readonly<Record<IncidentState, string>> = {
  new: 'new',
  in_progress: 'assigned',
  on_hold: 'pending',
  resolved: 'resolved',
  closed: 'closed',
  cancelled: 'closed',
};

/** People act in four tools and in Plimsoll at the same moments; ServiceNow and iTop are asked, Jira and PagerDuty call. */
async function simulate(seed: number) {
  const dice = random(seed);
  const one = <T>(list: readonly T[]): T => list[Math.floor(dice() * list.length)]!;
  const now = new ServiceNowModel();
  const itop = new ITopModel();
  const jira = new JiraModel();
  const pagerduty = new PagerDutyModel();
  const tools = await Promise.all([now, itop, jira, pagerduty].map(() => StandIn.start()));
  const [nowAt, itopAt, jiraAt, pagerdutyAt] = tools as [StandIn, StandIn, StandIn, StandIn];
  nowAt.answer = now.answer;
  itopAt.answer = itop.answer;
  jiraAt.answer = jira.answer;
  pagerdutyAt.answer = pagerduty.answer;
  const secrets: Record<string, string> = {
    'env:ITOP': itop.password,
    'env:PD': ROUTING_KEY,
    'env:AUDIT_KEY': auditKey,
  };
  const world = await World.start({
    now: START,
    services: SERVICES.map((name) => service(name)),
    objectives: SERVICES.map((name) =>
      objective(`${name}-up`, { service: name, measure: { type: 'availability' }, target: 0.99 }),
    ),
    secret: async (reference) => secrets[reference] ?? BACK,
    spec: {
      egress: { allow: ['127.0.0.1'] },
      sinks: [
        { name: 'now', type: 'servicenow', url: nowAt.url, user: 'plimsoll', password: 'env:S', poll: '10s' },
        {
          name: 'itop',
          type: 'itop',
          url: itopAt.url,
          user: 'plimsoll',
          password: 'env:ITOP',
          organization: 'a',
          caller: 'b',
          team: 'c',
          agent: 'd',
          poll: '10s',
        },
        {
          name: 'jira',
          type: 'jira',
          url: jiraAt.url,
          user: 'u',
          token: 'env:S',
          project: 'OPS',
          webhookSecret: 'env:B',
        },
        { name: 'pd', type: 'pagerduty', url: pagerdutyAt.url, routingKey: 'env:PD', webhookSecret: 'env:B' },
      ],
    },
  });
  now.clock = () => world.now;
  const traffics = SERVICES.map((name) => new Traffic(world, name, START));
  for (const traffic of traffics) await traffic.pass(6, { failed: 20 });
  await world.plimsoll.tick();

  let calls = 0;
  const hook = async (
    name: string,
    payload: object,
    header: (hex: string) => Record<string, string>,
  ): Promise<void> => {
    const body = JSON.stringify(payload);
    const headers = {
      'content-type': 'application/json',
      ...header(createHmac('sha256', BACK).update(body).digest('hex')),
    };
    // Told twice, as tools do.
    for (let times = 0; times < 2; times++) {
      const { status } = await fetch(`${world.api}/hooks/${name}`, { method: 'POST', body, headers });
      expect(status).toBe(200);
    }
    calls++;
  };
  const inPagerDuty = async (index: number, type: 'acknowledged' | 'resolved' | 'unacknowledged'): Promise<void> => {
    const incident = pagerduty.incidents[index];
    if (incident === undefined || incident.status === 'resolved') return;
    if (type === 'unacknowledged' && incident.status !== 'acknowledged') return;
    incident.status = type === 'unacknowledged' ? 'triggered' : type;
    const data = { id: `P${index}`, incident_key: incident.key.split(' ')[1] };
    const event = {
      id: `PD${calls}`,
      event_type: `incident.${type}`,
      occurred_at: new Date(world.now).toISOString(),
      agent: { id: 'PANNA', type: 'user_reference', summary: 'Anna' },
      data,
    };
    await hook('pd', { event }, (hex) => ({ 'x-pagerduty-signature': `v1=${hex}` }));
  };
  const inJira = async (index: number, status: 'Working' | 'Closed'): Promise<void> => {
    const issue = jira.issues[index];
    if (issue === undefined || issue.status === status) return;
    issue.status = status;
    const user = { accountId: 'anna', displayName: 'Anna' };
    const category = status === 'Closed' ? 'done' : 'indeterminate';
    await hook(
      'jira',
      {
        webhookEvent: 'jira:issue_updated',
        timestamp: world.now,
        user,
        issue: {
          key: issue.key,
          fields: {
            labels: issue.fields['labels'],
            creator: { accountId: 'us' },
            status: { statusCategory: { key: category } },
          },
        },
        changelog: { items: [{ field: 'status', toString: status }] },
      },
      (hex) => ({ 'x-hub-signature': `sha256=${hex}`, 'x-atlassian-webhook-identifier': `J${calls}` }),
    );
  };
  const inServiceNow = (index: number, state: '2' | '6'): void => {
    const row = now.rows[index];
    if (row === undefined || row['state'] === state || row['state'] === '7') return;
    now.byHand('anna', row['sys_id']!, {
      state,
      ...(state === '6' ? { close_code: 'Workaround provided', close_notes: 'by hand' } : {}),
      ...(dice() < 0.5 ? { work_notes: `a note of ${calls++}` } : {}),
    });
  };
  const inITop = (index: number): void => {
    const ticket = itop.tickets[index];
    if (ticket === undefined || ticket.status === 'closed') return;
    if (ticket.status === 'resolved') itop.byHand('ben', ticket.id, { stimulus: 'ev_reopen' });
    else if (ticket.status === 'assigned')
      itop.byHand('ben', ticket.id, {
        stimulus: 'ev_resolve',
        fields: { resolution_code: 'other', solution: 'by hand' },
      });
    else itop.byHand('ben', ticket.id, { stimulus: 'ev_assign', fields: { team_id: 'c', agent_id: 'ben' } });
  };
  const inPlimsoll = async (index: number): Promise<void> => {
    const { incidents } = await world.get<{ incidents: IncidentJson[] }>('/incidents');
    const incident = incidents[index % incidents.length]!;
    const [move, body] =
      incident.state === 'resolved'
        ? ['reopen', { reason: 'again' }]
        : one([
            ['resolve', { notes: 'over' }],
            ['acknowledge', {}],
            ['note', { text: 'looking' }],
          ] as const);
    // Somebody else may have been quicker.
    await world.post(`/incidents/${incident.id}/${move}`, body).catch(() => {});
  };
  const waiting = async (): Promise<number> => {
    const row = await world.plimsoll.records
      .selectFrom('outbox')
      .select((select) => select.fn.countAll<number>().as('n'))
      .where('state', '=', 'pending')
      .executeTakeFirstOrThrow();
    return Number(row.n);
  };
  const quiet = async (): Promise<void> => {
    await world.plimsoll.deliver();
    await vi.waitFor(async () => expect(await waiting()).toBe(0));
  };

  await quiet();
  for (let round = 0; round < ROUNDS; round++) {
    const index = Math.floor(dice() * SERVICES.length);
    const acts = [
      () => inPagerDuty(index, one(['acknowledged', 'resolved', 'unacknowledged'])),
      () => inJira(index, one(['Working', 'Closed'])),
      async () => inServiceNow(index, one(['2', '6'])),
      async () => inITop(index),
      () => inPlimsoll(index),
      () => world.plimsoll.tick(),
      () => world.plimsoll.hear(),
    ];
    const chosen = acts.filter(() => dice() < 0.35);
    await Promise.all(chosen.map((act) => act()));
    if (dice() < 0.5) await quiet();
    world.now += 11_000;
  }
  /** Nobody does anything any more: what is known goes round until nothing is new. */
  const count = async (): Promise<number> =>
    (await world.get<{ incidents: IncidentJson[] }>('/incidents')).incidents.reduce(
      (sum, { timeline }) => sum + timeline.length,
      0,
    );
  const settle = async (): Promise<void> => {
    await world.plimsoll.hear();
    await quiet();
    world.now += 11_000;
  };
  for (let i = 0; i < 4; i++) await settle();
  const before = await count();
  for (let i = 0; i < 4; i++) await settle();
  const after = await count();
  const { incidents } = await world.get<{ incidents: IncidentJson[] }>('/incidents');
  const dead = await world.plimsoll.records
    .selectFrom('outbox')
    .select(['sink', 'transition', 'last_error'])
    .where('state', '=', 'dead')
    .execute();
  const inbox = await world.plimsoll.records.selectFrom('inbox').select('state').execute();
  await world.end();
  await Promise.all(tools.map((tool) => tool.stop()));
  return { incidents, now, itop, jira, pagerduty, before, after, dead, inbox };
}

describe.each(SEEDS)('people in four tools, at the same moments, seed %d', (seed) => {
  let world: Awaited<ReturnType<typeof simulate>>;
  beforeAll(async () => {
    world = await simulate(seed);
  });

  it('everything that was told is dealt with, nothing is dead, and nothing goes round', () => {
    expect(world.dead).toEqual([]);
    expect(world.inbox.filter(({ state }) => state === 'waiting' || state === 'unknown')).toEqual([]);
    expect(world.inbox.filter(({ state }) => state === 'done').length).toBeGreaterThan(5);
    expect(world.after).toBe(world.before);
  });

  it('Plimsoll and all tools agree', () => {
    expect(world.incidents.length).toBeGreaterThanOrEqual(SERVICES.length);
    for (const { id, state } of world.incidents) {
      const over = state === 'resolved' || state === 'closed';
      const key = `plimsoll-test-${id}`;
      const row = world.now.rows.find((one) => one['correlation_id'] === key)!;
      const ticket = world.itop.tickets.find(({ fields }) => String(fields['description']).includes(`(${key})`))!;
      const issue = world.jira.issues.find(({ fields }) => (fields['labels'] as string[]).includes(key))!;
      const alerts = world.pagerduty.incidents.filter((one) => one.key.endsWith(` ${key}`));
      const isClosed = issue.status === 'Closed';
      const isOpen = alerts.some(({ status }) => status !== 'resolved');
      expect([id, row['state'], ticket.status, isClosed, isOpen]).toEqual([
        id,
        SERVICENOW[state],
        ITOP[state],
        over,
        !over,
      ]);
    }
  });

  it('as many messages as there was to say: none goes back and forth', () => {
    const done = world.inbox.length;
    const said = world.incidents.reduce((sum, { timeline }) => sum + timeline.length, 0);
    expect(said).toBeLessThan(3 * (done + ROUNDS));
    for (const { comments } of world.jira.issues) expect(comments.length).toBeLessThan(said);
  });
});
