import { z } from 'zod';
import { map } from './document.ts';
import { httpUrl, label, list, mailbox, maybe, type SecretRef, secret, smtpUrl, text } from './fields.ts';

/** Where incidents go, by `type`. */
const webhook = map({
  name: label,
  type: z.literal('webhook'),
  /** The whole address that is posted to. */
  url: httpUrl,
  /** Signs what is sent. */
  secret,
});
const alertmanager = map({
  name: label,
  type: z.literal('alertmanager'),
  /** Base addresses of all instances of one cluster, never of a load balancer before them. */
  urls: list(httpUrl).min(1, 'expected one address or more'),
});
const pagerduty = map({
  name: label,
  type: z.literal('pagerduty'),
  /** Base address. */
  url: httpUrl.default('https://events.pagerduty.com'),
  /** The integration key, 32 characters. */
  routingKey: secret,
  /** Signs what comes back. */
  webhookSecret: maybe(secret),
});
const slack = map({
  name: label,
  type: z.literal('slack'),
  /** Base address. */
  url: httpUrl.default('https://slack.com'),
  /** A bot token, `xoxb-...`. */
  token: secret,
  /** Its id, `C0123456789`. */
  channel: text,
});
const teams = map({
  name: label,
  type: z.literal('teams'),
  /** Where the address of the flow is: it holds its own key. */
  url: secret,
});
const email = map({
  name: label,
  type: z.literal('email'),
  url: smtpUrl,
  from: mailbox,
  to: list(mailbox).min(1, 'expected one address or more').max(50, 'expected at most 50 addresses'),
  /** `off`: nothing is encrypted. */
  tls: z.enum(['required', 'off'], { error: 'expected required or off' }).default('required'),
});

export const sink = z.discriminatedUnion('type', [webhook, alertmanager, pagerduty, slack, teams, email]);
export type SinkConfig = z.output<typeof sink>;

const SECRET_KEYS: ReadonlySet<string> = new Set(['secret', 'routingKey', 'webhookSecret', 'token']);

/** The references to secrets in a sink, by their key. */
export const secretsOf = (config: SinkConfig): [key: string, reference: SecretRef][] =>
  Object.entries(config).flatMap(([key, value]) =>
    (SECRET_KEYS.has(key) || (config.type === 'teams' && key === 'url')) && typeof value === 'string'
      ? [[key, value as SecretRef]]
      : [],
  );

/** Types of those that can keep heads of the audit log. */
export const ANCHORING_SINKS: readonly SinkConfig['type'][] = ['webhook'];

/** Known, and still to come. */
export const LATER_SINKS: readonly string[] = ['servicenow', 'jira', 'itop', 'jsm_ops', 'teams', 'grafana', 'email'];
