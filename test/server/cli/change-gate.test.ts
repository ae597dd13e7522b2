import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { changeGateCommand } from '../../../src/server/cli/change-gate.ts';
import { objective, service, World } from '../world.ts';

let world: World;
const lines: string[] = [];

beforeAll(async () => {
  world = await World.start({
    services: [service('bot', { changes: 'gate' }), service('light'), service('young', { changes: 'gate' })],
    objectives: [objective('young-up', { service: 'young', measure: { type: 'availability' }, target: 0.99 })],
  });
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
  const changes = ['bot', 'light', 'young'].map((name) => ({
    id: `of-${name}`,
    service: name,
    type: 'prompt',
    kind: 'normal',
    requestedBy: 'Kim',
  }));
  await world.post('/changes', { changes });
});
afterEach(() => lines.splice(0));
afterAll(async () => {
  vi.restoreAllMocks();
  await world.end();
});

const gate = (id: string, json = false, server: string | null = world.plimsoll.addresses.http): Promise<number> =>
  changeGateCommand({ id, server, deployment: () => world.configuration.deployment, json });

const approve = async (id: string): Promise<void> => {
  await world.post(`/changes/${id}/submit`, {});
  await world.post(`/changes/${id}/assess`, { reason: 'ok' });
  await world.post(`/changes/${id}/approve`, { person: 'Dana' });
};

it('is shut until the change is approved, and says so', async () => {
  expect(await gate('of-bot')).toBe(1);
  expect(lines).toEqual(['of-bot: closed: it is new, not approved']);
  await approve('of-bot');
  expect(await gate('of-bot', true)).toBe(0);
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ id: 'of-bot', decision: 'open', checks: expect.any(Array) });
});

it('can not be known where nothing was counted that the promise is about, where nobody answers and of no such change', async () => {
  await approve('of-young');
  expect(await gate('of-young')).toBe(2);
  expect(lines.at(-1)).toContain("what is left of young-up can't be known");
  expect(await gate('of-nothing')).toBe(2);
  expect(await gate('of-bot', false, 'http://127.0.0.1:1')).toBe(2);
  expect(lines.at(-1)).toContain('nobody answers');
});

it('is open where the service does not gate; asked as the deployment file says, too', async () => {
  expect(await gate('of-light', false, null)).toBe(0);
  expect(lines.at(-1)).toContain('changes: record');
});
