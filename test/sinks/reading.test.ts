import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { describeIncident } from '../../src/incidents/text.ts';
import type { Message, Remote } from '../../src/model/delivery.ts';
import type { Evidence, Incident } from '../../src/model/incident.ts';
import { type SinkType, sinks } from '../../src/sinks/index.ts';
import type { HttpRequest, Sink, SinkContext } from '../../src/sinks/sink.ts';
import { breach, groundedness, incidentWith, ungrounded } from '../incidents.ts';
import { messageOf } from '../messages.ts';
import { receivedOf } from '../standins/conversation.ts';
import { GrafanaModel } from '../standins/grafana.ts';
import type { Answer, Received } from '../standins/http-server.ts';
import { ITopModel } from '../standins/itop.ts';
import { JiraModel } from '../standins/jira.ts';
import { PagerDutyModel } from '../standins/pagerduty.ts';
import { ServiceNowModel } from '../standins/servicenow.ts';
import { SLACK_CHANNEL, SLACK_TOKEN, SlackModel } from '../standins/slack.ts';
import { textOf } from '../standins/smtp-server.ts';
import { TeamsModel } from '../standins/teams.ts';

/**
 * What somebody reads who is woken at three in the morning, sink by sink: an outage that opens and recovers, and a bot that has lost
 * its ground since a prompt changed. The files in test/golden/sinks are for people to review; what changes in them is read.
 */
const worded = (changes: Partial<Incident>): Incident => {
  const facts = incidentWith(changes);
  return { ...facts, ...describeIncident(facts) };
};
const outageEvidence: Evidence = {
  ...ungrounded,
  objective: 'support-bot-availability',
  estimate: {
    ...groundedness,
    measure: 'availability',
    subject: null,
    method: 'spans',
    proxy: false,
    value: 0.9991,
    low: 0.9989,
    high: 0.9993,
    n: 82_041,
    coverage: 1,
    maturity: null,
  },
  target: 0.995,
  sinceOnset: { n: 312, bad: 200, burn: { value: 128, low: 117, high: 138 } },
  budget: {
    consumed: 0.18,
    remaining: 0.82,
    burn: 128,
    exhaustedAt: breach.startedAt + 3 * 3_600_000,
    outlook: { earliest: breach.startedAt + 2 * 3_600_000, latest: null, probability: 0.94 },
  },
};
const outage = (changes: Partial<Incident> = {}): Incident =>
  worded({
    id: 'INC-43',
    priority: 1,
    urgency: 1,
    impact: 1,
    category: 'ai.availability.error_rate',
    breaches: [
      {
        ...breach,
        objective: 'support-bot-availability',
        kind: 'SLA',
        category: 'ai.availability.error_rate',
        evidence: outageEvidence,
      },
    ],
    detectedAt: breach.startedAt + 180_000,
    openedAt: breach.startedAt + 184_000,
    slices: [
      { ...incidentWith().slices[1]!, explanatoryPower: 0.97, n: 240, bad: 198, share: 0.825, baselineShare: 0.004 },
    ],
    changes: [],
    ...changes,
  });
const messages: readonly Message[] = [
  messageOf({ incident: worded({}) }),
  messageOf({ incident: outage() }),
  messageOf({
    incident: outage({
      state: 'resolved',
      resolvedAt: breach.startedAt + 2_700_000,
      closeCode: 'recovered_automatically',
    }),
    seq: 2,
    transition: 'resolved',
    at: breach.startedAt + 2_700_000,
  }),
];

/** A webhook is read by programs: test/golden/webhook has what they get. */
type Read = Exclude<SinkType, 'webhook'>;
const TOOLS: Readonly<Record<Read, { options: object; secret?: string; answer?: (request: Received) => Answer }>> = {
  alertmanager: { options: { urls: ['https://am.example.com'] } },
  pagerduty: {
    options: { url: 'https://events.pagerduty.com', routingKey: 'env:S' },
    secret: 'k'.repeat(32),
    answer: new PagerDutyModel().answer,
  },
  slack: {
    options: { url: 'https://slack.com', token: 'env:S', channel: SLACK_CHANNEL },
    secret: SLACK_TOKEN,
    answer: new SlackModel().answer,
  },
  teams: {
    options: { url: 'env:S' },
    secret: 'https://teams.example.com/workflows/1?sig=URL-SECRET-1',
    answer: new TeamsModel().answer,
  },
  email: {
    options: {
      url: 'smtps://mail.example.com',
      from: 'Plimsoll <p@example.com>',
      to: ['duty@example.com'],
      tls: 'required',
    },
  },
  servicenow: {
    options: {
      url: 'https://sn.example.com',
      user: 'plimsoll',
      password: 'env:S',
      token: null,
      mode: 'table',
      table: null,
    },
    answer: new ServiceNowModel().answer,
  },
  jira: {
    options: { url: 'https://jira.example.com', user: 'u', token: 'env:S', project: 'OPS', issueType: 'Incident' },
    answer: new JiraModel().answer,
  },
  itop: {
    options: {
      url: 'https://itop.example.com',
      user: 'u',
      password: 'env:S',
      organization: 'a',
      caller: 'b',
      team: 'c',
      agent: 'd',
    },
    secret: new ITopModel().password,
    answer: new ITopModel().answer,
  },
  grafana: {
    options: { url: 'https://grafana.example.com', token: 'env:S', path: '/api/annotations' },
    secret: new GrafanaModel().token,
    answer: new GrafanaModel().answer,
  },
};

/** What was written, as lines: JSON as YAML, with texts of several lines as they are read. */
function written(request: HttpRequest): string | null {
  if (request.method === 'GET' || request.body === undefined) return null;
  const form = request.headers['content-type'] === 'application/x-www-form-urlencoded';
  const body = JSON.parse(form ? new URLSearchParams(request.body).get('json_data')! : request.body);
  if (form && body.operation === 'core/get') return null;
  if ('routing_key' in body) body.routing_key = '***';
  return `# ${request.method} ${new URL(request.url).pathname}\n${stringify(body, { lineWidth: 0 })}`;
}

/** What whoever is woken has to find: what is broken, since when, how bad, for whom, what changed, what to do, where the evidence is. */
const NEEDED = [
  'does not keep its XLA support-bot-groundedness',
  '2026-11-01 10:00 UTC',
  '0.93 (0.90-0.95, n 412)',
  '28 of 96 were bad',
  'error budget is spent',
  'prompt_version=8',
  'prompt changed: 7 ->',
  'go back to 7',
  'https://wiki.example.com/runbooks/support-bot',
  'https://plimsoll.example.com/incidents/INC-42',
  'https://tracer.example/trace/4bf92f3577b34da6a3ce929d0e0e4736',
];
const missingIn = (text: string): string[] => {
  const plain = text.replaceAll('&gt;', '>').replaceAll('&#39;', "'");
  return NEEDED.filter((one) => !plain.includes(one));
};

describe('what people read in', () => {
  it.each((Object.keys(TOOLS) as Read[]).map((type) => [type, sinks[type] as Sink<unknown>] as const))(
    '%s',
    async (type, sink) => {
      const { options, secret = 'a secret', answer = (): Answer => ({ status: 200 }) } = TOOLS[type];
      const read: string[] = [];
      const context: SinkContext<unknown> = {
        options,
        http: async (request) => {
          const text = written(request);
          if (text !== null) read.push(text);
          const { status, headers = {}, body = '' } = answer(receivedOf(request));
          return { kind: 'answer', status, headers, body };
        },
        mail: async ({ message }) => {
          const end = message.indexOf('\r\n\r\n');
          const head = message.slice(0, end).replaceAll(/\r\n[ \t]/g, ' ');
          const headers = Object.fromEntries(
            head.split('\r\n').map((line) => [line.split(':')[0]!.toLowerCase(), line.slice(line.indexOf(':') + 2)]),
          );
          const text = textOf({ headers, body: message.slice(end + 4) }).replaceAll('\r\n', '\n');
          read.push(`Subject: ${headers['subject']}\n\n${text}`);
          return { kind: 'accepted', refused: 0 };
        },
        now: () => breach.startedAt + 3_000_000,
        secret: async () => secret,
        deployment: 'eu1',
        consoleUrl: 'https://plimsoll.example.com',
        warn: () => {},
      };
      const known = new Map<string, Remote>();
      for (const message of messages) {
        const { id } = message.incident;
        const outcome = await sink.deliver({ ...message, remote: known.get(id) ?? null }, context);
        expect([type, outcome.kind, 'reason' in outcome ? outcome.reason : '']).toEqual([type, 'ok', '']);
        if (outcome.remote !== undefined) known.set(id, outcome.remote);
      }
      // An annotation has one line.
      if (type !== 'grafana') expect(missingIn(read[0]!)).toEqual([]);
      await expect(`${read.join('\n')}`).toMatchFileSnapshot(`../golden/sinks/${type}/reading.yaml`);
    },
  );
});
