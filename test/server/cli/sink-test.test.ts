import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sinkTestCommand } from '../../../src/server/cli/sink-test.ts';
import { StandIn } from '../../standins/http-server.ts';
import { ServiceNowModel } from '../../standins/servicenow.ts';
import { deployment, service } from '../world.ts';

const GROUP = 'd'.repeat(32);
const KEY = 'k'.repeat(32);
let tool: StandIn;
let said: string[];
beforeEach(async () => {
  tool = await StandIn.start();
  tool.otherwise = { status: 202, body: '{}' };
  said = [];
  for (const way of ['log', 'error'] as const)
    vi.spyOn(console, way).mockImplementation((text) => void said.push(String(text)));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await tool.stop();
});

const run = (name = 'pager', json = false): Promise<number> =>
  sinkTestCommand({
    configuration: {
      deployment: deployment('no-such-folder/no-store.db', {
        sinks: [
          { name: 'pager', type: 'pagerduty', url: tool.url, routingKey: 'env:PD' },
          { name: 'desk', type: 'servicenow', url: tool.url, token: 'env:PD' },
          { name: 'gone', type: 'pagerduty', url: tool.url, routingKey: 'env:GONE' },
        ],
        egress: { allow: ['127.0.0.1'] },
      }),
      services: [service('bot', { supportGroup: GROUP })],
      objectives: [],
    },
    name,
    json,
    secret: async (reference) => {
      if (reference === 'env:GONE') throw new Error(`${KEY} is not there`);
      return KEY;
    },
    now: Date.now,
  });
const told = (): string[] => tool.received.map(({ body }) => JSON.parse(body).event_action);

it('needs no store and no server, ends what it opens, and says no secret', async () => {
  expect(await run()).toBe(0);
  expect(told()).toEqual(['trigger', 'resolve']);
  expect(said.join('\n')).toContain('takes what it is told');
  tool.otherwise = { status: 400, body: KEY };
  expect(await run('pager', true)).toBe(1);
  expect(JSON.parse(said.at(-1)!)).toMatchObject({ passed: false, isLeftOpen: false });
  expect(await run('gone')).toBe(1);
  expect(await run('nobody')).toBe(2);
  expect(said.join('\n')).not.toContain(KEY);
});

it('that is broken off ends its example first', async () => {
  tool.behaviours.push({ slowMs: 200 });
  const status = run();
  await vi.waitFor(() => expect(told()).toEqual(['trigger']));
  const before = process.listenerCount('SIGINT');
  process.emit('SIGINT');
  expect(process.listenerCount('SIGINT')).toBe(before - 1);
  expect(await status).toBe(0);
  expect(told()).toEqual(['trigger', 'resolve']);
  expect(said[0]).toContain('ended first');
});

it('whose example can not be ended says that it may be open there', async () => {
  tool.behaviours.push({ status: 202, body: '{}' }, { status: 400 });
  expect(await run()).toBe(1);
  expect(said.join('\n')).toMatch(/the example plimsoll-test-TEST-\d+ may be open there still: end it by hand/);
});

it('says which support groups ServiceNow does not know: it would take them without a word', async () => {
  const model = new ServiceNowModel();
  tool.answer = model.answer;
  expect(await run('desk')).toBe(0);
  expect(said.join('\n')).toContain(`warning: ${GROUP} is the sys_id of no group`);
  said = [];
  model.groups.add(GROUP);
  expect(await run('desk')).toBe(0);
  expect(said.join('\n')).not.toContain('warning');
});
