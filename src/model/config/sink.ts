import { z } from 'zod';
import { map } from './document.ts';
import { httpUrl, label, list, secret } from './fields.ts';

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

export const sink = z.discriminatedUnion('type', [webhook, alertmanager]);
export type SinkConfig = z.output<typeof sink>;

/** Types of those that can keep heads of the audit log. */
export const ANCHORING_SINKS: readonly SinkConfig['type'][] = ['webhook'];

/** Known, and still to come. */
export const LATER_SINKS: readonly string[] = [
  'pagerduty',
  'servicenow',
  'jira',
  'itop',
  'jsm_ops',
  'slack',
  'teams',
  'grafana',
  'email',
];
