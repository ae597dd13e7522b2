import { FOR_GOOD, type Message, type Outcome, type Remote } from '../../model/delivery.ts';
import { isOpen } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import { outcomeOf } from '../outcome.ts';
import { parseHttpDate } from '../retry-after.ts';
import { defineSink, type HttpResult, incidentUrl, type Known, type SinkContext } from '../sink.ts';
import { withoutSlash } from '../steps.ts';
import {
  type Alert,
  afterSending,
  alertsOf,
  NOTHING_SENT,
  noticeAlert,
  REFRESH_MS,
  RESOLVE_FOR_MS,
  type SentAlerts,
} from './alerts.ts';
import { inbound } from './inbound.ts';

export interface AlertmanagerOptions {
  /** Base addresses of all instances of one cluster, never of a load balancer before them. */
  readonly urls: readonly string[];
  /** Reference to the bearer token that its notifications come with; null: none come. */
  readonly webhookSecret: string | null;
  /** How often it is asked for silences; null: it isn't. */
  readonly poll: Millis | null;
}

type Context = SinkContext<AlertmanagerOptions>;

export const alertmanager = defineSink<AlertmanagerOptions>({
  name: 'alertmanager',
  summary: 'Fires and resolves alerts in Prometheus Alertmanager, all instances of a cluster.',
  class: 'page',
  deliver,
  announce: (notice, context) => post([noticeAlert(notice, context.now())], context),
  refresh: { everyMs: REFRESH_MS, send: refresh },
  inbound,
});

const sentOf = (remote: Remote | null): SentAlerts => (remote?.state as SentAlerts | undefined) ?? NOTHING_SENT;

async function deliver(message: Message, context: Context): Promise<Outcome> {
  const now = context.now();
  const { incident } = message;
  const sent = afterSending(sentOf(message.remote), incident, now);
  const alerts = alertsOf(sent, incident, now, context.consoleUrl);
  const remote: Remote = {
    id: incident.id,
    url: incidentUrl(context.consoleUrl, incident.id),
    state: sent,
    refreshUntil: sent.firing === null ? Math.max(...sent.ended.map((end) => end.at)) + RESOLVE_FOR_MS : FOR_GOOD,
  };
  if (alerts.length === 0) return { kind: 'ok', remote };
  const outcome = await post(alerts, context);
  return outcome.kind === 'ok' ? { ...outcome, remote } : outcome;
}

/** An incident that is over, and whose end is still in the outbox, is left alone: the outbox says it, with the labels as sent. */
async function refresh(known: readonly Known[], context: Context): Promise<Outcome> {
  const now = context.now();
  const alerts = known.flatMap(({ incident, remote }) => {
    const sent = sentOf(remote);
    return alertsOf(isOpen(incident) ? sent : { ...sent, firing: null }, incident, now, context.consoleUrl);
  });
  let refused: Outcome = { kind: 'ok' };
  for (let at = 0; at < alerts.length; at += ALERTS_PER_REQUEST) {
    const outcome = await post(alerts.slice(at, at + ALERTS_PER_REQUEST), context);
    // Of a request that is refused the good alerts are stored; those of the others must not end for the bad one.
    if (outcome.kind === 'permanent') refused = outcome;
    else if (outcome.kind !== 'ok') return outcome;
  }
  return refused;
}

const ALERTS_PER_REQUEST = 100;

/** To every instance at once; they gossip notifications, not alerts. One that takes it is enough, the others hear it with the next refresh. */
async function post(alerts: readonly Alert[], context: Context): Promise<Outcome> {
  const body = JSON.stringify(alerts);
  const outcomes = await Promise.all(
    context.options.urls.map(async (url) => {
      const result = await context.http({
        method: 'POST',
        url: `${withoutSlash(url)}/api/v2/alerts`,
        headers: { 'content-type': 'application/json' },
        body,
      });
      warnOfSkew(result, context);
      return outcomeOf(result, context.now());
    }),
  );
  const failed = outcomes.filter((outcome) => outcome.kind !== 'ok');
  if (failed.length > 0 && failed.length < outcomes.length)
    context.warn(
      'instance_down',
      `${failed.length} of ${outcomes.length} instances did not take the alerts (${failed[0]!.reason}); the others have them`,
    );
  return bestOf(outcomes);
}

/** What is known least badly: taken by one is taken; may have been taken by one is unknown. */
function bestOf(outcomes: readonly Outcome[]): Outcome {
  for (const kind of ['ok', 'unknown', 'retry', 'permanent'] as const) {
    const outcome = outcomes.find((candidate) => candidate.kind === kind);
    if (outcome !== undefined) return outcome;
  }
  return { kind: 'permanent', reason: 'no instance is configured: list their base addresses in urls' };
}

const SKEW_MAX_MS = 5_000;

/** Alertmanager decides by its own clock whether `endsAt` has come. */
function warnOfSkew(result: HttpResult, context: Context): void {
  const theirs = result.kind === 'answer' ? parseHttpDate(result.headers['date'] ?? '') : undefined;
  if (theirs === undefined) return;
  // A date is cut to whole seconds, so half a second is added back.
  const skewMs = theirs + 500 - context.now();
  if (Math.abs(skewMs) > SKEW_MAX_MS + 500)
    context.warn(
      'clock_skew',
      `its clock is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} ours: alerts end late or early until the clocks agree`,
    );
}
