import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Remote } from '../../src/model/delivery.ts';
import { type Hook, HookFault, type HookRequest, type Inbound, type RemoteEvent } from '../../src/sinks/inbound.ts';
import { type SinkType, sinks } from '../../src/sinks/index.ts';
import { signedHeaders } from '../../src/sinks/webhook/signature.ts';

const SECRET = 'a secret of callbacks';
const NOW = Date.UTC(2026, 10, 1, 10, 30);
const NOTE = 'looked at\u202e it: <b>restart</b> helps\u0000';
const CONTEXT = { deployment: 'eu1', consoleUrl: 'https://plimsoll.example.com' };
const CORRELATION = 'plimsoll-eu1-INC-42';
const hmac = (body: string): string => createHmac('sha256', SECRET).update(body).digest('hex');

/** A sink whose tool calls, and what it calls with. One without an entry here fails to compile. */
interface Caller {
  readonly options: object;
  readonly sign: (body: string) => Record<string, string>;
  /** What a person did, as the tool tells it. */
  readonly did: string;
  /** A note of a person; the tool has none that it tells of: null. */
  readonly noted: string | null;
  /** What Plimsoll did itself. Null: the tool tells of nothing that programs do. */
  readonly own: string | null;
}

const pagerDuty = (
  type: string,
  data: object,
  agent: object = { id: 'PANNA', type: 'user_reference', summary: 'Anna' },
) =>
  JSON.stringify({
    event: {
      id: `E-${type}`,
      event_type: `incident.${type}`,
      resource_type: 'incident',
      occurred_at: '2026-11-01T10:20:00Z',
      agent,
      data: { id: 'PINC', type: 'incident', status: type, incident_key: CORRELATION, ...data },
    },
  });
const jira = (webhookEvent: string, more: object, accountId = 'anna') =>
  JSON.stringify({
    timestamp: Date.UTC(2026, 10, 1, 10, 20),
    webhookEvent,
    user: { accountId, displayName: 'Anna' },
    issue: {
      id: '1',
      key: 'OPS-1',
      fields: {
        labels: ['plimsoll', CORRELATION],
        creator: { accountId: 'us' },
        status: { name: 'Done', statusCategory: { key: 'done' } },
        resolution: { name: 'Duplicate' },
      },
    },
    ...more,
  });
const row = (more: object) =>
  JSON.stringify({
    sys_id: 'f'.repeat(32),
    sys_mod_count: '4',
    sys_updated_on: '2026-11-01 10:20:00',
    sys_updated_by: 'anna',
    sys_created_by: 'plimsoll',
    correlation_id: CORRELATION,
    state: '6',
    impact: '1',
    urgency: '2',
    close_code: 'Workaround provided',
    close_notes: 'restarted',
    ...more,
  });
const pressed = (action_id: string) =>
  new URLSearchParams({
    payload: JSON.stringify({
      type: 'block_actions',
      user: { id: 'U1', username: 'anna' },
      channel: { id: 'C1' },
      actions: [{ action_id, value: CORRELATION, action_ts: '1793527200.1' }],
    }),
  }).toString();
const alert = (labels: object) =>
  JSON.stringify({
    version: '4',
    status: 'firing',
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'DiskFull', ...labels },
        annotations: { summary: 'the disk is full' },
        startsAt: '2026-11-01T10:20:00Z',
        fingerprint: 'abc',
      },
    ],
  });
const told = (type: string, data: object) =>
  JSON.stringify({ type, data: { incident: 'INC-42', by: { id: 'anna', name: 'Anna' }, ...data } });
const shared = () => ({ 'x-plimsoll-secret': SECRET });

const callers: Partial<Record<SinkType, Caller>> = {
  pagerduty: {
    options: {},
    sign: (body) => ({ 'x-pagerduty-signature': `v1=${hmac(body)}` }),
    did: pagerDuty('resolved', {}),
    noted: pagerDuty('annotated', {
      id: 'N',
      incident_key: null,
      content: NOTE,
      incident: { id: 'PINC', type: 'incident_reference' },
    }),
    own: pagerDuty('acknowledged', {}, { id: 'I', type: 'inbound_integration_reference' }),
  },
  jira: {
    options: {},
    sign: (body) => ({ 'x-hub-signature': `sha256=${hmac(body)}`, 'x-atlassian-webhook-identifier': 'J-1' }),
    did: jira('jira:issue_updated', { changelog: { items: [{ field: 'status', toString: 'Done' }] } }),
    noted: jira('comment_created', { comment: { author: { accountId: 'anna', displayName: 'Anna' }, body: NOTE } }),
    own: jira('jira:issue_updated', { changelog: { items: [{ field: 'status', toString: 'Done' }] } }, 'us'),
  },
  servicenow: {
    options: { user: 'plimsoll' },
    sign: shared,
    did: row({}),
    noted: row({
      notes: [{ sys_id: 'j1', value: NOTE, sys_created_on: '2026-11-01 10:20:00', sys_created_by: 'anna' }],
    }),
    own: row({ sys_updated_by: 'plimsoll' }),
  },
  itop: {
    options: { user: 'plimsoll' },
    sign: shared,
    did: JSON.stringify({
      id: '17',
      status: 'resolved',
      impact: '1',
      urgency: '1',
      last_update: '2026-11-01 10:20:00',
      agent_id_friendlyname: 'Anna',
    }),
    noted: null,
    own: null,
  },
  slack: {
    options: { channel: 'C1' },
    sign: (body) => {
      const at = String(NOW / 1000);
      return { 'x-slack-request-timestamp': at, 'x-slack-signature': `v0=${hmac(`v0:${at}:${body}`)}` };
    },
    did: pressed('plimsoll_resolve'),
    noted: null,
    own: null,
  },
  alertmanager: {
    options: {},
    sign: () => ({ authorization: `Bearer ${SECRET}` }),
    did: alert({ service: 'bot', objective: 'up' }),
    noted: null,
    own: alert({ alertname: 'PlimsollBreach', service: 'bot', incident: 'INC-42' }),
  },
  grafana: {
    options: {},
    sign: (body) => ({ 'x-grafana-alerting-signature': hmac(body) }),
    did: alert({ service: 'bot' }),
    noted: null,
    own: alert({ service: 'bot', incident: 'INC-42' }),
  },
  webhook: {
    options: {},
    sign: (body) => signedHeaders([Buffer.from(SECRET)], 'msg_1', NOW, body),
    did: told('incident.resolved', { code: 'known_error', notes: 'as last week' }),
    noted: told('incident.noted', { text: NOTE }),
    own: null,
  },
};

const calling = (Object.keys(sinks) as SinkType[]).filter((type) => sinks[type].inbound?.hook !== undefined);

it('every sink whose tool calls is tried here', () => {
  expect(Object.keys(callers).toSorted()).toEqual(calling.toSorted());
});

describe.each(calling)('%s keeps the contract of callbacks', (type) => {
  const caller = callers[type]!;
  const inbound = sinks[type].inbound as Inbound<unknown>;
  const hook = inbound.hook as Hook<unknown>;
  const requestOf = (body: string): HookRequest => ({ headers: caller.sign(body), body: Buffer.from(body) });
  const read = (body: string): readonly RemoteEvent[] =>
    hook.read(requestOf(body), { options: caller.options, ...CONTEXT });

  it('takes what is signed and nothing else', () => {
    for (const body of [caller.did, caller.noted, caller.own].filter((one) => one !== null)) {
      const { headers, body: bytes } = requestOf(body);
      expect(hook.verify({ headers, body: bytes }, SECRET, NOW)).toBe('genuine');
      expect(hook.verify({ headers, body: bytes }, `${SECRET}.`, NOW)).toBe('forged');
      expect(hook.verify({ headers: {}, body: bytes }, SECRET, NOW)).toBe('forged');
      const isShown = 'x-plimsoll-secret' in headers || 'authorization' in headers;
      if (!isShown) expect(hook.verify({ headers, body: Buffer.from(`${body} `) }, SECRET, NOW)).toBe('forged');
    }
  });

  it('reads what a person did, under the same id each time, as the golden file has it', async () => {
    const events = read(caller.did);
    expect(events).toHaveLength(1);
    expect(read(caller.did)).toEqual(events);
    expect(events[0]!.id).toMatch(/^.{1,200}$/);
    expect(JSON.parse(JSON.stringify(events))).toEqual(events);
    const golden = JSON.stringify({ callback: caller.did, events }, null, 2);
    await expect(`${golden}\n`).toMatchFileSnapshot(`../golden/sinks/${type}/callback.json`);
  });

  it.runIf(caller.noted !== null)('a note is text without control characters, and no longer than a note may be', () => {
    const notes = (body: string) => read(body).flatMap(({ acts }) => acts.filter((act) => act.type === 'note'));
    expect(notes(caller.noted!)).toEqual([{ type: 'note', text: 'looked at  it: <b>restart</b> helps' }]);
    const long = caller.noted!.replace(JSON.stringify(NOTE).slice(1, -1), 'x'.repeat(8_100));
    for (const { text } of notes(long) as { text: string }[]) expect(text.length).toBeLessThanOrEqual(8_000);
  });

  it.runIf(caller.own !== null)('what we did ourselves asks for nothing', () => {
    expect(read(caller.own!).flatMap(({ acts }) => acts)).toEqual([]);
    expect(read(caller.own!).every(({ own }) => own === true)).toBe(true);
  });

  it('whatever is signed is read or refused, and nothing falls over', () => {
    const shapes = fc.oneof(
      fc.json({ maxDepth: 4 }),
      fc.string(),
      fc.jsonValue({ maxDepth: 3 }).map((value) => caller.did.replace(/"[^"]{3,}"/, JSON.stringify(value))),
      fc.nat(caller.did.length).map((length) => caller.did.slice(0, length)),
    );
    fc.assert(
      fc.property(shapes, (body) => {
        try {
          for (const event of read(body)) {
            expect(event.id.length).toBeLessThanOrEqual(200);
            const remote: Remote = {
              id: 'x',
              state: { told: { state: '1', place: 'new', category: 'new', priority: 2 } },
            };
            if (event.shows !== undefined) {
              inbound.compare?.(event.shows, remote);
              inbound.absorb?.(remote, event);
            }
          }
        } catch (error) {
          expect(error).toBeInstanceOf(HookFault);
          expect((error as HookFault).message).toMatch(/^.{5,300}$/s);
        }
      }),
      { numRuns: 300 },
    );
  });
});
