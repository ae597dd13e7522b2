import { z } from 'zod';
import { map } from './document.ts';
import {
  duration,
  httpUrl,
  label,
  list,
  mailbox,
  maybe,
  refuse,
  type SecretRef,
  secret,
  smtpUrl,
  text,
} from './fields.ts';

interface Credentials {
  readonly user: string | null;
  readonly password: string | null;
  readonly token: string | null;
}

/** One way to sign in, whole. */
function userOrToken({ user, password, token }: Credentials, context: z.RefinementCtx): void {
  const isWhole = token === null ? user !== null && password !== null : user === null && password === null;
  if (!isWhole) refuse(context, 'expected user and password, or token', { hint: 'name one way to sign in' });
}

/** How often a tool is asked what people have done; `off`: never. */
const pollEvery = z
  .union([duration('10s', '1d'), z.literal('off').transform(() => null)], {
    error: 'expected a duration of 10s or more, like 60s, or off',
  })
  .prefault('60s');
/** The sink that is told when this one can't be. */
const fallback = maybe(label);

/** Where incidents go, by `type`. */
const webhook = map({
  name: label,
  type: z.literal('webhook'),
  /** The whole address that is posted to. */
  url: httpUrl,
  /** Signs what is sent. */
  secret,
  /** Signs what comes back; `secret` when it is left out. */
  webhookSecret: maybe(secret),
  /** The one before, which signs as well, and is taken back, while receivers are given the new one. */
  previousSecret: maybe(secret),
});
const alertmanager = map({
  name: label,
  type: z.literal('alertmanager'),
  /** Base addresses of all instances of one cluster, never of a load balancer before them. */
  urls: list(httpUrl).min(1, 'expected one address or more'),
  /** The bearer token that its own notifications come with. */
  webhookSecret: maybe(secret),
  /** How often it is asked for silences. */
  poll: pollEvery,
  fallback,
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
  fallback,
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
  /** Of the app: what people do with the buttons of a message is signed with it. Without it there are none. */
  signingSecret: maybe(secret),
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
  /** For servers that ask who sends; with `password`. */
  user: maybe(text),
  password: maybe(secret),
}).superRefine(({ url, tls, user, password }, context) => {
  if ((user === null) !== (password === null))
    refuse(context, 'expected both user and password, or neither', { hint: 'name both' });
  if (user !== null && tls === 'off' && !url.startsWith('smtps:'))
    refuse(context, 'a password is said under TLS alone', { hint: 'leave out tls: off' }, ['tls']);
});
const servicenow = map({
  name: label,
  type: z.literal('servicenow'),
  /** Base address of the instance. */
  url: httpUrl,
  user: maybe(text),
  /** Of the user; or `token` instead of both. */
  password: maybe(secret),
  /** OAuth 2. */
  token: maybe(secret),
  mode: z.enum(['table', 'import_set'], { error: 'expected table or import_set' }).default('table'),
  /** Of `incident` or an extension of it; the staging table of an import set. */
  table: maybe(text),
  /** Stands in the header `x-plimsoll-secret` of what a business rule posts. */
  webhookSecret: maybe(secret),
  /** How often it is asked what people have changed. */
  poll: pollEvery,
}).superRefine(userOrToken);
const jira = map({
  name: label,
  type: z.literal('jira'),
  /** Base address of the site. */
  url: httpUrl,
  /** E-mail address of the account. */
  user: text,
  /** Its API token. */
  token: secret,
  /** Key of the project. */
  project: text,
  /** Name of the issue type. */
  issueType: text.default('Incident'),
  /** Signs what comes back. */
  webhookSecret: maybe(secret),
});
const itop = map({
  name: label,
  type: z.literal('itop'),
  /** Base address. */
  url: httpUrl,
  user: text,
  password: secret,
  /** Name or id. */
  organization: text,
  /** E-mail address, name or id of a person. */
  caller: text,
  /** Name or id. */
  team: text,
  /** E-mail address, name or id of a person of the team. */
  agent: text,
  /** Stands in the header `x-plimsoll-secret` of what a notification of iTop posts. */
  webhookSecret: maybe(secret),
  /** How often it is asked what people have changed. */
  poll: pollEvery,
});
const grafana = map({
  name: label,
  type: z.literal('grafana'),
  /** Base address. */
  url: httpUrl,
  /** Of a service account. */
  token: secret,
  /** Of the annotations: newer versions move it. */
  path: text.default('/api/annotations'),
  /** Signs what its alerting posts, or stands in `Authorization: Bearer`. */
  webhookSecret: maybe(secret),
});

export const sink = z.discriminatedUnion('type', [
  webhook,
  alertmanager,
  pagerduty,
  slack,
  teams,
  email,
  servicenow,
  jira,
  itop,
  grafana,
]);
export type SinkConfig = z.output<typeof sink>;

const SECRET_KEYS: ReadonlySet<string> = new Set([
  'secret',
  'previousSecret',
  'routingKey',
  'webhookSecret',
  'signingSecret',
  'password',
  'token',
]);

/** The references to secrets in a sink, by their key. */
export const secretsOf = (config: SinkConfig): [key: string, reference: SecretRef][] =>
  Object.entries(config).flatMap(([key, value]) =>
    (SECRET_KEYS.has(key) || (config.type === 'teams' && key === 'url')) && typeof value === 'string'
      ? [[key, value as SecretRef]]
      : [],
  );

/** Types of those that call the next person by themselves. */
export const SELF_ESCALATING_SINKS: readonly SinkConfig['type'][] = ['pagerduty'];

/** Types of those that can keep heads of the audit log. */
export const ANCHORING_SINKS: readonly SinkConfig['type'][] = ['webhook'];

/** Known, and still to come. */
export const LATER_SINKS: readonly string[] = ['jsm_ops'];
