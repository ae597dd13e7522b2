import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ANCHORING_SINKS } from '../../src/model/config/sink.ts';
import type { ChangeNotice, Notice, Outcome } from '../../src/model/delivery.ts';
import { TRANSITIONS, type Transition } from '../../src/model/incident.ts';
import { type DeliveryEvent, Dispatcher } from '../../src/server/delivery/dispatcher.ts';
import { testSink } from '../../src/server/delivery/sink-test.ts';
import { createHttp } from '../../src/sinks/http.ts';
import { type SinkType, sinks } from '../../src/sinks/index.ts';
import { createMail } from '../../src/sinks/mail.ts';
import type { HttpRequest, HttpResult, MailResult, Sink, SinkContext } from '../../src/sinks/sink.ts';
import type { Mark } from '../../src/sinks/slack/search.ts';
import { breach, incidentWith } from '../incidents.ts';
import { messageOf } from '../messages.ts';
import { random } from '../random.ts';
import { receivedOf } from '../standins/conversation.ts';
import { GrafanaModel } from '../standins/grafana.ts';
import { type Answer, type Behaviour, type Received, StandIn } from '../standins/http-server.ts';
import { ITopModel } from '../standins/itop.ts';
import { JiraModel } from '../standins/jira.ts';
import { MemoryOutbox } from '../standins/memory-outbox.ts';
import { PagerDutyModel } from '../standins/pagerduty.ts';
import { ServiceNowModel } from '../standins/servicenow.ts';
import { SLACK_CHANNEL, SLACK_TOKEN, SlackModel } from '../standins/slack.ts';
import { SmtpStandIn } from '../standins/smtp-server.ts';
import { TeamsModel } from '../standins/teams.ts';
import { VirtualTime } from '../standins/virtual-time.ts';

/** A tool to send to: HTTP, or mail. */
interface Tool {
  readonly url: string;
  readonly received: readonly Received[];
  readonly behaviours: Behaviour[];
  stop(): Promise<void>;
}

/** What the contract has to know about a sink to try it out. A sink without an entry here fails to compile. */
interface Harness {
  readonly options: (url: string) => unknown;
  /** Reference to value; each value must appear nowhere. `{url}` in it stands for the address of the tool. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Addresses may hold a key. */
  readonly secretUrl: boolean;
  /** What a receiver knows a repetition by; null: it was asked something, and told nothing. */
  readonly keyOf: (request: Received) => string | null;
  /** What the tool says when all is well; without it 200 and nothing. */
  readonly answer?: (request: Received) => Answer;
  /** The tool forgets what it was told in the test before. */
  readonly reset?: () => void;
  /** Correlation ids of what the tool holds by now: one for each incident, however often it was told. */
  readonly tickets?: () => readonly unknown[];
  /** How many questions it is asked before it is told of an incident that it hasn't heard of. */
  readonly questions?: number;
  /** What of the body is JSON, where that isn't all of it. */
  readonly jsonOf?: (request: Received) => string;
  /** The headers and the body, without the one place where the secret belongs. */
  readonly withoutSecret?: (request: Received) => unknown;
  /** Of one that sends mail: there are no addresses of HTTP, and what is sent isn't JSON. */
  readonly isMail?: true;
}

const serviceNow = new ServiceNowModel();
const jiraModel = new JiraModel();
jiraModel.lag = 2;
const itopModel = new ITopModel();
const grafanaModel = new GrafanaModel();
const slackModel = new SlackModel();
const markIn = (metadata: unknown): Mark => (metadata as { event_payload: Mark }).event_payload;
const jsonOfForm = ({ body }: Received): string => new URLSearchParams(body).get('json_data')!;

const harnesses: Record<SinkType, Harness> = {
  webhook: {
    options: (url) => ({ url: `${url}/in?key=URL-SECRET-1`, secret: 'env:OPS_SECRET', webhookSecret: 'env:BACK' }),
    secrets: { 'env:OPS_SECRET': `whsec_${Buffer.from('a signing secret of 32 bytes!!!!').toString('base64')}` },
    secretUrl: true,
    keyOf: ({ headers }) => headers['webhook-id']!,
  },
  alertmanager: {
    options: (url) => ({ urls: [url], webhookSecret: 'env:BACK', poll: 60_000 }),
    secrets: {},
    secretUrl: false,
    keyOf: ({ body }) => JSON.stringify(JSON.parse(body).map((alert: { labels: unknown }) => alert.labels)),
  },
  pagerduty: {
    options: (url) => ({ url, routingKey: 'env:PAGERDUTY_KEY', webhookSecret: 'env:BACK' }),
    secrets: { 'env:PAGERDUTY_KEY': '0123456789abcdef0123456789ABCDEF' },
    secretUrl: false,
    keyOf: ({ body }) => JSON.parse(body).dedup_key,
    answer: new PagerDutyModel().answer,
    withoutSecret: ({ headers, body }) => [headers, { ...JSON.parse(body), routing_key: null }],
  },
  slack: {
    options: (url) => ({ url, token: 'env:SLACK_TOKEN', channel: SLACK_CHANNEL, signingSecret: 'env:BACK' }),
    secrets: { 'env:SLACK_TOKEN': SLACK_TOKEN },
    secretUrl: false,
    keyOf: ({ method, body }) => (method === 'GET' ? null : JSON.parse(body).metadata.event_payload.delivery_id),
    answer: slackModel.answer,
    reset: () => slackModel.reset(),
    tickets: () => slackModel.parents.map(({ metadata }) => markIn(metadata).correlation_id),
    withoutSecret: ({ headers, body }) => [{ ...headers, authorization: null }, body],
  },
  teams: {
    options: () => ({ url: 'env:TEAMS_FLOW' }),
    secrets: { 'env:TEAMS_FLOW': '{url}/workflows/1?sig=URL-SECRET-1' },
    secretUrl: true,
    keyOf: ({ body }) => JSON.parse(body).attachments[0].content.body[0].id,
    answer: new TeamsModel().answer,
  },
  email: {
    options: (url) => ({ url, from: 'plimsoll@example.com', to: ['ops@example.com'], tls: 'off' }),
    secrets: {},
    secretUrl: false,
    keyOf: ({ headers }) => headers['message-id']!,
    isMail: true,
  },
  servicenow: {
    options: (url) => ({
      url,
      user: 'plimsoll',
      password: 'env:SN_PASSWORD',
      token: null,
      mode: 'table',
      table: null,
      webhookSecret: 'env:BACK',
      poll: 60_000,
    }),
    secrets: { 'env:SN_PASSWORD': 'SERVICENOW-PASSWORD-3' },
    secretUrl: false,
    keyOf: ({ method, body }) => (method === 'POST' ? JSON.parse(body).correlation_id : null),
    answer: serviceNow.answer,
    reset: () => serviceNow.reset(),
    tickets: () => serviceNow.rows.map((row) => row['correlation_id']),
    questions: 1,
  },
  jira: {
    options: (url) => ({
      url,
      user: 'bot@example.com',
      token: 'env:JIRA',
      project: 'OPS',
      issueType: 'Incident',
      webhookSecret: 'env:BACK',
    }),
    secrets: { 'env:JIRA': 'JIRA-TOKEN-4' },
    secretUrl: false,
    keyOf: ({ method, path, body }) =>
      method === 'POST' && path.endsWith('/issue') ? JSON.parse(body).fields.labels[1] : null,
    answer: jiraModel.answer,
    reset: () => jiraModel.reset(),
    tickets: () => jiraModel.issues.map(({ fields }) => (fields['labels'] as string[])[1]),
    questions: 1,
  },
  itop: {
    options: (url) => ({
      url,
      user: 'plimsoll',
      password: 'env:ITOP',
      organization: 'Demo',
      caller: 'plimsoll@example.com',
      team: 'AI platform',
      agent: 'Ada Lovelace',
      webhookSecret: 'env:BACK',
      poll: 60_000,
    }),
    secrets: { 'env:ITOP': itopModel.password },
    secretUrl: false,
    keyOf: (request) => {
      const { operation, fields } = JSON.parse(jsonOfForm(request));
      return operation === 'core/create' ? /\(plimsoll-[^)]*\)/.exec(fields.description)![0] : null;
    },
    answer: itopModel.answer,
    withoutSecret: (request) => [request.headers, jsonOfForm(request)],
    jsonOf: jsonOfForm,
    reset: () => itopModel.reset(),
    tickets: () => itopModel.tickets.map(({ fields }) => /\(plimsoll-[^)]*\)/.exec(String(fields['description']))![0]),
    questions: 1,
  },
  grafana: {
    options: (url) => ({ url, token: 'env:GRAFANA', path: '/api/annotations', webhookSecret: 'env:BACK' }),
    secrets: { 'env:GRAFANA': grafanaModel.token },
    secretUrl: false,
    keyOf: ({ method, body }) => (method === 'POST' ? JSON.parse(body).tags[2] : null),
    answer: grafanaModel.answer,
    withoutSecret: ({ headers, body }) => [{ ...headers, authorization: null }, body],
    reset: () => grafanaModel.reset(),
    tickets: () => grafanaModel.annotations.map(({ tags }) => tags[2]),
    questions: 1,
  },
};

type Answers = readonly (readonly [string, Behaviour, Outcome['kind']])[];

const HTTP_ANSWERS: Answers = [
  ['what it says when all is well', 'as always', 'ok'],
  ['a slow reader', { slowMs: 150 }, 'ok'],
  ['a redirect to a private address', { status: 302, headers: { location: 'http://169.254.169.254/' } }, 'permanent'],
  ['400', { status: 400, body: 'RESPONSE-SECRET-2' }, 'permanent'],
  ['401', { status: 401, body: 'RESPONSE-SECRET-2' }, 'permanent'],
  ['410', { status: 410 }, 'permanent'],
  ['429', { status: 429, body: 'RESPONSE-SECRET-2' }, 'retry'],
  ['500', { status: 500, body: 'RESPONSE-SECRET-2' }, 'unknown'],
  ['502', { status: 502, body: 'RESPONSE-SECRET-2' }, 'unknown'],
  ['503', { status: 503, body: 'RESPONSE-SECRET-2' }, 'retry'],
  ['504', { status: 504 }, 'unknown'],
  ['no answer in time', 'silent', 'unknown'],
  ['a reader that is too slow', { slowMs: 800 }, 'unknown'],
  ['a connection that closes after reading', 'hang up after reading', 'unknown'],
  ['a connection that closes at once', 'hang up', 'unknown'],
];

/** Up to the message itself nothing was sent. */
const MAIL_REPLIES: Answers = [
  ['250', 'as always', 'ok'],
  ['a slow reader', { slowMs: 150 }, 'ok'],
  ['421', { status: 421 }, 'retry'],
  ['450', { status: 450 }, 'retry'],
  ['452', { status: 452 }, 'retry'],
  ['550', { status: 550 }, 'permanent'],
  ['554', { status: 554 }, 'permanent'],
  ['no answer in time', 'silent', 'unknown'],
  ['a reader that is too slow', { slowMs: 800 }, 'unknown'],
  ['a connection that closes after reading', 'hang up after reading', 'unknown'],
  ['a connection that closes at once', 'hang up', 'retry'],
];

/** Long enough for loopback, short enough to wait for. */
const TOTAL_MS = 400;

describe.each(Object.entries(sinks) as unknown as [SinkType, Sink<unknown>][])(
  '%s keeps the sink contract',
  (type, sink) => {
    const harness = harnesses[type];
    let server: Tool;
    let warnings: string[];
    const startTool = async (): Promise<Tool> => {
      if (harness.isMail) return SmtpStandIn.start();
      const standIn = await StandIn.start();
      standIn.answer = harness.answer ?? null;
      return standIn;
    };
    const secretsAt =
      (url: string) =>
      async (reference: string): Promise<string> =>
        harness.secrets[reference]!.replace('{url}', url);
    const context = (more: Partial<SinkContext<unknown>> = {}): SinkContext<unknown> => ({
      options: harness.options(server.url),
      http: createHttp({ allow: ['127.0.0.1/32'], totalMs: TOTAL_MS }),
      mail: createMail({ allow: ['127.0.0.1/32'], totalMs: TOTAL_MS }),
      now: () => Date.now(),
      secret: secretsAt(server.url),
      deployment: 'eu1',
      consoleUrl: 'https://plimsoll.example.com',
      warn: (code, text) => warnings.push(`${code}: ${text}`),
      ...more,
    });
    const bodies = (): string[] =>
      harness.isMail ? [] : server.received.map(harness.jsonOf ?? (({ body }) => body)).filter((body) => body !== '');
    const expectNoSecret = (text: string): void => {
      for (const value of ['URL-SECRET-1', 'RESPONSE-SECRET-2', ...Object.values(harness.secrets)])
        expect(text).not.toContain(value);
    };
    const deliverTo = async (behaviour: Behaviour): Promise<Outcome> => {
      server.behaviours.push(...Array<Behaviour>(harness.questions ?? 0).fill('as always'), behaviour);
      return sink.deliver(messageOf(), context());
    };

    beforeEach(async () => {
      server = await startTool();
      harness.reset?.();
      warnings = [];
    });
    afterEach(() => server.stop());

    it('is listed under its name, says what it does, and explains its options', () => {
      expect(sink.name).toBe(type);
      expect(sink.summary).toMatch(/^[A-Z].{10,100}\.$/);
      const readme = join(import.meta.dirname, '../../src/sinks', type, 'README.md');
      expect(existsSync(readme)).toBe(true);
      const text = readFileSync(readme, 'utf8');
      for (const option of Object.keys(harness.options('') as object))
        expect(text).toMatch(new RegExp(`\\| \`${option}\` *\\|`));
      expect(text).toContain('## How it fails');
    });

    it('tells of an example that says so wherever it can be read, by its own words and ways, and ends it', async () => {
      const { http, mail } = context();
      const result = await testSink(
        { name: 'tried', sink, options: harness.options(server.url) },
        {
          ways: { http, mail },
          secret: secretsAt(server.url),
          deployment: 'eu1',
          consoleUrl: () => 'https://plimsoll.example.com',
          now: Date.now,
          supportGroups: [],
          pause: async () => {},
        },
      );
      expect(result).toMatchObject({ passed: true, isLeftOpen: false, steps: [{ outcome: 'ok' }, { outcome: 'ok' }] });
      const opening = server.received
        .map(({ body }) => (type === 'itop' ? decodeURIComponent(body.replaceAll('+', ' ')) : body))
        .join('\n');
      expect(opening).toContain('[TEST]');
      // An annotation has one line, and a webhook no long description.
      if (type !== 'grafana' && type !== 'webhook') expect(opening).toContain('Nothing is broken');
      expect(opening).not.toMatch(/INC-\d/);
      if (harness.tickets !== undefined) expect(harness.tickets()).toHaveLength(1);
      expectNoSecret(JSON.stringify(result));
    });

    it.runIf(sink.announce !== undefined)('tells people something that is about no incident', async () => {
      const notice: Notice = {
        deliveryId: 'plimsoll-eu1-dead-letters-ops-1',
        about: 'dead-letters-ops',
        at: Date.now(),
        title: 'ops was not told of an incident <!channel> & more',
        text: 'Last reason: answered 401.\nWhat to do: <b>mend</b> it.',
        url: 'https://plimsoll.example.com/deliveries',
      };
      expect(await sink.announce!(notice, context())).toMatchObject({ kind: 'ok' });
      const said = server.received.map(({ headers, body }) => `${headers['subject']}\n${body}`).join('\n');
      expect(said).toContain('was not told of');
      expect(said).toContain('plimsoll.example.com/deliveries');
      if (type === 'slack') expect(said).not.toContain('<!channel>');
      expect(
        await sink.announce!(notice, { ...context(), secret: async () => Promise.reject(new Error('gone')) }),
      ).toMatchObject(Object.keys(harness.secrets).length === 0 ? { kind: 'ok' } : { kind: 'retry' });
      server.behaviours.push({ status: harness.isMail ? 550 : 401, body: 'RESPONSE-SECRET-2' });
      const refused = await sink.announce!(notice, context());
      expect(refused.kind).toBe('permanent');
      expectNoSecret(JSON.stringify([refused, warnings]));
    });

    it.runIf(sink.change !== undefined)('shows a change, without the words that people wrote about it', async () => {
      const change: ChangeNotice = {
        id: 'CHG-7',
        at: Date.now(),
        service: 'support-bot',
        environment: 'production',
        type: 'prompt',
        before: '7',
        after: '8',
        description: 'CONTENT-SECRET',
      };
      expect(await sink.change!(change, context())).toMatchObject({ kind: 'ok' });
      const said = server.received.map(({ body }) => body).join('\n');
      expect(said).toContain('support-bot: prompt changed: 7 -> 8');
      expect(said).not.toContain('CONTENT-SECRET');
      server.behaviours.push({ status: 429 });
      expect(await sink.change!(change, context())).toMatchObject({ kind: 'retry' });
    });

    it.each(TRANSITIONS)('says %s, also when it is the first that the tool hears', async (transition) => {
      const over = transition === 'resolved' || transition === 'closed';
      const incident = incidentWith(over ? { state: transition, resolvedAt: Date.now() } : {});
      expect(await sink.deliver(messageOf({ transition, incident }), context())).toMatchObject({ kind: 'ok' });
      expect(server.received.filter((request) => harness.keyOf(request) !== null)).not.toEqual([]);
      for (const body of bodies()) expect(() => JSON.parse(body)).not.toThrow();
    });

    it('says the same thing twice under the same key', async () => {
      await sink.deliver(messageOf({ attempt: 1 }), context());
      await sink.deliver(messageOf({ attempt: 2, mayHaveArrived: true }), context());
      const [first, ...others] = server.received.map(harness.keyOf).filter((key) => key !== null);
      expect(first).toBeTruthy();
      // One that is asked first has seen that there is nothing to repeat.
      if (harness.questions === undefined) expect(others).not.toEqual([]);
      expect(new Set([first, ...others]).size).toBe(1);
    });

    it('keeps heads of the audit log if it is of a type that may be named as an anchor', async () => {
      expect(sink.anchor !== undefined).toBe(ANCHORING_SINKS.includes(type));
      if (sink.anchor === undefined) return;
      const head = { head: { log: 'eu1', root: '00', size: 7, ts: '2026-11-01T00:00:00.000Z', v: 1 }, key_id: '00' };
      const checkpoint = { deliveryId: 'plimsoll-eu1-audit-3', log: 'eu1', size: 7, at: 0, head };
      server.behaviours.push({ status: 503 }, { status: 200 });
      expect((await sink.anchor(checkpoint, context())).kind).toBe('retry');
      expect((await sink.anchor(checkpoint, context())).kind).toBe('ok');
      const [first, second] = server.received;
      expect(second!.body).toBe(first!.body);
      expect(harness.keyOf(second!)).toBe(harness.keyOf(first!));
      expect(JSON.stringify(JSON.parse(first!.body))).toContain(JSON.stringify(head));
    });

    it('says different incidents under different keys', async () => {
      await sink.deliver(messageOf(), context());
      await sink.deliver(messageOf({ incident: incidentWith({ id: 'INC-43' }) }), context());
      const [first, second] = server.received.map(harness.keyOf).filter((key) => key !== null);
      expect(second).not.toBe(first);
    });

    it.each(harness.isMail ? MAIL_REPLIES : HTTP_ANSWERS)(
      'takes %s for what it is, and repeats no secret',
      async (_, behaviour, kind) => {
        const outcome = await deliverTo(behaviour);
        expect(outcome.kind).toBe(kind);
        expectNoSecret(JSON.stringify([outcome, warnings]));
        if (outcome.kind === 'ok') return;
        expect(outcome.reason).toMatch(/^[^\n]{5,200}$/);
        if (harness.secretUrl) expect(outcome.reason).not.toContain('127.0.0.1');
      },
    );

    if (harness.questions !== undefined)
      it.each<[string, Behaviour, Outcome['kind']]>([
        ['401', { status: 401, body: 'RESPONSE-SECRET-2' }, 'permanent'],
        ['500', { status: 500, body: 'RESPONSE-SECRET-2' }, 'retry'],
        ['an answer that can’t be read', { status: 200, body: 'RESPONSE-SECRET-2' }, 'retry'],
        ['no answer in time', 'silent', 'retry'],
      ])('asks again after %s to a question: nothing has arrived by it', async (_, behaviour, kind) => {
        server.behaviours.push(behaviour);
        const outcome = await sink.deliver(messageOf(), context());
        expect(outcome.kind).toBe(kind);
        expect(server.received.map(harness.keyOf).filter((key) => key !== null)).toEqual([]);
        expectNoSecret(JSON.stringify([outcome, warnings]));
      });

    it('takes nobody listening for a retry', async () => {
      const elsewhere = await startTool();
      const [options, secret] = [harness.options(elsewhere.url), secretsAt(elsewhere.url)];
      await elsewhere.stop();
      const outcome = await sink.deliver(messageOf(), context({ options, secret }));
      expect(outcome).toEqual({ kind: 'retry', reason: 'no connection (ECONNREFUSED)' });
    });

    if (!harness.isMail)
      it.each([
        ['7', 7000],
        ['0', 0],
      ])('hands on Retry-After: %s', async (value, afterMs) => {
        expect(await deliverTo({ status: 429, headers: { 'retry-after': value } })).toMatchObject({
          kind: 'retry',
          throttled: true,
          afterMs,
        });
        expect(await deliverTo({ status: 503, headers: { 'retry-after': value } })).toMatchObject({
          kind: 'retry',
          afterMs,
        });
      });

    it('goes nowhere that isn’t public or listed', async () => {
      const outcome = await sink.deliver(
        messageOf(),
        context({ http: createHttp({ allow: [] }), mail: createMail({ allow: [] }) }),
      );
      expect(outcome.kind).toBe('permanent');
      expect(server.received).toEqual([]);
    });

    it('sends no secret but where it belongs, and nothing that people wrote', async () => {
      const incident = incidentWith({
        closeNotes: 'NOTE-1',
        timeline: [{ at: 0, by: { kind: 'user', id: 'dana' }, event: 'note', text: 'NOTE-2' }],
      });
      await sink.deliver(messageOf({ incident }), context());
      const whole = ({ headers, body }: Received): unknown => [headers, body];
      const sent = JSON.stringify(server.received.map(harness.withoutSecret ?? whole));
      expectNoSecret(sent);
      expect(sent).not.toMatch(/NOTE-[12]/);
    });

    it('takes names that telemetry made up', async () => {
      const nasty = '\ud800"\\\n\r\u0000\u202e<script>{{y}}漢字';
      const incident = incidentWith({
        service: nasty,
        environment: nasty,
        slices: [{ ...incidentWith().slices[0]!, name: nasty, value: nasty }],
        breaches: [{ ...breach, objective: nasty }],
      });
      expect(await sink.deliver(messageOf({ incident }), context())).toMatchObject({ kind: 'ok' });
      if (harness.isMail) expect(server.received[0]!.body).not.toMatch(/\ud800/);
      else expect(bodies()).not.toEqual([]);
      for (const body of bodies()) expect(JSON.stringify(JSON.parse(body))).not.toMatch(/\\ud800/);
    });

    if (Object.keys(harness.secrets).length > 0)
      it('waits for a secret that can’t be read, and names only the reference', async () => {
        const failing = async (): Promise<string> => {
          throw new Error('ENOENT: /run/secrets/URL-SECRET-1');
        };
        const outcome = await sink.deliver(messageOf(), context({ secret: failing }));
        expect(outcome.kind).toBe('retry');
        expect(JSON.stringify(outcome)).toContain(Object.keys(harness.secrets)[0]);
        expectNoSecret(JSON.stringify(outcome));
        expect(server.received).toEqual([]);
      });

    it('delivers at least once and in order of each incident, through a network that loses half of everything', async () => {
      const time = new VirtualTime(Date.UTC(2026, 10, 1, 10, 30));
      const dice = random(type.length);
      const store = new MemoryOutbox();
      const events: DeliveryEvent[] = [];
      const http = async (request: HttpRequest): Promise<HttpResult> => {
        await time.sleep(Math.floor(dice() * 2000));
        const luck = dice();
        if (luck < 0.2) return { kind: 'not_sent', reason: 'no connection (ECONNREFUSED)' };
        if (luck < 0.4) {
          // Of these half have been taken.
          if (luck < 0.3) harness.answer?.(receivedOf(request));
          return { kind: 'no_answer', reason: 'no answer (ECONNRESET)' };
        }
        if (luck < 0.5) return { kind: 'answer', status: 429, headers: { 'retry-after': '2' }, body: '' };
        const { status, headers = {}, body = '' } = harness.answer?.(receivedOf(request)) ?? { status: 200 };
        return { kind: 'answer', status, headers, body };
      };
      const mail = async (): Promise<MailResult> => {
        await time.sleep(Math.floor(dice() * 2000));
        const luck = dice();
        if (luck < 0.2) return { kind: 'not_sent', reason: 'no connection (ECONNREFUSED)' };
        if (luck < 0.4) return { kind: 'no_answer', reason: 'no answer (ECONNRESET)' };
        return luck < 0.5 ? { kind: 'refused', code: 450 } : { kind: 'accepted', refused: 0 };
      };
      const dispatcher = new Dispatcher({
        store,
        sinks: [{ name: 'it', sink, options: harness.options('http://127.0.0.1') }],
        http,
        mail,
        secret: secretsAt('http://127.0.0.1'),
        deployment: 'eu1',
        consoleUrl: 'https://plimsoll.example.com',
        now: () => time.now,
        random: dice,
        schedule: time.schedule,
        onEvent: (event) => events.push(event),
      });
      dispatcher.run();
      const life: Transition[] = [
        'opened',
        'acknowledged',
        'updated',
        'escalated',
        'held',
        'resolved',
        'reopened',
        'resolved',
        'closed',
      ];
      for (const [i, transition] of life.entries())
        for (let n = 1; n <= 20; n++) {
          const state = transition === 'resolved' || transition === 'closed' ? transition : 'in_progress';
          await store.commit(incidentWith({ id: `INC-${n}`, state }), i + 1, transition, time.now, ['it']);
          dispatcher.wake();
          await time.advance(Math.floor(dice() * 3000));
        }
      // Of several requests for one message all have to arrive.
      await time.advance((harness.questions === undefined ? 6 : 66) * 3_600_000);
      const attempts = events.filter((event) => event.type === 'attempt');
      for (let n = 1; n <= 20; n++) {
        const mine = attempts
          .filter((attempt) => attempt.row.incident === `INC-${n}`)
          .map((attempt) => attempt.row.seq);
        expect(mine).toEqual(mine.toSorted((a, b) => a - b));
      }
      expect(store.rows.filter((row) => row.state !== 'delivered' && row.state !== 'superseded')).toEqual([]);
      // A page or a chat that never heard of an incident isn't told of its end.
      const silent = sink.class === 'page' || sink.class === 'chat' ? ['superseded'] : [];
      for (const rows of Map.groupBy(store.rows, (row) => row.incident).values()) {
        const states = new Set(rows.map((row) => row.state));
        if (!states.has('delivered')) expect([...states]).toEqual(silent);
        else for (const row of rows.filter(({ seq }) => seq >= 8)) expect(row.state).toBe('delivered');
      }
      const told = new Set(store.rows.filter(({ state }) => state === 'delivered').map(({ incident }) => incident))
        .size;
      const tickets = harness.tickets?.();
      if (tickets !== undefined) expect([tickets.length, new Set(tickets).size]).toEqual([told, told]);
      if (silent.length === 0) expect(told).toBe(20);
      if (sink.everyTransition) expect(new Set(store.rows.map((row) => row.state))).toEqual(new Set(['delivered']));
      expectNoSecret(JSON.stringify(events));
    });
  },
);
