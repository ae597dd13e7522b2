import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChangeDetailJson, ChangeGateJson } from '../../src/server/api/openapi/changes.ts';
import { service, World } from './world.ts';

const FOLDER = join(import.meta.dirname, '../golden/hooks/github');
const ID = 'deployment-github-2900000001';
const SHA = 'b9f1c2d3e4a5968778695a4b3c2d1e0f11223344';

let world: World;
let delivery = 0;

async function start(changes: 'record' | 'review' | 'gate'): Promise<void> {
  world = await World.start({
    now: Date.parse('2026-11-20T10:20:00Z'),
    services: [service('support-bot', { changes }), service('other')],
    spec: {
      hooks: [
        {
          name: 'github',
          type: 'github',
          secret: 'env:GITHUB',
          deployments: [
            {
              repository: 'acme/support-bot',
              deployedTo: 'prod-eu',
              environment: 'production',
              services: ['support-bot'],
            },
          ],
        },
      ],
    },
  });
}
beforeEach(() => {
  delivery = 0;
});
afterEach(() => world.end());

/** The parts that tests change. */
interface Said {
  readonly deployment: { id: number; environment: string; payload: unknown };
  readonly deployment_status: { id: number };
}

/** As GitHub sends it. */
async function send(name: string, more: (said: Said) => void = () => {}, secret = 'secret of env:GITHUB') {
  const said = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
  more(said);
  const body = JSON.stringify(said, null, 1);
  const response = await fetch(`${world.api}/hooks/github`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': name.split('.')[0]!,
      'x-github-delivery': `00000000-0000-0000-0000-${String(++delivery).padStart(12, '0')}`,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
    body,
  });
  const answer = { status: response.status, ...((await response.json()) as { taken?: number; code?: string }) };
  await world.plimsoll.hear();
  return answer;
}
const detail = (id = ID) => world.get<ChangeDetailJson>(`/changes/${id}`);
const listed = async () => (await world.get<{ changes: { id: string; state: string }[] }>('/changes')).changes;
const declared = async () =>
  (await world.get<{ entries: { type: string }[] }>('/audit?limit=200')).entries.filter(
    ({ type }) => type === 'change.declared' || type === 'change.started',
  ).length;

it('a deployment is recorded once, however often and in whatever order it is told', async () => {
  await start('record');
  expect(await send('ping')).toEqual({ status: 200, taken: 0 });
  expect(await send('deployment.created', undefined, 'another')).toMatchObject({ code: 'PLIM_HOOK_SIGNATURE' });
  // The status before the deployment, and what is repeated under other ids of a delivery.
  expect(await send('deployment_status.in_progress')).toEqual({ status: 200, taken: 1 });
  expect(await send('deployment_status.in_progress')).toEqual({ status: 200, taken: 0 });
  await send('deployment.created');
  expect(await listed()).toMatchObject([
    { id: ID, state: 'begun', service: 'support-bot', environment: 'production', after: { id: SHA } },
  ]);
  await send('deployment_status.success');
  await send('deployment_status.waiting');
  expect(await listed()).toMatchObject([{ id: ID, state: 'implemented', at: '2026-11-20T10:00:00.000Z' }]);
  // Said later: it did not stay.
  await send('deployment_status.failure');
  await send('deployment_status.success');
  expect(await listed()).toMatchObject([{ id: ID, state: 'failed', description: 'health check failed' }]);
  expect(await declared()).toBe(1);
});

it('what failed at once is recorded as failed; another environment or a deployment that was only ordered is not', async () => {
  await start('record');
  await send('deployment.created');
  await send('deployment_status.success', (said) => {
    said.deployment.environment = 'staging';
  });
  expect(await listed()).toEqual([]);
  await send('deployment_status.failure');
  expect(await listed()).toMatchObject([{ id: ID, state: 'failed' }]);
});

it('the next version links to what differs from the one before', async () => {
  await start('review');
  await send('deployment_status.success');
  expect((await detail()).link).toBe(`https://github.com/acme/support-bot/commit/${SHA}`);
  const next = 'c'.repeat(40);
  await send('deployment_status.success', (said) => {
    Object.assign(said.deployment, { id: 2900000002, sha: next });
    Object.assign(said.deployment_status, { id: 3900000020, created_at: '2026-11-20T10:15:00Z' });
  });
  expect(await detail('deployment-github-2900000002')).toMatchObject({
    before: { id: SHA },
    after: { id: next },
    link: `https://github.com/acme/support-bot/compare/${SHA}...${next}`,
  });
});

it('of a service that reviews it is weighed and watched; one that failed was rolled back', async () => {
  await start('review');
  await send('deployment_status.in_progress');
  expect(await detail()).toMatchObject({
    state: 'implement',
    requestedBy: { kind: 'sink', id: 'github/kimsato' },
    assessment: { risk: 'high' },
    startedAt: '2026-11-20T10:00:00.000Z',
  });
  await send('deployment_status.failure');
  expect(await detail()).toMatchObject({ state: 'review', rolledBack: true, endedAt: '2026-11-20T10:09:00.000Z' });
  expect(await declared()).toBe(1);
});

it('of a service that gates it is asked for when it is ordered, and goes out once it is approved', async () => {
  await start('gate');
  await send('deployment.created');
  expect(await detail()).toMatchObject({ state: 'assess', startedAt: null });
  const gate = () => world.get<ChangeGateJson>(`/changes/${ID}/gate`);
  // Its job runs, and asks the gate.
  await send('deployment_status.in_progress');
  expect(await gate()).toMatchObject({ decision: 'closed', reason: 'it is assess, not approved' });
  await world.post(`/changes/${ID}/assess`, { reason: 'small', person: 'Dana' });
  await world.post(`/changes/${ID}/approve`, { person: 'Dana' });
  expect(await gate()).toMatchObject({ decision: 'open' });
  await send('deployment_status.success');
  expect(await detail()).toMatchObject({ state: 'review', unapproved: false, rolledBack: false });
});

it('deployed all the same without an approval it is what happened, and the gate stays shut', async () => {
  await start('gate');
  await send('deployment_status.success');
  expect(await detail()).toMatchObject({ state: 'review', unapproved: true });
  expect((await detail()).assessment!.reasons).toContain('it was made, and nobody had approved it');
  await world.post('/changes', {
    changes: [{ id: 'asked', service: 'support-bot', type: 'prompt', kind: 'normal' }],
  });
  const naming = (said: Said): void => {
    Object.assign(said.deployment, { id: 2900000003, payload: { plimsoll: { change: 'asked' } } });
    said.deployment_status.id = 3900000030;
  };
  await send('deployment_status.success', naming);
  expect(await detail('asked')).toMatchObject({ state: 'review', unapproved: true });
  expect((await world.get<ChangeGateJson>('/changes/asked/gate')).decision).toBe('closed');
});

it('a change that was asked for is begun and ended by the deployment that names it, of its own service only', async () => {
  await start('gate');
  await world.post('/changes', {
    changes: [
      {
        id: 'release-8',
        service: 'support-bot',
        type: 'prompt',
        kind: 'normal',
        before: '7',
        after: '8',
        requestedBy: 'Kim',
      },
      { id: 'foreign', service: 'other', type: 'prompt', kind: 'normal', requestedBy: 'Kim' },
    ],
  });
  await world.post('/changes/release-8/submit', {});
  await world.post('/changes/release-8/assess', { reason: 'small', person: 'Dana' });
  await world.post('/changes/release-8/approve', { person: 'Dana' });
  const naming = (change: string) => (said: Said) => {
    said.deployment.payload = { plimsoll: { change } };
  };
  await send('deployment_status.in_progress', naming('release-8'));
  expect(await detail('release-8')).toMatchObject({ state: 'implement', startedAt: '2026-11-20T10:00:00.000Z' });
  await send('deployment_status.success', naming('release-8'));
  expect(await detail('release-8')).toMatchObject({ state: 'review', endedAt: '2026-11-20T10:08:00.000Z' });
  await send('deployment_status.success', (said) => {
    naming('foreign')(said);
    said.deployment.id = 2900000005;
    said.deployment_status.id = 3900000050;
  });
  expect(await detail('foreign')).toMatchObject({ state: 'new' });
  expect(await detail('deployment-github-2900000005')).toMatchObject({ service: 'support-bot' });
});

it('a rehearsal in another environment does not begin the change that it names', async () => {
  await start('record');
  await world.post('/changes', {
    changes: [
      {
        id: 'release-9',
        service: 'support-bot',
        environment: 'staging',
        type: 'prompt',
        kind: 'emergency',
        requestedBy: 'Kim',
      },
    ],
  });
  await world.post('/changes/release-9/submit', {});
  await world.post('/changes/release-9/approve', { person: 'Dana' });
  await send('deployment_status.success', (said) => {
    said.deployment.payload = { plimsoll: { change: 'release-9' } };
  });
  expect(await detail('release-9')).toMatchObject({ state: 'scheduled', startedAt: null });
  expect(await detail()).toMatchObject({ environment: 'production', state: 'implemented' });
});

it('one that names a change that is made already is a change of its own, and does not touch that one', async () => {
  await start('gate');
  await world.post('/changes', {
    changes: [{ id: 'release-10', service: 'support-bot', type: 'prompt', kind: 'emergency', requestedBy: 'Kim' }],
  });
  await world.post('/changes/release-10/submit', {});
  await world.post('/changes/release-10/approve', { person: 'Dana' });
  const of = (id: number, status: number) => (said: Said) => {
    Object.assign(said.deployment, { id, payload: { plimsoll: { change: 'release-10' } } });
    said.deployment_status.id = status;
  };
  // Begun side by side both are of it.
  await send('deployment_status.in_progress', of(2900000010, 3900000100));
  await send('deployment_status.in_progress', of(2900000011, 3900000110));
  await send('deployment_status.success', of(2900000010, 3900000101));
  expect(await detail('release-10')).toMatchObject({ state: 'review', rolledBack: false });
  await send('deployment_status.success', of(2900000011, 3900000111));
  expect((await listed()).map(({ id }) => id)).toEqual(['release-10']);
  for (const state of ['review', 'closed']) {
    if (state === 'closed')
      await world.post('/changes/release-10/review', { result: 'successful', notes: 'well', person: 'Dana' });
    const id = state === 'review' ? 2900000012 : 2900000013;
    const known = (await detail('release-10')).timeline.length;
    await send('deployment_status.failure', of(id, 2 * id));
    expect(await detail(`deployment-github-${id}`)).toMatchObject({ state: 'failed' });
    await send('deployment_status.success', of(id, 2 * id + 1));
    expect(await detail(`deployment-github-${id}`)).toMatchObject({ state: 'review', unapproved: true });
    expect(await detail('release-10')).toMatchObject({ state, rolledBack: false });
    expect((await detail('release-10')).timeline).toHaveLength(known);
  }
  // A word more of the one that made it still counts there.
  await send('deployment_status.failure', of(2900000010, 3900000109));
  expect((await detail('release-10')).timeline.at(-1)!.text).toContain('it is closed, and a deployment has failed');
});

it('one that failed may be tried again by another deployment of it', async () => {
  await start('record');
  await world.post('/changes', {
    changes: [{ id: 'release-11', service: 'support-bot', type: 'prompt', kind: 'emergency', requestedBy: 'Kim' }],
  });
  await world.post('/changes/release-11/submit', {});
  await world.post('/changes/release-11/approve', { person: 'Dana' });
  for (const [i, name] of ['deployment_status.failure', 'deployment_status.success'].entries())
    await send(name, (said) => {
      Object.assign(said.deployment, { id: 2900000020 + i, payload: { plimsoll: { change: 'release-11' } } });
      said.deployment_status.id = 3900000200 + i;
    });
  expect(await detail('release-11')).toMatchObject({ state: 'review', rolledBack: false });
  expect((await listed()).map(({ id }) => id)).toEqual(['release-11']);
});

it('nobody else gives a change the id of a deployment', async () => {
  await start('record');
  const change = { id: ID, service: 'other', type: 'prompt' };
  for (const one of [change, { ...change, kind: 'normal' }])
    expect(await world.post('/changes', { changes: [one] })).toMatchObject({
      accepted: 0,
      rejected: [{ code: 'PLIM_SIGNAL_INVALID', detail: expect.stringContaining('deployments that github tells of') }],
    });
  expect(await world.post('/changes', { changes: [{ ...change, id: 'deployment-gitlab-1' }] })).toMatchObject({
    accepted: 1,
  });
  await send('deployment_status.success');
  expect(await listed()).toContainEqual(expect.objectContaining({ id: ID, service: 'support-bot' }));
});
