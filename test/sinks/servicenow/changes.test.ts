import { beforeEach, expect, it } from 'vitest';
import type { AskedChange } from '../../../src/sinks/inbound.ts';
import { servicenow } from '../../../src/sinks/servicenow/index.ts';
import type { Http, SinkContext } from '../../../src/sinks/sink.ts';
import { receivedOf } from '../../standins/conversation.ts';
import { noMail } from '../../standins/no-mail.ts';
import { ServiceNowModel } from '../../standins/servicenow.ts';

const options = {
  url: 'https://dev.service-now.example',
  user: 'plimsoll',
  password: 'env:SN',
  token: null,
  mode: 'table' as const,
  table: null,
  webhookSecret: 'env:BACK',
  poll: 60_000,
};
const { poll, hook } = servicenow.inbound!;
const { changes: look } = poll!;

let now: number;
let tool: ServiceNowModel;
let asked: string[];
let warnings: string[];
let context: SinkContext<typeof options>;

beforeEach(() => {
  now = Date.UTC(2026, 10, 1, 10, 30);
  tool = new ServiceNowModel();
  tool.clock = () => now;
  asked = [];
  warnings = [];
  const http: Http = async (request) => {
    asked.push(new URL(request.url).pathname.split('/').at(-1)!);
    const { status, headers = {}, body = '' } = tool.answer(receivedOf(request));
    return { kind: 'answer', status, headers, body: body.slice(0, 65_536) };
  };
  context = {
    options,
    http,
    mail: noMail,
    now: () => now,
    secret: async () => 'secret',
    deployment: 'eu1',
    consoleUrl: 'https://plimsoll.example.com',
    warn: (code) => warnings.push(code),
  };
  tool.changeByHand('CHG0030412', { state: '-3', approval: 'requested' });
  tool.changeByHand('CHG0000001', { short_description: 'of somebody else' });
});

const ask = (...references: string[]): AskedChange[] => references.map((reference) => ({ reference, mark: '1' }));
const sysId = (): string => tool.changes[0]!['sys_id']!;

it('says how a change stands that is known by number or sys_id, and again only when it has changed', async () => {
  const first = await look!(null, ask('CHG0030412'), context);
  expect(first.events).toMatchObject([
    {
      about: { externalRefs: ['CHG0030412', sysId()] },
      standing: { reference: 'CHG0030412', approval: 'pending', state: 'authorize', decided: [] },
    },
  ]);
  expect((await look!(first.cursor, ask('CHG0030412'), context)).events).toEqual([]);
  now += 60_000;
  tool.decide('CHG0030412', 'anna', 'Anna Berg', 'approved', 'looks right');
  tool.changeByHand('CHG0030412', { state: '-2', approval: 'approved' });
  const second = await look!(first.cursor, ask(sysId()), context);
  expect(second.events).toMatchObject([
    {
      standing: {
        approval: 'approved',
        state: 'scheduled',
        decided: [{ by: { id: 'anna', name: 'Anna Berg' }, isApproved: true, comment: 'looks right', at: now + 999 }],
      },
    },
  ]);
  expect(second.events[0]!.id).not.toBe(first.events[0]!.id);
  // It has changed here: what stands there is told again.
  const again = await look!(second.cursor, [{ reference: 'CHG0030412', mark: '2' }], context);
  expect(again.events).toHaveLength(1);
});

it.each([
  ['-5', 'requested', 'normal', 'pending', 'new'],
  ['-2', 'requested', 'normal', 'pending', 'scheduled'],
  ['-1', 'not requested', 'normal', 'pending', 'implement'],
  ['-2', 'not requested', 'standard', 'approved', 'scheduled'],
  ['-5', 'not requested', 'standard', 'pending', 'new'],
  ['-5', 'rejected', 'normal', 'rejected', 'new'],
  ['0', 'approved', 'emergency', 'approved', 'review'],
  ['4', 'not requested', 'normal', 'pending', 'cancelled'],
  ['-16', 'approved', 'normal', 'approved', null],
])('state %s, approval %s of a %s change: %s, %s', async (state, approval, type, expected, known) => {
  tool.changeByHand('CHG0030412', { state, approval, type });
  const { events } = await look!(null, ask('CHG0030412'), context);
  expect(events[0]!.standing).toMatchObject({ approval: expected, state: known });
});

it.each([
  ['2026-11-21 22:00:00', '2026-11-21 23:30:00', { from: '2026-11-21T22:00:00Z', to: '2026-11-21T23:30:00Z' }],
  ['', '2026-11-21 23:30:00', { from: null, to: '2026-11-21T23:30:00Z' }],
  ['2026-11-21 22:00:00', '2026-11-21 22:00:00', null],
  ['', '', null],
])('planned from "%s" to "%s" it says so', async (start_date, end_date, planned) => {
  tool.changeByHand('CHG0030412', { start_date, end_date });
  const { events } = await look!(null, ask('CHG0030412'), context);
  const { window } = events[0]!.standing!;
  const iso = (at: number | null): string | null =>
    at === null ? null : new Date(at).toISOString().replace('.000', '');
  expect(window === undefined ? null : { from: iso(window.from), to: iso(window.to) }).toEqual(planned);
});

it('a table that does not search by number is not believed', async () => {
  tool.removed.add('number').add('sys_id');
  await expect(look!(null, ask('CHG0030412'), context)).rejects.toMatchObject({ outcome: { kind: 'permanent' } });
});

it('what is no reference is not put into a query; where nobody may see who has decided, that is said', async () => {
  tool.hidesApprovers = true;
  tool.changeByHand('CHG0030412', { approval: 'approved' });
  const { events } = await look!(null, ask('CHG0030412', 'x^ORDERBYnumber', 'a,b'), context);
  expect(events).toMatchObject([{ standing: { approval: 'approved', decided: [] } }]);
  expect(warnings).toEqual(['odd_reference', 'no_approvers']);
});

it('a decision that can not be read is no approval by nobody: it might be of whoever asks', async () => {
  tool.decide('CHG0030412', 'kim', 'Kim Sato', 'approved', 'x'.repeat(70_000));
  tool.changeByHand('CHG0030412', { state: '-2', approval: 'approved' });
  const { events, cursor } = await look!(null, ask('CHG0030412'), context);
  expect(events).toEqual([]);
  expect(warnings).toEqual(['odd_approver']);
  tool.approvers[0]!['comments'] = 'ok';
  expect((await look!(cursor, ask('CHG0030412'), context)).events).toMatchObject([
    { standing: { approval: 'approved', decided: [{ by: { id: 'kim' } }] } },
  ]);
});

it('hundreds are asked about in pieces, and what is gone there says nothing', async () => {
  const many = Array.from({ length: 120 }, (_, i) => `CHG1${String(i).padStart(6, '0')}`);
  for (const number of many.slice(0, 90)) tool.changeByHand(number, {});
  expect((await look!(null, ask(...many), context)).events).toHaveLength(90);
  expect(asked.filter((table) => table === 'change_request').length).toBeLessThan(10);
});

it('a business rule may post the same', () => {
  const body = {
    table: 'change_request',
    sys_id: sysId(),
    number: 'CHG0030412',
    state: '-2',
    approval: 'approved',
    type: 'normal',
    sys_mod_count: '4',
    sys_updated_on: '2026-11-01 10:30:00',
    approvers: [
      { sysapproval: sysId(), state: 'approved', 'approver.user_name': 'anna', 'approver.name': 'Anna Berg' },
      { sysapproval: 'of another', state: 'approved', 'approver.user_name': 'bo' },
      { sysapproval: sysId(), state: 'requested', 'approver.user_name': 'cy' },
    ],
  };
  const events = hook!.read({ headers: {}, body: Buffer.from(JSON.stringify(body)) }, context);
  expect(events).toMatchObject([
    {
      id: `change:${sysId()}:4`,
      standing: { approval: 'approved', state: 'scheduled', decided: [{ by: { id: 'anna', name: 'Anna Berg' } }] },
    },
  ]);
});
