import { z } from 'zod';
import { prices } from '../prices/price.ts';
import { modelRetirements } from '../retirements/retirement.ts';
import { parseDuration } from '../time.ts';
import { auth } from './auth.ts';
import { cmdb } from './cmdb.ts';
import { frame, map } from './document.ts';
import { allow } from './egress.ts';
import { escalationPolicy } from './escalation.ts';
import {
  address,
  duration,
  flag,
  hostName,
  httpUrl,
  label,
  list,
  maybe,
  origin,
  quantity,
  refuse,
  type SecretRef,
  secret,
  text,
} from './fields.ts';
import { history, otlpMetrics } from './history.ts';
import { hook } from './hook.ts';
import { incidentTargets } from './incident-targets.ts';
import { limits } from './limits.ts';
import { schedule } from './schedule.ts';
import { CONTENT_POLICIES, HIGH_RISK_RETENTION } from './service.ts';
import { sink } from './sink.ts';

const listen = map({
  /** API, console and metrics. */
  http: address.prefault('127.0.0.1:8080'),
  otlpHttp: address.prefault('127.0.0.1:4318'),
  /** Null: 127.0.0.1:4317, if it is free. */
  otlpGrpc: maybe(address),
  /** Origins whose pages may send feedback from people's browsers. */
  cors: list(origin).default([]),
  /** Names beside addresses under which it is asked as long as nobody signs in. */
  hosts: list(hostName).default([]),
  /** Other than loopback without tokens: whoever reaches the ports may use them. */
  trustNetwork: flag.default(false),
  /** Files, relative to the file that names them: all doors speak TLS then. */
  tls: maybe(map({ cert: text, key: text })),
});

/** Where everything is kept: in a file (`path` is as written until the loader makes it absolute), or in a PostgreSQL. */
export type StoreConfig =
  | { readonly type: 'sqlite'; readonly path: string }
  | { readonly type: 'postgres'; readonly url: string; readonly password: SecretRef | null };

const STORES = 'expected a store like sqlite:./data/plimsoll.db or postgres://user@host/database';

const storeUrl = z.string({ error: STORES }).transform((written, context): StoreConfig => {
  if (/^postgres(ql)?:/.test(written)) {
    const url = URL.parse(written);
    if (url === null || url.hostname === '' || !/^\/[^/]+$/.test(url.pathname))
      return refuse(context, 'expected an address like postgres://user@host/database', { secret: true });
    if (url.password !== '' || url.searchParams.has('password'))
      return refuse(context, 'a secret is not written into the configuration', {
        code: 'PLIM_CONFIG_LITERAL_SECRET',
        hint: 'leave it out of the address and name it beside it: password: "env:NAME" or "file:/path"',
        secret: true,
      });
    return { type: 'postgres', url: written, password: null };
  }
  const path = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(written)?.[1];
  if (path === undefined || path.startsWith(':') || path.includes('?'))
    return refuse(context, STORES, { secret: true });
  return { type: 'sqlite', path };
});

const store = map({ url: storeUrl.prefault('sqlite:./data/plimsoll.db'), password: maybe(secret) }).transform(
  ({ url, password }, context): StoreConfig => {
    if (password === null) return url;
    if (url.type === 'postgres') return { ...url, password };
    return refuse(context, 'a file has no password', { hint: 'leave it out' }, ['password']);
  },
);

const retention = map({
  /** Rows of spans, feedback, evaluations and labels. */
  interactions: duration('1h').prefault('45d'),
  /** Tallies. */
  minutes: duration('1d').prefault('100d'),
  hours: duration('1d').prefault('400d'),
  days: duration('1d').prefault('10y'),
  /** Of services in a high risk class of the AI Act. */
  regulated: map({ interactions: duration(HIGH_RISK_RETENTION).prefault('200d') }).prefault({}),
}).transform(({ interactions, minutes, hours, days, regulated }) => ({
  interactionsMs: interactions,
  minutesMs: minutes,
  hoursMs: hours,
  daysMs: days,
  regulatedInteractionsMs: regulated.interactions,
}));

const audit = map({
  /** The private key that signs heads of the audit log: Ed25519 in PEM. Null: a file beside the store. */
  key: maybe(secret),
  /** Sinks that keep heads of the audit log outside. */
  anchors: list(label).default([]),
});

const MONTH_MS = parseDuration('30d')!;

const falseIncidents = map({
  count: quantity(1e-6, 1e6).prefault(1),
  per: duration('1h', '10y').prefault('30d'),
}).transform(({ count, per }) => ({ count, perMs: per, per30Days: (count * MONTH_MS) / per }));

const spec = map({
  listen: listen.prefault({}),
  store: store.prefault({}),
  /** Files, or patterns of files, relative to the file that names them. */
  services: list(text).default([]),
  /** How many incidents may be opened in error, expected, over the whole deployment. */
  falseIncidents: falseIncidents.prefault({}),
  judge: map({ every: duration('100ms', '10m').prefault('60s'), grace: duration('0s', '10m').prefault('15s') })
    .transform(({ every, grace }) => ({ everyMs: every, graceMs: grace }))
    .prefault({}),
  sinks: list(sink).default([]),
  /** Tools that tell of changes. */
  hooks: list(hook).default([]),
  schedules: list(schedule).default([]),
  /** In what time incidents are to be taken up and to be over, by priority. */
  incidentTargets: incidentTargets.prefault({}),
  escalationPolicies: list(escalationPolicy).default([]),
  limits: limits.prefault({}),
  auth: maybe(auth),
  egress: map({ allow: allow.default([]) }).prefault({}),
  retention: retention.prefault({}),
  audit: audit.prefault({}),
  /** What `plimsoll export cmdb` calls things. */
  cmdb: cmdb.prefault({}),
  /** Null: no history is written. */
  history: maybe(history),
  /** Null: metrics are sent nowhere. */
  otlpMetrics: maybe(otlpMetrics),
  /** What models cost, where that is not what providers publish; a service's own win. */
  prices: maybe(prices),
  /** When models end, where that is not what providers publish, or of models of one's own. */
  modelRetirements: modelRetirements.default([]),
  content: z.enum(CONTENT_POLICIES).default('drop'),
  /** Where people reach the console; links in notifications begin with it. */
  consoleUrl: maybe(httpUrl.transform((url) => url.replace(/\/+$/, ''))),
});

const DEFAULT_NAME = 'plimsoll';

/** One running Plimsoll: where it listens, what it keeps, whom it tells. */
export const Deployment = map({
  ...frame('Deployment'),
  metadata: map({ name: label.default(DEFAULT_NAME), displayName: maybe(text) }).prefault({}),
  spec: spec.prefault({}),
}).transform(({ metadata, spec }) => ({ ...metadata, ...spec }));
export type Deployment = z.output<typeof Deployment>;
