import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChangeDetailJson, ChangeGateJson } from '../../src/server/api/openapi/changes.ts';
import { service, World } from './world.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');
const DAY = 86_400_000;

let world: World;
beforeAll(async () => {
  world = await World.start({
    now: NOW,
    services: [service('light'), service('reviewed', { changes: 'review' }), service('gated', { changes: 'gate' })],
  });
});
afterAll(() => world.end());

const tell = (of: string, more: object = {}): Promise<object> =>
  world.post('/changes', {
    changes: [{ id: `of-${of}`, service: of, type: 'prompt', before: '7', after: '8', ...more }],
  });
const detail = (id: string) => world.get<ChangeDetailJson>(`/changes/${id}`);

it('record: what is told of is recorded, and nothing else', async () => {
  await tell('light');
  expect(await detail('of-light')).toMatchObject({ kind: null, state: 'implemented' });
});

it('review: what is told of is weighed with reasons, watched and reviewed, and a person signs that', async () => {
  expect(await tell('reviewed')).toMatchObject({ accepted: 1 });
  expect(await tell('reviewed')).toMatchObject({ accepted: 0, duplicates: 1 });
  expect(await detail('of-reviewed')).toMatchObject({
    state: 'review',
    unapproved: true,
    assessment: { risk: 'high', reasons: ['it was not evaluated before: no offline evaluation is attached'] },
    timeline: [{ event: 'told' }],
  });
  world.now = NOW + DAY + 120_000;
  await world.plimsoll.tick();
  expect(await detail('of-reviewed')).toMatchObject({ review: { result: 'inconclusive', signed: null } });
  const signed = await world.post('/changes/of-reviewed/review', { notes: 'looked at', person: 'Dana' });
  expect(signed).toMatchObject({ state: 'closed', review: { signed: { by: { name: 'Dana' } } } });
});

it('review stops nothing: the gate is open, and says why', async () => {
  await tell('reviewed', { id: 'asked', kind: 'normal' });
  const gate = await world.get<ChangeGateJson>('/changes/asked/gate');
  expect(gate).toMatchObject({ decision: 'open', reason: expect.stringContaining('changes: review') });
});

it('gate: what was made without being asked for says so among its risks', async () => {
  await tell('gated');
  expect(await detail('of-gated')).toMatchObject({
    state: 'review',
    unapproved: true,
    assessment: { risk: 'high', reasons: expect.arrayContaining(['it was made, and nobody had approved it']) },
  });
});

it('what was approved before it was told of, and what is only announced, is taken at its word', async () => {
  await tell('gated', { id: 'approved', state: 'approved' });
  expect(await detail('approved')).toMatchObject({ state: 'review', unapproved: false });
  await tell('gated', { id: 'planned', state: 'planned' });
  expect(await detail('planned')).toMatchObject({ kind: null, state: 'planned' });
});
