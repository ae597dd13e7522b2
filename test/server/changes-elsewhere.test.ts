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

it('nothing is approved or rejected here, and the gate is shut until it is approved there', async () => {
  await world.post('/changes/release-42/assess', { reason: 'small', person: 'Dana' });
  for (const [move, body] of [
    ['approve', { person: 'Dana', reference: 'CHG0030412' }],
    ['reject', { person: 'Dana', reason: 'no' }],
  ] as const)
    await expect(world.post(`/changes/release-42/${move}`, body)).rejects.toThrow(
      'it is approved or rejected as CHG0030412 in itsm, and nowhere else',
    );
  expect((await later()).state).toBe('authorize');
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
