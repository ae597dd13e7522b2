import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Outcome, Remote } from '../../../src/model/delivery.ts';
import type { Incident, Transition } from '../../../src/model/incident.ts';
import { EVENT_MAX_BYTES, severityOf, trigger } from '../../../src/sinks/pagerduty/event.ts';
import { pagerduty } from '../../../src/sinks/pagerduty/index.ts';
import { breach, incidentWith } from '../../incidents.ts';
import { messageOf } from '../../messages.ts';
import { Conversation } from '../../standins/conversation.ts';
import { noMail } from '../../standins/no-mail.ts';
import { PagerDutyModel } from '../../standins/pagerduty.ts';
import { remoteOf } from '../telling.ts';

const KEY = '0123456789abcdef0123456789abcdef';
const SENDER = { deployment: 'eu1', consoleUrl: 'https://plimsoll.example.com' };

let tool: PagerDutyModel;
let conversation: Conversation;
let key: string;
let warnings: string[];

const tell = (
  transition: Transition,
  remote: Remote | null = null,
  changes: Partial<Incident> = {},
): Promise<Outcome> =>
  pagerduty.deliver(messageOf({ transition, remote, incident: incidentWith(changes) }), {
    ...SENDER,
    options: { url: 'https://events.pagerduty.com/', routingKey: 'env:KEY', webhookSecret: null },
    http: conversation.http,
    mail: noMail,
    now: () => 0,
    secret: async () => key,
    warn: (code) => warnings.push(code),
  });
const actions = (): unknown[] =>
  conversation.exchanges.map(({ request }) => (request.body as { event_action: string }).event_action);
const statuses = (): string[] => tool.incidents.map(({ status }) => status);

beforeEach(() => {
  tool = new PagerDutyModel();
  conversation = new Conversation(tool.answer);
  key = KEY;
  warnings = [];
});

const PERSON = { kind: 'user', id: 'dana' } as const;
const ACKED: Partial<Incident> = { state: 'in_progress', ackedAt: incidentWith().openedAt + 60_000, ackedBy: PERSON };
const OVER: Partial<Incident> = { ...ACKED, state: 'resolved', resolvedAt: incidentWith().openedAt + 3_600_000 };

describe('an incident', () => {
  it('is one alert from its opening to its end, as the golden conversation has it', async () => {
    let remote = remoteOf(await tell('opened'));
    remote = remoteOf(await tell('acknowledged', remote, ACKED));
    remote = remoteOf(await tell('updated', remote, { ...ACKED, assignedTo: 'dana' }));
    remote = remoteOf(await tell('resolved', remote, OVER));
    remote = remoteOf(await tell('closed', remote, { ...OVER, state: 'closed' }));
    expect(actions()).toEqual(['trigger', 'acknowledge', 'resolve']);
    expect([tool.incidents.length, tool.dropped, statuses()]).toEqual([1, 0, ['resolved']]);
    expect(remote.id).toBe('plimsoll-eu1-INC-42');
    await expect(conversation.text([KEY])).toMatchFileSnapshot('../../golden/sinks/pagerduty/conversation.json');
  });

  it('that is reopened is an incident of its own over there, and nobody has it yet', async () => {
    let remote = remoteOf(await tell('opened'));
    remote = remoteOf(await tell('acknowledged', remote, ACKED));
    remote = remoteOf(await tell('resolved', remote, OVER));
    remote = remoteOf(await tell('reopened', remote, ACKED));
    expect(statuses()).toEqual(['resolved', 'triggered']);
    await tell('resolved', remote, OVER);
    expect(statuses()).toEqual(['resolved', 'resolved']);
  });

  it.each(['acknowledged', 'held'] as const)(
    'of which it first hears when it was %s is opened before',
    async (first) => {
      await tell(first, null, ACKED);
      expect(actions()).toEqual(['trigger', 'acknowledge']);
      expect([statuses(), tool.dropped]).toEqual([['acknowledged'], 0]);
    },
  );

  it('wakes nobody a second time who resolved it there, until something is worse', async () => {
    let remote = remoteOf(await tell('opened', null, { priority: 3 }));
    tool.resolveByHand();
    for (const transition of ['updated', 'escalated', 'held'] as const)
      remote = remoteOf(await tell(transition, remote, { priority: 3, assignedTo: 'dana' }));
    expect(tool.incidents).toHaveLength(1);
    remote = remoteOf(await tell('updated', remote, { priority: 1 }));
    expect(tool.incidents).toHaveLength(2);
    tool.resolveByHand();
    await tell('updated', remote, { priority: 1, breaches: [breach, { ...breach, objective: 'another' }] });
    expect(tool.incidents).toHaveLength(3);
  });

  it('said twice is the same alert', async () => {
    await tell('opened');
    await tell('opened');
    expect(tool.incidents).toMatchObject([{ triggers: 2 }]);
  });

  it('that may be closed through the wrong key is told to people', async () => {
    const remote = remoteOf(await tell('opened'));
    key = 'f'.repeat(32);
    const after = remoteOf(await tell('resolved', remote, OVER));
    expect([warnings, tool.dropped, statuses()]).toEqual([['routing_key_changed'], 1, ['triggered']]);
    expect(JSON.stringify([remote, after])).not.toContain(KEY);
  });
});

describe('a burst', () => {
  it('is answered 429, and waits for half a minute', async () => {
    tool.burst = 0;
    expect(await tell('opened')).toEqual({
      kind: 'retry',
      reason: 'answered 429: too many requests',
      throttled: true,
      afterMs: 30_000,
    });
  });

  it('between trigger and acknowledge ends in the same alert', async () => {
    tool.burst = 1;
    expect(await tell('acknowledged', null, ACKED)).toMatchObject({ kind: 'retry' });
    tool.burst = 9;
    expect(await tell('acknowledged', null, ACKED)).toMatchObject({ kind: 'ok' });
    expect(tool.incidents).toMatchObject([{ status: 'acknowledged', triggers: 2 }]);
  });
});

it.each([
  [1, 'critical'],
  [2, 'error'],
  [3, 'warning'],
  [4, 'warning'],
  [5, 'info'],
] as const)('P%d is %s', (priority, severity) => {
  expect(severityOf(incidentWith({ priority }))).toBe(severity);
});

it('a key that is none is a dead letter', async () => {
  key = 'short';
  expect(await tell('opened')).toEqual({ kind: 'permanent', reason: 'answered 400' });
});

it('an event is one that PagerDuty takes, whatever is in the incident', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.tuple(fc.constantFrom('x', '\u0000', '漢', '\ud800', '\u202e'), fc.nat(6_000)).map(([one, n]) => one.repeat(n)),
  );
  fc.assert(
    fc.property(text, text, fc.nat(300), (a, b, n) => {
      const slice = { ...incidentWith().slices[0]!, name: a };
      const incident = incidentWith({
        summary: a,
        description: b,
        service: b,
        environment: a,
        supportGroup: b,
        slices: Array(n).fill(slice),
        breaches: [breach, ...Array(n).fill({ ...breach, objective: b })],
        traces: { bad: Array(Math.min(n, 5)).fill(a), good: [] },
        links: { runbook: a, dashboard: `javascript:${b}`, trace: `https://t.example/${b}/{traceId}` },
      });
      const event = trigger(incident, SENDER);
      const body = JSON.stringify({ routing_key: KEY, ...event });
      expect(new PagerDutyModel().answer({ body }).status).toBe(202);
      expect(Buffer.byteLength(body)).toBeLessThan(EVENT_MAX_BYTES);
      expect(/\\ud[89a-f]/i.test(body)).toBe(false);
      if (event.event_action !== 'trigger') throw new Error('not a trigger');
      for (const { href } of event.links) expect(href).toMatch(/^https?:\/\/[^\s<>"]+$/);
    }),
    { numRuns: 60 },
  );
});
