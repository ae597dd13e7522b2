import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeRecord } from '../../../src/model/change.ts';
import type { ChangeNotice, Notice, Outcome } from '../../../src/model/delivery.ts';
import { SYSTEM } from '../../../src/model/incident.ts';
import { DAY_MS, HOUR_MS } from '../../../src/model/time.ts';
import { askForApprovals } from '../../../src/server/delivery/approvals.ts';
import { tellOfChanges } from '../../../src/server/delivery/change-feed.ts';
import { tellOfDeadLetters } from '../../../src/server/delivery/dead-letters.ts';
import type { ConfiguredSink } from '../../../src/server/delivery/dispatcher.ts';
import type { ErrandOptions } from '../../../src/server/delivery/errand.ts';
import { askForGroups } from '../../../src/server/delivery/group-check.ts';
import { readSelfTests, testTheQuiet } from '../../../src/server/delivery/self-tests.ts';
import { servicenow } from '../../../src/sinks/servicenow/index.ts';
import { defineSink, type HttpResult } from '../../../src/sinks/sink.ts';
import type { Statement } from '../../../src/store/items.ts';
import { type Breaker, CLOSED } from '../../../src/store/outbox/breaker.ts';
import { auditEntry } from '../../../src/store/records/audit.ts';
import { storeChange } from '../../../src/store/records/change-records.ts';
import { openRecords, type Records } from '../../../src/store/records/records.ts';
import { openForReading, openForWriting } from '../../../src/store/sqlite/database.ts';
import { Ledger } from '../../../src/store/sqlite/ledger.ts';
import { change } from '../../changes/records.ts';
import { noMail } from '../../standins/no-mail.ts';

const START = Date.UTC(2026, 10, 1);
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-errands-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

let now: number;
let records: Records;
let write: (statements: readonly Statement[]) => Promise<readonly number[]>;
let heard: { by: string; title: string; text: string }[];
let changes: string[];
let groups: string[] = [];
let breakers: Map<string, Breaker>;
let group: string | null;
/** What a destination says; ok when it isn't here. */
let says: Map<string, Outcome>;

const teller = (name: string, kind: 'chat' | 'page' | 'record', more = {}): ConfiguredSink => ({
  name,
  options: {},
  sink: defineSink<unknown>({
    name: 'test',
    summary: 'Keeps what it is told.',
    class: kind,
    deliver: async () => ({ kind: 'ok' }),
    announce: async ({ title, text }: Notice) => {
      const outcome: Outcome = says.get(name) ?? { kind: 'ok' };
      if (outcome.kind === 'ok') heard.push({ by: name, title, text });
      return outcome;
    },
    ...more,
  }),
});
const deaf = (name: string): ConfiguredSink => {
  const { announce: _, ...sink } = teller(name, 'record').sink;
  return { name, options: {}, sink };
};
const optionsOf = (sinks: readonly ConfiguredSink[]): ErrandOptions => ({
  log: pino({ level: 'silent' }),
  records,
  write,
  supportGroups: () => groups,
  sinks: () => sinks,
  ways: () => ({ http: async () => ({ kind: 'not_sent', reason: 'none here' }), mail: noMail }),
  breakers: () => breakers,
  changeGroupOf: () => group,
  secret: async () => 'secret',
  deployment: 'eu1',
  consoleUrl: () => 'https://plimsoll.example.com',
  now: () => now,
});

beforeEach(() => {
  const file = join(folder, `${files++}.db`);
  const ledger = new Ledger(openForWriting(file), { interactionsMs: 1e12, minutesMs: 1e12, hoursMs: 1e12 });
  records = openRecords(openForReading(file));
  write = async (statements) => {
    const [result] = ledger.commit([{ type: 'statements', statements }], now);
    if (result?.type !== 'statements') throw new Error(JSON.stringify(result));
    return result.changes;
  };
  now = START;
  heard = [];
  changes = [];
  breakers = new Map();
  group = null;
  says = new Map();
});

let rows = 0;
const settle = (sink: string, state: 'dead' | 'delivered', at = now) =>
  write([
    {
      sql: `insert into outbox (incident, sink, seq, transition, payload, created_at, next_attempt_at, state, last_error, settled_at)
            values (?, ?, 1, 'opened', '{}', ?, ?, ?, 'answered 401', ?)`,
      parameters: [`INC-${++rows}`, sink, at, at, state, at],
    },
  ]);
const by = () => heard.map((one) => one.by);

describe('of what was given up', () => {
  const sinks = () => [teller('ops', 'record'), teller('pager', 'page'), teller('talk', 'chat'), deaf('desk')];

  it('people are told by another destination that they read, once an hour, however much it is', async () => {
    const options = optionsOf(sinks());
    for (let i = 0; i < 7; i++) await settle('desk', 'dead', now - 7 + i);
    await tellOfDeadLetters(options);
    await tellOfDeadLetters(options);
    expect(heard).toMatchObject([{ by: 'talk', title: 'desk was not told of 7 things about incidents' }]);
    expect(heard[0]!.text).toContain('and 2 more');
    expect(heard[0]!.text).toContain('Last reason: answered 401.');
    expect(heard[0]!.text).toContain('plimsoll outbox replay --sink desk');

    now += 30 * 60_000;
    await settle('desk', 'dead');
    await tellOfDeadLetters(options);
    expect(by()).toEqual(['talk']);
    now += 30 * 60_000;
    await tellOfDeadLetters(options);
    expect(heard[1]).toMatchObject({ by: 'talk', title: 'desk was not told of an incident' });
    now += 5 * HOUR_MS;
    await tellOfDeadLetters(options);
    expect(by()).toEqual(['talk', 'talk']);
  });

  it('never by the one that failed, nor by one that is down; then by the next one', async () => {
    await settle('talk', 'dead');
    await tellOfDeadLetters(optionsOf(sinks()));
    expect(by()).toEqual(['pager']);
    await settle('ops', 'dead');
    breakers.set('talk', { state: 'open', since: now, probeAt: now, waitMs: 1 });
    breakers.set('pager', CLOSED);
    says.set('pager', { kind: 'unknown', reason: 'no answer' });
    await tellOfDeadLetters(optionsOf(sinks()));
    expect(by()).toEqual(['pager']);
    // Nobody could be told: it is tried again, before the hour is over.
    says.clear();
    await tellOfDeadLetters(optionsOf(sinks()));
    expect(by()).toEqual(['pager', 'pager']);
  });

  it('nobody is told of what was put back or dropped in time', async () => {
    await settle('desk', 'dead');
    await write([{ sql: "update outbox set state = 'discarded'", parameters: [] }]);
    await tellOfDeadLetters(optionsOf(sinks()));
    expect(heard).toEqual([]);
  });
});

describe('a destination that may go deaf', () => {
  const flow = () => teller('flow', 'chat', { testEveryMs: 7 * DAY_MS });

  it('is tested at once, then when it has taken nothing for a week', async () => {
    const options = optionsOf([flow()]);
    await testTheQuiet(options);
    expect(heard).toMatchObject([{ by: 'flow', title: 'Plimsoll can reach you here' }]);
    now += 6 * DAY_MS;
    await testTheQuiet(options);
    await settle('flow', 'delivered');
    now += 6 * DAY_MS;
    await testTheQuiet(options);
    expect(heard).toHaveLength(1);
    now += DAY_MS;
    await testTheQuiet(options);
    expect(heard).toHaveLength(2);
    expect((await readSelfTests(records, options.sinks())).get('flow')).toEqual({
      at: now,
      passedAt: now,
      reason: null,
      toldAt: null,
    });
  });

  it('that fails is tested again each hour, and people hear of it elsewhere, once a day', async () => {
    const options = optionsOf([flow(), teller('mail', 'chat')]);
    says.set('flow', { kind: 'permanent', reason: 'answered 404' });
    for (let hour = 0; hour < 30; hour++, now += HOUR_MS) {
      await testTheQuiet(options);
      await testTheQuiet(options);
    }
    expect(heard.map(({ by, title }) => `${by}: ${title}`)).toEqual([
      'mail: flow does not take messages',
      'mail: flow does not take messages',
    ]);
    const test = (await readSelfTests(records, options.sinks())).get('flow')!;
    expect(test).toMatchObject({ passedAt: null, reason: 'answered 404', at: now - HOUR_MS });
    says.clear();
    await testTheQuiet(options);
    expect((await readSelfTests(records, options.sinks())).get('flow')).toMatchObject({ passedAt: now, reason: null });
  });
});

describe('support groups that a tool would take without a word', () => {
  const known = 'a'.repeat(32);
  const gone = 'b'.repeat(32);
  const desk = (): ConfiguredSink => ({
    name: 'desk',
    sink: servicenow as ConfiguredSink['sink'],
    options: { url: 'https://dev.example/', token: 'env:T', user: null, mode: 'table', table: null },
  });
  let answers: HttpResult[];
  let asked: string[];
  const optionsWith = (): ErrandOptions => ({
    ...optionsOf([desk(), teller('mail', 'chat')]),
    ways: () => ({
      http: async ({ url, method }) => {
        asked.push(`${method} ${new URL(url).pathname}`);
        const of = (status: number): HttpResult => ({ kind: 'answer', status, headers: {}, body: '{}' });
        return answers.shift() ?? of(url.includes(known) ? 200 : 404);
      },
      mail: noMail,
    }),
  });
  beforeEach(() => {
    asked = [];
    answers = [];
  });

  it('are asked for once for each configuration, and people hear elsewhere which ones are not there', async () => {
    groups = [known, 'ai-platform', gone, gone];
    await askForGroups(optionsWith());
    await askForGroups(optionsWith());
    const table = '/api/now/table/sys_user_group';
    expect(asked).toEqual([`GET ${table}/${known}`, `GET ${table}/${gone}`]);
    expect(heard).toMatchObject([{ by: 'mail', title: 'desk does not know a support group' }]);
    expect(heard[0]!.text).toContain(gone);
    expect(heard[0]!.text).not.toContain(known);
    groups = [known];
    await askForGroups(optionsWith());
    expect([asked.length, heard.length]).toEqual([3, 1]);
  });

  it('are asked for again where nobody answered, and not where that is refused', async () => {
    groups = [known];
    answers = [{ kind: 'not_sent', reason: 'no connection' }];
    await askForGroups(optionsWith());
    await askForGroups(optionsWith());
    expect(asked).toHaveLength(2);
    groups = [gone];
    answers = [{ kind: 'answer', status: 403, headers: {}, body: '' }];
    await askForGroups(optionsWith());
    await askForGroups(optionsWith());
    expect([asked.length, heard]).toEqual([3, []]);
  });
});

describe('changes that are declared', () => {
  const shower = () =>
    teller('pager', 'page', {
      change: async ({ id, service, before, after }: ChangeNotice) => {
        const outcome = says.get(id) ?? { kind: 'ok' };
        if (outcome.kind === 'ok') changes.push(`${id} ${service} ${before} -> ${after}`);
        return outcome;
      },
    });
  const declare = (id: string, before: unknown, after: unknown) =>
    write([
      {
        sql: `insert into change (id, service, type, before, after, at, state, origin)
              values (?, 'bot', 'prompt', ?, ?, ?, 'implemented', 'declared')`,
        parameters: [id, JSON.stringify(before), JSON.stringify(after), now],
      },
      auditEntry(SYSTEM, 'change.declared', { id, service: 'bot' }, now),
    ]);

  it('are told in order, each once, from when the destination was configured', async () => {
    const options = optionsOf([shower()]);
    await declare('CHG-1', '6', '7');
    await tellOfChanges(options);
    await declare('CHG-2', '7', { id: '8', sha256: 'ab' });
    await declare('CHG-3', '8', '9');
    await tellOfChanges(options);
    await tellOfChanges(options);
    expect(changes).toEqual(['CHG-2 bot 7 -> 8', 'CHG-3 bot 8 -> 9']);
  });

  it('wait while it does not answer, are left out when refused, and forgotten after 72 hours', async () => {
    const options = optionsOf([shower()]);
    await tellOfChanges(options);
    for (const id of ['CHG-1', 'CHG-2', 'CHG-3']) await declare(id, '1', '2');
    says.set('CHG-1', { kind: 'retry', reason: 'answered 503' });
    await tellOfChanges(options);
    expect(changes).toEqual([]);
    says.set('CHG-1', { kind: 'permanent', reason: 'answered 400' });
    await tellOfChanges(options);
    expect(changes).toEqual(['CHG-2 bot 1 -> 2', 'CHG-3 bot 1 -> 2']);
    await declare('CHG-4', '1', '2');
    now += 72 * HOUR_MS;
    await tellOfChanges(options);
    await declare('CHG-5', '1', '2');
    await tellOfChanges(options);
    expect(changes.slice(2)).toEqual(['CHG-5 bot 1 -> 2']);
  });
});

describe('changes that wait for somebody', () => {
  const moved = async (state: ChangeRecord['state'], more: Partial<ChangeRecord> = {}): Promise<void> => {
    const waiting = change({
      state,
      link: 'https://git.example.com/7...8',
      assessment: { risk: 'high', reasons: ['odd'] },
      ...more,
    });
    await write([...storeChange(records, waiting), auditEntry(SYSTEM, 'change.moved', { id: waiting.id, state }, now)]);
  };

  it('are told once to a chat, with a link to what differs, again until it was taken, and never to who is woken', async () => {
    const options = optionsOf([teller('pager', 'page'), teller('chat', 'chat')]);
    await askForApprovals(options);
    await moved('authorize');
    says.set('chat', { kind: 'retry', reason: 'busy' });
    await askForApprovals(options);
    expect(heard).toEqual([]);
    says.delete('chat');
    await askForApprovals(options);
    await askForApprovals(options);
    expect(heard).toMatchObject([{ by: 'chat', title: 'bot: a change waits to be approved' }]);
    expect(heard[0]!.text).toContain('prompt 7 -> 8');
    expect(heard[0]!.text).toContain('What differs: https://git.example.com/7...8');
  });

  it('are told in the sink that is named as their group is, with a place that shows what differs, not a hash', async () => {
    group = 'cab';
    const options = optionsOf([teller('chat', 'chat'), teller('cab', 'record')]);
    await askForApprovals(options);
    const hash = { id: '#5f1e9a02', sha256: 'a'.repeat(64) };
    await moved('assess', { after: hash, link: null });
    await askForApprovals(options);
    expect(heard).toMatchObject([{ by: 'cab', title: 'bot: a change waits to be assessed' }]);
    expect(heard[0]!.text).toContain('What differs: https://plimsoll.example.com/changes/release-42');
    expect(heard[0]!.text).toContain('Who decides: cab.');
    expect(heard[0]!.text).not.toContain('a'.repeat(64));
  });

  it('are told of a review that waits to be signed', async () => {
    const options = optionsOf([teller('chat', 'chat')]);
    await askForApprovals(options);
    const review = {
      writtenAt: now,
      result: 'inconclusive' as const,
      text: 'Not decided.',
      findings: [],
      signed: null,
    };
    await write([
      ...storeChange(records, change({ state: 'review', review })),
      auditEntry(SYSTEM, 'change.review_written', { id: 'release-42', result: 'inconclusive' }, now),
    ]);
    await askForApprovals(options);
    expect(heard).toMatchObject([{ by: 'chat', title: 'bot: a change waits to be signed' }]);
    expect(heard[0]!.text).toContain('Review: inconclusive. Not decided.');
  });

  it('are not told when somebody has decided by then, nor where nobody could be told', async () => {
    const options = optionsOf([teller('pager', 'page'), teller('chat', 'chat')]);
    await askForApprovals(options);
    await moved('authorize');
    await write(storeChange(records, change({ state: 'scheduled' })));
    await askForApprovals(options);
    await moved('authorize');
    await askForApprovals(optionsOf([teller('pager', 'page')]));
    await askForApprovals(options);
    expect(heard).toEqual([]);
  });
});
