import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChangeDetailJson, ChangeGateJson } from '../../src/server/api/openapi/changes.ts';
import { StandIn } from '../standins/http-server.ts';
import { ServiceNowModel } from '../standins/servicenow.ts';
import { service, World } from './world.ts';

const MINUTE = 60_000;
const tool = new ServiceNowModel();
let stand: StandIn;
let world: World;

beforeAll(async () => {
  stand = await StandIn.start();
  stand.answer = tool.answer;
  world = await World.start({
    now: Date.parse('2026-11-20T10:00:00Z'),
    services: [service('bot', { changes: 'gate', approval: 'external' })],
    spec: {
      egress: { allow: ['127.0.0.1'] },
      sinks: [
        {
          name: 'itsm',
          type: 'servicenow',
          url: stand.url,
          user: 'plimsoll',
          password: 'env:SN',
          webhookSecret: 'env:BACK',
          poll: '60s',
        },
      ],
    },
  });
  tool.clock = () => world.now;
  tool.changeByHand('CHG0030412', { state: '-4', approval: 'requested' });
  await world.post('/changes', {
    changes: [
      {
        id: 'release-42',
        service: 'bot',
        type: 'prompt',
        kind: 'normal',
        requestedBy: 'Kim Sato',
        externalRefs: { itsm: 'CHG0030412' },
      },
    ],
  });
  await world.post('/changes/release-42/submit', {});
});
afterAll(async () => {
  await world.end();
  await stand.stop();
});

/** A minute later it is asked again. */
async function later(): Promise<ChangeDetailJson> {
  world.now += MINUTE;
  await world.plimsoll.hear();
  return world.get<ChangeDetailJson>('/changes/release-42');
}
const gate = () => world.get<ChangeGateJson>('/changes/release-42/gate');

it('what no sink knows is refused: nobody would ever ask about it', async () => {
  const change = { id: 'odd', service: 'bot', type: 'prompt', kind: 'normal', externalRefs: { itms: 'CHG1' } };
  expect(await world.post('/changes', { changes: [change] })).toMatchObject({
    accepted: 0,
    rejected: [{ code: 'PLIM_SIGNAL_INVALID', detail: expect.stringContaining('those that do: itsm') }],
  });
});

it('nothing is approved or rejected here, and the gate is shut until it is approved there', async () => {
  await world.post('/changes/release-42/assess', { reason: 'small', person: 'Dana' });
  for (const [move, body] of [
    ['approve', { person: 'Dana', reference: 'CHG0030412' }],
    ['reject', { person: 'Dana', reason: 'no' }],
  ] as const)
    await expect(world.post(`/changes/release-42/${move}`, body)).rejects.toThrow(
      'it is approved or rejected as CHG0030412 in itsm, and nowhere else',
    );
  const waiting = await later();
  expect([waiting.state, waiting.moves]).toEqual(['authorize', ['attach', 'cancel']]);
  expect(await gate()).toMatchObject({ decision: 'closed', reason: 'it is authorize, not approved' });
});

it('approved by a person there it is approved by that person here, and the gate opens', async () => {
  tool.decide('CHG0030412', 'anna', 'Anna Berg', 'approved', 'fine');
  tool.changeByHand('CHG0030412', { state: '-2', approval: 'approved' });
  expect(await later()).toMatchObject({
    state: 'scheduled',
    externalRefs: { itsm: 'CHG0030412' },
    approvals: [{ by: { kind: 'sink', id: 'itsm/anna', name: 'Anna Berg' }, reference: 'CHG0030412', comment: 'fine' }],
  });
  const open = await gate();
  expect(open.decision).toBe('open');
  expect(open.reason).toContain('approved by Anna Berg as CHG0030412');
});

it('taken back there the gate is shut; a business rule may say so at once, and only with its secret', async () => {
  tool.changeByHand('CHG0030412', { state: '-5', approval: 'not requested' });
  const { sys_id, sys_mod_count, sys_updated_on } = tool.changes[0]!;
  const post = (secret: string) =>
    fetch(`${world.api}/hooks/itsm`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-plimsoll-secret': secret },
      body: JSON.stringify({
        table: 'change_request',
        sys_id,
        number: 'CHG0030412',
        state: '-5',
        approval: 'not requested',
        type: 'normal',
        sys_mod_count,
        sys_updated_on,
      }),
    });
  expect((await post('another')).status).toBe(401);
  expect(await (await post('secret of env:BACK')).json()).toEqual({ taken: 1 });
  expect(await later()).toMatchObject({ state: 'new', approvals: [] });
  expect((await gate()).decision).toBe('closed');
});

it('it begins and ends as it does there; what was done is in the audit log', async () => {
  // Approved and begun between two looks: both are told.
  tool.changeByHand('CHG0030412', { state: '-1', approval: 'approved' });
  expect(await later()).toMatchObject({ state: 'implement', unapproved: false });
  tool.changeByHand('CHG0030412', { state: '0' });
  expect((await later()).state).toBe('review');
  const { entries } = await world.get<{ entries: { type: string; actor: { id: string }; data: { event?: string } }[] }>(
    '/audit?limit=100',
  );
  const moved = entries
    .filter(({ type }) => type === 'change.moved')
    .map(({ actor, data }) => `${actor.id} ${data.event}`);
  expect(moved.filter((one) => one === 'itsm/anna approved')).toHaveLength(2);
  expect(moved).toContain('itsm started');
  expect(moved).toContain('itsm completed');
});

/** As a business rule posts it, whenever that arrives. */
async function posted(number: string, more: object): Promise<unknown> {
  const { sys_id } = tool.changes.find((row) => row['number'] === number)!;
  const response = await fetch(`${world.api}/hooks/itsm`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-plimsoll-secret': 'secret of env:BACK' },
    body: JSON.stringify({ table: 'change_request', sys_id, number, type: 'normal', ...more }),
  });
  const taken = await response.json();
  await world.plimsoll.hear();
  return taken;
}
const ask = (id: string, number: string) =>
  world.post('/changes', {
    changes: [
      { id, service: 'bot', type: 'prompt', kind: 'normal', requestedBy: 'Kim', externalRefs: { itsm: number } },
    ],
  });
const stateOf = async (id: string) => (await world.get<ChangeDetailJson>(`/changes/${id}`)).state;

it('what arrives late does not approve what was rejected since', async () => {
  tool.changeByHand('CHG0030500', { state: '-3', approval: 'requested' });
  await ask('release-50', 'CHG0030500');
  await later();
  expect(await posted('CHG0030500', { state: '-5', approval: 'rejected', sys_mod_count: '7' })).toEqual({ taken: 1 });
  const approval = { state: '-2', approval: 'approved' };
  expect(await posted('CHG0030500', { ...approval, sys_mod_count: '6' })).toEqual({ taken: 1 });
  expect(await stateOf('release-50')).toBe('new');
  expect(await posted('CHG0030500', { ...approval, sys_mod_count: '8' })).toEqual({ taken: 1 });
  expect(await stateOf('release-50')).toBe('scheduled');
});

it('a second change of the same number is told of it as well, beside the first and after it', async () => {
  tool.changeByHand('CHG0030600', { state: '-2', approval: 'approved' });
  await ask('first', 'CHG0030600');
  await later();
  expect(await stateOf('first')).toBe('scheduled');
  await ask('second', 'CHG0030600');
  await later();
  expect(await stateOf('second')).toBe('scheduled');
  for (const id of ['first', 'second']) await world.post(`/changes/${id}/cancel`, { reason: 'again' });
  await ask('third', 'CHG0030600');
  await later();
  expect(await stateOf('third')).toBe('scheduled');
});

it('a number in small letters is the same number, and keeps nobody from being told of others', async () => {
  tool.changeByHand('CHG0030700', { state: '-2', approval: 'approved' });
  tool.changeByHand('CHG0030701', { state: '-2', approval: 'approved' });
  // As ServiceNow does, which looks at no capitals.
  stand.answer = (received) => tool.answer({ ...received, path: received.path.replaceAll('chg', 'CHG') });
  await ask('small', 'chg0030700');
  await ask('other', 'CHG0030701');
  await later();
  expect([await stateOf('small'), await stateOf('other')]).toEqual(['scheduled', 'scheduled']);
});

it('what is approved there opens the gate while it is planned there, and approves nothing after that', async () => {
  const at = (minutes: number): string =>
    new Date(world.now + minutes * MINUTE).toISOString().slice(0, 19).replace('T', ' ');
  tool.changeByHand('CHG0030800', { state: '-2', approval: 'approved', start_date: at(10), end_date: at(20) });
  await ask('planned', 'CHG0030800');
  await later();
  expect(await stateOf('planned')).toBe('scheduled');
  const isInTime = async () =>
    (await world.get<ChangeGateJson>('/changes/planned/gate')).checks.find(({ name }) => name === 'window')!.passed;
  expect(await isInTime()).toBe(false);
  world.now += 10 * MINUTE;
  expect(await isInTime()).toBe(true);
  world.now += 10 * MINUTE;
  expect(await isInTime()).toBe(false);
  await ask('too late', 'CHG0030800');
  await later();
  const late = await world.get<ChangeDetailJson>('/changes/too%20late');
  expect(late.state).toBe('new');
  expect(late.timeline.at(-1)!.text).toContain('CHG0030800 is approved, which does not count: it was planned until');
});
