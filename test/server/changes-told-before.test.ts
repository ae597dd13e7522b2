import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChangeDetailJson, ChangeGateJson } from '../../src/server/api/openapi/changes.ts';
import { service, World } from './world.ts';

const DAY = 86_400_000;
let world: World;

beforeAll(async () => {
  world = await World.start({
    now: Date.parse('2026-11-20T10:00:00Z'),
    services: [service('bot', { changes: 'gate', approval: 'external' })],
    spec: {
      sinks: [
        {
          name: 'itsm',
          type: 'servicenow',
          url: 'https://itsm.example.com',
          user: 'plimsoll',
          password: 'env:SN',
          webhookSecret: 'env:BACK',
          poll: 'off',
        },
      ],
    },
  });
});
afterAll(() => world.end());

/** As a business rule posts it, whenever anything is done to the record. */
async function told(number: string, count: number, state: string, approval: string): Promise<void> {
  const body = {
    table: 'change_request',
    sys_id: `id-of-${number}`,
    number,
    state,
    approval,
    type: 'normal',
    sys_mod_count: `${count}`,
    approvers:
      approval === 'approved'
        ? [
            {
              sysapproval: `id-of-${number}`,
              state: 'approved',
              'approver.user_name': 'anna',
              'approver.name': 'Anna Berg',
            },
          ]
        : [],
  };
  const response = await fetch(`${world.api}/hooks/itsm`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-plimsoll-secret': 'secret of env:BACK' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  await world.plimsoll.hear();
}
const ask = (id: string, refs: Record<string, string>) =>
  world.post('/changes', {
    changes: [{ id, service: 'bot', type: 'prompt', kind: 'normal', requestedBy: 'Kim', externalRefs: refs }],
  });
const detail = (id: string) => world.get<ChangeDetailJson>(`/changes/${id}`);

it('what was told of a change before it was registered counts when it is, by its number or its id', async () => {
  await told('CHG1', 3, '-2', 'approved');
  await ask('release-1', { itsm: 'chg1' });
  expect(await detail('release-1')).toMatchObject({
    state: 'scheduled',
    approvals: [{ by: { id: 'itsm/anna', name: 'Anna Berg' }, reference: 'CHG1' }],
  });
  expect(await world.get<ChangeGateJson>('/changes/release-1/gate')).toMatchObject({ decision: 'open' });
  // A pipeline that submits what it has asked for goes on.
  expect(await world.post('/changes/release-1/submit', {})).toMatchObject({ state: 'scheduled' });
  await expect(world.post('/changes/release-1/submit', {})).rejects.toThrow('submit is not possible');
  await ask('release-2', { itsm: 'id-of-CHG1' });
  expect((await detail('release-2')).state).toBe('scheduled');
});

it('the last word counts, in whatever order it came', async () => {
  await told('CHG2', 5, '-5', 'rejected');
  await told('CHG2', 4, '-2', 'approved');
  await ask('release-3', { itsm: 'CHG2' });
  expect(await detail('release-3')).toMatchObject({ state: 'new', approvals: [] });
  await told('CHG2', 6, '-2', 'approved');
  expect((await detail('release-3')).state).toBe('scheduled');
});

it('so it does when it is said later what the change is called there', async () => {
  await told('CHG3', 1, '-2', 'approved');
  await ask('release-4', {});
  expect((await detail('release-4')).state).toBe('new');
  await world.post('/changes/release-4/amend', { externalRefs: { itsm: 'CHG3' }, reason: 'its number', person: 'Kim' });
  expect((await detail('release-4')).state).toBe('scheduled');
});

it('what was told a month ago is forgotten', async () => {
  await told('CHG4', 1, '-2', 'approved');
  world.now += 31 * DAY;
  await told('CHG5', 1, '-2', 'approved');
  await ask('release-5', { itsm: 'CHG4' });
  await ask('release-6', { itsm: 'CHG5' });
  expect((await detail('release-5')).state).toBe('new');
  expect((await detail('release-6')).state).toBe('scheduled');
});
