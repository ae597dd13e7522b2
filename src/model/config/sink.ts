import { z } from 'zod';
import { map } from './document.ts';
import { httpUrl, label, list, maybe, type SecretRef, secret } from './fields.ts';

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

export const sink = z.discriminatedUnion('type', [webhook, alertmanager, pagerduty]);
export type SinkConfig = z.output<typeof sink>;

const SECRET_KEYS: ReadonlySet<string> = new Set(['secret', 'routingKey', 'webhookSecret']);

/** The references to secrets in a sink, by their key. */
export const secretsOf = (config: SinkConfig): [key: string, reference: SecretRef][] =>
  Object.entries(config).flatMap(([key, value]) =>
    SECRET_KEYS.has(key) && typeof value === 'string' ? [[key, value as SecretRef]] : [],
  );

/** Types of those that can keep heads of the audit log. */
export const ANCHORING_SINKS: readonly SinkConfig['type'][] = ['webhook'];

/** Known, and still to come. */
export const LATER_SINKS: readonly string[] = [
  'servicenow',
  'jira',
  'itop',
  'jsm_ops',
  'slack',
  'teams',
  'grafana',
  'email',
];
