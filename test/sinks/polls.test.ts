import { beforeEach, describe, expect, it } from 'vitest';
import type { Incident } from '../../src/model/incident.ts';
import { alertmanager } from '../../src/sinks/alertmanager/index.ts';
import type { Look, Told } from '../../src/sinks/inbound.ts';
import { itop } from '../../src/sinks/itop/index.ts';
import { servicenow } from '../../src/sinks/servicenow/index.ts';
import type { Http, SinkContext } from '../../src/sinks/sink.ts';
import { incidentWith } from '../incidents.ts';
import { messageOf } from '../messages.ts';
import { receivedOf } from '../standins/conversation.ts';
import type { Answer, Received } from '../standins/http-server.ts';
import { ITopModel } from '../standins/itop.ts';
import { noMail } from '../standins/no-mail.ts';
import { ServiceNowModel } from '../standins/servicenow.ts';
import { remoteOf } from './telling.ts';

let now = Date.UTC(2026, 10, 1, 10, 30);
let asked: string[];
let warnings: string[];

function contextOf<Options>(
  options: Options,
  answer: (request: Received) => Answer,
  secret: string,
): SinkContext<Options> {
  const http: Http = async (request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    const { status, headers = {}, body = '' } = answer(receivedOf(request));
    return { kind: 'answer', status, headers, body: body.slice(0, 65_536) };
  };
  return {
    options,
    http,
    mail: noMail,
    now: () => now,
    secret: async () => secret,
    deployment: 'eu1',
    consoleUrl: 'https://plimsoll.example.com',
    warn: (code) => warnings.push(code),
  };
}
const acts = ({ events }: Look) => events.flatMap((event) => event.acts);

beforeEach(() => {
  now = Date.UTC(2026, 10, 1, 10, 30);
  asked = [];
  warnings = [];
});

describe('ServiceNow', () => {
  const options = {
    url: 'https://dev.service-now.example',
    user: 'plimsoll',
    password: 'env:SN',
    token: null,
    mode: 'table' as const,
    table: null,
    webhookSecret: null,
    poll: 60_000,
  };
  const { poll, compare, absorb } = servicenow.inbound!;
  let tool: ServiceNowModel;
  let context: SinkContext<typeof options>;
  let remote: ReturnType<typeof remoteOf>;
  const look = (cursor: unknown) => poll!.look(cursor, [], context);

  beforeEach(async () => {
    tool = new ServiceNowModel();
    tool.clock = () => now;
    context = contextOf(options, tool.answer, 'secret');
    remote = remoteOf(await servicenow.deliver(messageOf(), context));
  });

  it('what we did ourselves is seen, and is nothing; what a person does is seen once', async () => {
    const first = await look(null);
    expect(first.events.flatMap(({ shows }) => compare!(shows, remote))).toEqual([]);
    expect((await look(first.cursor)).events).toEqual([]);
    now += 60_000;
    tool.byHand('anna', tool.rows[0]!['sys_id']!, {
      state: '2',
      impact: '1',
      urgency: '1',
      'assigned_to.name': 'Anna',
      work_notes: 'mine',
    });
    const second = await look(first.cursor);
    expect(acts(second)).toEqual([{ type: 'note', text: 'mine' }]);
    const change = second.events.find(({ shows }) => shows !== undefined)!;
    expect(change).toMatchObject({
      about: { incident: 'INC-42' },
      by: { id: 'anna' },
      id: expect.stringMatching(/:1$/),
    });
    expect(compare!(change.shows, remote).map(({ type }) => type)).toEqual(['prioritize', 'assign', 'acknowledge']);
    expect(compare!(change.shows, absorb!(remote, change))).toEqual([]);
    expect((await look(second.cursor)).events).toEqual([]);
  });

  it('a look overlaps the one before, whatever our clock says', async () => {
    const first = await look(null);
    now -= 30_000;
    tool.byHand('anna', tool.rows[0]!['sys_id']!, { work_notes: 'late in coming' });
    now += 86_400_000;
    expect(acts(await look(first.cursor))).toEqual([{ type: 'note', text: 'late in coming' }]);
  });

  it('a table that does not search by our id is not believed', async () => {
    tool.rows.push({
      sys_id: 'a',
      correlation_id: 'of somebody else',
      sys_updated_on: '2026-11-01 10:30:00',
      sys_mod_count: '1',
    });
    tool.removed.add('correlation_id');
    await expect(look(null)).rejects.toMatchObject({ outcome: { kind: 'permanent' } });
  });

  it('answers that are cut are asked for in smaller pieces', async () => {
    for (let n = 0; n < 30; n++)
      tool.rows.push({
        ...tool.rows[0]!,
        sys_id: `x${n}`,
        correlation_id: `plimsoll-eu1-INC-${n + 100}`,
        close_notes: 'x'.repeat(4000),
      });
    expect((await look(null)).events).toHaveLength(31);
  });

  it('so are notes; one that can not be read even alone is left out, and that is said', async () => {
    const first = await look(null);
    now += 60_000;
    for (let n = 0; n < 30; n++)
      tool.byHand('anna', tool.rows[0]!['sys_id']!, {
        work_notes: n === 15 ? 'y'.repeat(70_000) : `${n} ${'x'.repeat(5000)}`,
      });
    const notes = acts(await look(first.cursor)).map((act) => (act.type === 'note' ? act.text.split(' ')[0] : act));
    expect(notes).toEqual([...Array(30).keys()].filter((n) => n !== 15).map(String));
    expect(warnings).toEqual(['note_too_long']);
  });
});

describe('iTop', () => {
  const options = {
    url: 'https://itop.example.com',
    user: 'plimsoll',
    password: 'env:ITOP',
    organization: 'a',
    caller: 'b',
    team: 'c',
    agent: 'd',
    webhookSecret: null,
    poll: 60_000,
  };
  const { poll, compare, absorb } = itop.inbound!;

  it('what people do is seen once, their notes with them, and a ticket that is gone', async () => {
    const tool = new ITopModel();
    const context = contextOf(options, tool.answer, tool.password);
    const remote = remoteOf(await itop.deliver(messageOf(), context));
    const told: Told[] = [{ incident: incidentWith(), remote }];
    const look = (cursor: unknown) => poll!.look(cursor, told, context);
    const first = await look(null);
    expect(first.events.flatMap(({ shows }) => compare!(shows, remote))).toEqual([]);
    expect((await look(first.cursor)).events).toEqual([]);

    tool.byHand('ben', 1, {
      stimulus: 'ev_assign',
      fields: { team_id: 'c', agent_id: 'Ben' },
      note: '<p>on it &amp; sure</p>',
    });
    const second = await look(first.cursor);
    expect(acts(second)).toEqual([{ type: 'note', text: 'on it & sure' }]);
    const change = second.events.find(({ shows }) => shows !== undefined)!;
    expect(change.by).toEqual({ id: 'Ben', name: 'Ben' });
    expect(compare!(change.shows, remote)).toEqual([{ type: 'acknowledge' }]);
    expect(compare!(change.shows, absorb!(remote, change))).toEqual([]);

    tool.tickets = [];
    const third = await look(second.cursor);
    expect(acts(third)).toEqual([{ type: 'delete' }]);
    expect((await look(third.cursor)).events).toEqual([]);
  });
});

describe('Alertmanager', () => {
  const options = { urls: ['http://am-0', 'http://am-1'], webhookSecret: null, poll: 60_000 };
  const { poll } = alertmanager.inbound!;
  const silence = { id: 's1', createdBy: 'ada', comment: 'known', endsAt: '2026-11-01T12:00:00.000Z' };

  it('silences are seen while they last, by the first instance that answers', async () => {
    let silencedBy: string[] = [];
    const context = contextOf(
      options,
      ({ path }) => {
        if (path.startsWith('/api/v2/silence/')) return { status: 200, body: JSON.stringify(silence) };
        const alerts = silencedBy.length === 0 ? [] : [{ labels: { incident: 'INC-42' }, status: { silencedBy } }];
        return { status: 200, body: JSON.stringify(alerts) };
      },
      '',
    );
    const down: Http = async (request) =>
      request.url.startsWith('http://am-0')
        ? { kind: 'not_sent', reason: 'no connection (ECONNREFUSED)' }
        : context.http(request);
    const told: Told[] = [{ incident: incidentWith(), remote: {} }];
    const look = (cursor: unknown, incidents = told) => poll!.look(cursor, incidents, { ...context, http: down });
    const first = await look(null);
    expect(first.events).toEqual([]);
    silencedBy = ['s1'];
    const second = await look(first.cursor);
    expect(acts(second)).toEqual([
      { type: 'silence', silences: [{ id: 's1', by: 'ada', comment: 'known', until: Date.UTC(2026, 10, 1, 12) }] },
    ]);
    expect((await look(second.cursor)).events).toEqual([]);
    silencedBy = [];
    expect(acts(await look(second.cursor))).toEqual([{ type: 'silence', silences: [] }]);
    // Nothing is open: nothing is asked.
    asked = [];
    const over: Incident = incidentWith({ state: 'resolved' });
    await look(null, [{ incident: over, remote: {} }]);
    expect(asked).toEqual([]);
  });
});
