import { beforeEach, describe, expect, it } from 'vitest';
import type { Remote } from '../../../src/model/delivery.ts';
import type { Incident } from '../../../src/model/incident.ts';
import { type ServiceNowOptions, servicenow } from '../../../src/sinks/servicenow/index.ts';
import { incidentWith } from '../../incidents.ts';
import { ServiceNowModel } from '../../standins/servicenow.ts';
import { remoteOf, Telling } from '../telling.ts';

const TABLE: ServiceNowOptions = {
  url: 'https://dev.service-now.example/',
  user: 'plimsoll',
  password: 'env:SN',
  token: null,
  mode: 'table',
  table: null,
  webhookSecret: null,
  poll: null,
};
const IMPORT = { options: { ...TABLE, mode: 'import_set' as const } };

const desk = new Telling(servicenow, TABLE, 'secret', 1_000_000);
const { send, tell, methods } = desk;
let tool: ServiceNowModel;

beforeEach(() => {
  tool = new ServiceNowModel();
  desk.begin(tool.answer);
});

const ACKED: Partial<Incident> = { state: 'in_progress', ackedAt: incidentWith().openedAt + 60_000 };
const OVER: Partial<Incident> = {
  ...ACKED,
  state: 'resolved',
  resolvedAt: incidentWith().openedAt + 3_600_000,
  closeCode: 'recovered_automatically',
  summary: 'support-bot: groundedness has recovered',
};

describe('the Table API', () => {
  it('has one record from the opening to the end, as the golden conversation has it', async () => {
    let remote = remoteOf(await tell('opened'));
    remote = remoteOf(await tell('acknowledged', remote, ACKED));
    remote = remoteOf(await tell('updated', remote, { ...ACKED, impact: 1, priority: 1 }));
    remote = remoteOf(
      await tell('held', remote, {
        ...ACKED,
        state: 'on_hold',
        impact: 1,
        hold: { reason: 'awaiting_vendor', since: 0 },
      }),
    );
    remote = remoteOf(await tell('resolved', remote, { ...OVER, impact: 1 }));
    remoteOf(await tell('closed', remote, { ...OVER, impact: 1, state: 'closed' }));
    expect(tool.rows).toMatchObject([
      { state: '7', priority: '1', close_code: 'Solution provided', correlation_id: 'plimsoll-eu1-INC-42' },
    ]);
    expect(tool.notes.get(remote.id!)).toHaveLength(5);
    await expect(desk.conversation.text(['cGxpbXNvbGw6c2VjcmV0'])).toMatchFileSnapshot(
      '../../golden/sinks/servicenow/conversation.json',
    );
  });

  it('opens and resolves a record of which it hears at the end', async () => {
    remoteOf(await tell('resolved', null, OVER));
    expect(methods()).toEqual(['GET', 'POST', 'PATCH']);
    expect(tool.rows).toMatchObject([{ state: '6', close_notes: 'support-bot: groundedness has recovered' }]);
  });

  it('a record that could not be resolved is resolved by the next message, not opened twice', async () => {
    tool.removed.add('close_code');
    const refused = await tell('resolved', null, OVER);
    expect(refused).toMatchObject({
      kind: 'permanent',
      reason: 'answered 403',
      remote: { id: tool.rows[0]!['sys_id'] },
    });
    tool.removed.clear();
    remoteOf(await tell('closed', (refused as { remote: Remote }).remote, { ...OVER, state: 'closed' }));
    expect(tool.rows).toMatchObject([{ state: '7' }]);
  });

  it('finds the record that an attempt without an answer has made', async () => {
    remoteOf(await tell('opened'));
    desk.conversation.exchanges.length = 0;
    remoteOf(await send({ seq: 1, attempt: 2, mayHaveArrived: true }));
    expect(methods()).toEqual(['GET']);
    expect([tool.rows.length, tool.notes.size]).toEqual([1, 0]);
  });

  it('writes nothing when other people’s records come back', async () => {
    tool.rows = [{ sys_id: 'f'.repeat(32), state: '1', correlation_id: 'another', correlation_display: '' }];
    tool.removed.add('correlation_id');
    expect(await tell('opened')).toEqual({
      kind: 'permanent',
      reason: 'it does not search by correlation_id: other records came back',
    });
    expect(methods()).toEqual(['GET']);
  });

  it('says a note once, though the answer to it was lost', async () => {
    const remote = remoteOf(await tell('opened'));
    await tell('acknowledged', remote, ACKED);
    await send({
      seq: 2,
      attempt: 2,
      mayHaveArrived: true,
      remote,
      transition: 'acknowledged',
      incident: incidentWith(ACKED),
    });
    expect(tool.notes.get(remote.id!)).toHaveLength(1);
  });

  it('leaves alone what people set there', async () => {
    let remote = remoteOf(await tell('opened'));
    Object.assign(tool.rows[0]!, { impact: '3', urgency: '3', state: '2' });
    remote = remoteOf(await tell('updated', remote, { summary: 'worse' }));
    expect(tool.rows[0]).toMatchObject({ impact: '3', urgency: '3', state: '2' });
    Object.assign(tool.rows[0]!, { state: '6', close_code: 'User error', close_notes: 'no' });
    remote = remoteOf(await tell('acknowledged', remote, ACKED));
    remote = remoteOf(await tell('resolved', remote, OVER));
    expect(tool.rows[0]).toMatchObject({ state: '6', close_code: 'User error' });
    remoteOf(await tell('reopened', remote, ACKED));
    expect(tool.rows[0]).toMatchObject({ state: '2' });
  });

  it('makes another record of one that is closed or deleted, and says so', async () => {
    let remote = remoteOf(await tell('opened'));
    Object.assign(tool.rows[0]!, { state: '7' });
    remote = remoteOf(await tell('reopened', remote, ACKED));
    expect(tool.rows).toMatchObject([{ state: '7' }, { state: '2' }]);
    expect(tool.notes.get(remote.id!)![0]).toContain(tool.rows[0]!['sys_id']);
  });

  it('waits until the next hour when it has asked too much', async () => {
    tool.left = 0;
    tool.resetAt = 1060;
    expect(await tell('opened')).toMatchObject({ kind: 'retry', throttled: true, afterMs: 60_000 });
  });

  it('names a record that is put elsewhere by a rule', async () => {
    const remote = remoteOf(await tell('opened'));
    desk.through((http) => async (request) => {
      const result = await http(request);
      return result.kind === 'answer' ? { ...result, body: result.body.replace('"state":"2"', '"state":"1"') } : result;
    });
    await tell('acknowledged', remote, ACKED);
    expect(desk.warnings).toEqual(['state_refused']);
  });

  it('shows no HTML that a name brings along', async () => {
    const summary = 'bot: [code]<img src=x onerror=alert(1)>[/CODE]';
    const remote = remoteOf(await tell('opened', null, { description: summary }));
    await tell('updated', remote, { summary });
    expect(JSON.stringify([tool.rows, [...tool.notes]])).not.toMatch(/\[\/?code\]/i);
  });
});

describe('an import set', () => {
  it('makes one record, whatever is said twice', async () => {
    let remote = remoteOf(await tell('opened', null, {}, IMPORT));
    await tell('opened', null, {}, IMPORT);
    remote = remoteOf(await tell('acknowledged', remote, ACKED, IMPORT));
    remoteOf(await tell('resolved', remote, OVER, IMPORT));
    expect(methods()).toEqual(['POST', 'POST', 'POST', 'POST']);
    expect(tool.rows).toMatchObject([{ state: '6', close_code: 'Solution provided', impact: '2' }]);
    expect(remote.id).toBe(tool.rows[0]!['sys_id']);
  });

  it('has failed when its row says so, though the answer is 201', async () => {
    tool.breaksImports = true;
    const outcome = await tell('opened', null, {}, IMPORT);
    expect(outcome).toMatchObject({ kind: 'permanent' });
    expect(JSON.stringify(outcome)).not.toContain('RESPONSE-SECRET');
  });
});
