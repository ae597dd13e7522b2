import { afterAll, beforeAll, expect, it } from 'vitest';
import { exchange, service, World } from './world.ts';

interface Detail {
  readonly findings: readonly { kind: string; since: string; evidence: Record<string, unknown> }[];
  readonly seen: readonly { kind: string; name: string; standing: string; lastDay: number }[];
}

let world: World;
const odd = { model: 'gpt-4o-mini-2026-01-01', promptVersion: '8' };
const end = Date.parse('2026-11-20T11:58:00Z');
const strangers = [exchange('bot', end, odd), exchange('bot', end, odd)];
beforeAll(async () => {
  world = await World.start({
    now: Date.parse('2026-11-20T12:00:00Z'),
    services: [
      service('bot', {
        owner: { name: 'Dana' },
        models: [{ provider: 'openai', name: 'gpt-4o-mini', version: '2024-07-18', retiresOn: '2030-01-01' }],
        prompts: [{ id: 'answer', version: '7' }],
      }),
      service('quiet', { owner: { name: 'Dana' } }),
    ],
  });
  await world.spans([exchange('bot', end), exchange('quiet', end, odd), ...strangers]);
  await world.post('/settle', {});
});
afterAll(() => world.end());

it('a model and a prompt in other versions than the file has are findings with traffic and traces', async () => {
  const { findings, seen } = await world.get<Detail>('/services/bot');
  const traces = expect.arrayContaining(strangers.map(({ traceId }) => traceId));
  expect(findings).toMatchObject([
    {
      kind: 'unapproved_version',
      since: '2026-11-20T11:58:00.000Z',
      evidence: { component: 'model', examples: [{ name: odd.model, lastDay: 2, traces }] },
    },
    { kind: 'unapproved_version', evidence: { component: 'prompt_version', examples: [{ name: '8', traces }] } },
  ]);
  expect(seen.map(({ kind, name, standing }) => `${kind} ${name} ${standing}`).sort()).toEqual([
    'model gpt-4o-mini-2024-07-18 declared',
    'model gpt-4o-mini-2026-01-01 other_version',
    'prompt_version 7 declared',
    'prompt_version 8 other_version',
  ]);
});

it('the list of services counts them, and a file that lists nothing has none', async () => {
  const { services } = await world.get<{ services: { name: string; findings: unknown[] }[] }>('/services');
  expect(services.map(({ name, findings }) => [name, findings.length])).toEqual([
    ['bot', 2],
    ['quiet', 0],
  ]);
  const { seen } = await world.get<Detail>('/services/quiet');
  expect(new Set(seen.map(({ standing }) => standing))).toEqual(new Set(['not_told']));
});

it('an approved change lifts what it introduces, and is named beside it; rolled back it lifts nothing', async () => {
  const move = (name: string, body: object = {}) => world.post(`/changes/p-8/${name}`, body);
  const versions = async () => {
    const { findings, seen } = await world.get<Detail>('/services/bot');
    return [findings.map(({ evidence }) => evidence['component']), seen.find(({ name }) => name === '8')];
  };
  const change = { id: 'p-8', service: 'bot', type: 'prompt', kind: 'normal', before: '7', after: '8' };
  await world.post('/changes', { changes: [{ ...change, requestedBy: 'Kim', rollbackPlan: 'back to 7' }] });
  await move('submit');
  await move('assess', { reason: 'small' });
  expect(await versions()).toEqual([['model', 'prompt_version'], expect.objectContaining({ approvedBy: null })]);
  await move('approve', { person: 'Dana' });
  expect(await versions()).toEqual([['model'], expect.objectContaining({ standing: 'approved', approvedBy: 'p-8' })]);
  const { services } = await world.get<{ services: Detail[] }>('/services');
  expect(services[0]!.findings).toHaveLength(1);
  await move('start');
  await move('complete', { rolledBack: true });
  expect(await versions()).toEqual([
    ['model', 'prompt_version'],
    expect.objectContaining({ standing: 'other_version', approvedBy: null }),
  ]);
});
