import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { changeGateCommand } from '../../../src/server/cli/change-gate.ts';
import { exchange, objective, service, World } from '../world.ts';

let world: World;
const lines: string[] = [];

beforeAll(async () => {
  world = await World.start({
    services: [
      service('bot', { changes: 'gate' }),
      service('light'),
      service('young', { changes: 'gate' }),
      service('spent', { changes: 'gate' }),
    ],
    objectives: ['young', 'spent'].map((name) =>
      objective(`${name}-up`, { service: name, measure: { type: 'availability' }, target: 0.99 }),
    ),
  });
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
  const changes = ['bot', 'light', 'young', 'spent'].map((name) => ({
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

const approve = async (id: string, person = 'Dana'): Promise<void> => {
  await world.post(`/changes/${id}/submit`, {});
  await world.post(`/changes/${id}/assess`, { reason: 'ok' });
  await world.post(`/changes/${id}/approve`, { person });
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

it('is shut when nothing is left of a budget, by the interval, and outside of the planned time', async () => {
  await approve('of-spent');
  const minute = 60_000;
  const began = world.now;
  await world.spans(
    Array.from({ length: 1000 }, (_, i) => exchange('spent', began + i * 500, { failed: i % 10 === 0 })),
  );
  world.now = began + 20 * minute;
  await world.plimsoll.tick();
  expect(await gate('of-spent')).toBe(1);
  expect(lines.at(-1)).toContain('of-spent: closed: the budget of spent-up is overspent by');
  const planned = { plannedStart: new Date(world.now + 60 * minute).toISOString() };
  await world.post('/changes', {
    changes: [{ id: 'later', service: 'bot', type: 'prompt', kind: 'normal', requestedBy: 'Kim', ...planned }],
  });
  await approve('later');
  expect(await gate('later')).toBe(1);
  expect(lines.at(-1)).toContain('it is planned from');
});

it('is open where the service does not gate; asked as the deployment file says, too', async () => {
  expect(await gate('of-light', false, null)).toBe(0);
  expect(lines.at(-1)).toContain('changes: record');
});

it('shows whoever approved by a name that can not steer the terminal', async () => {
  const change = { id: 'odd', service: 'bot', type: 'prompt', kind: 'normal', requestedBy: 'Kim' };
  await world.post('/changes', { changes: [change] });
  await world.post('/changes/of-bot/cancel', { reason: 'over' });
  await approve('odd', 'Eve\u001b[2K\u009b1A\u202eopen');
  await gate('odd');
  expect(lines.at(-1)).toContain('Eve');
  expect(lines.at(-1)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
