import { createHash } from 'node:crypto';
import type { Message, Outcome, Remote } from '../../model/delivery.ts';
import { type Incident, isOpen } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import { outcomeOf } from '../outcome.ts';
import { defineSink, type SinkContext } from '../sink.ts';
import { inSteps, secretOf, withoutSlash } from '../steps.ts';
import {
  changeEvent,
  dedupKey,
  followUp,
  noticeEvent,
  type PagerDutyEvent,
  type Severity,
  severityOf,
  trigger,
} from './event.ts';
import { inbound } from './inbound.ts';
import type { Told } from './told.ts';

export interface PagerDutyOptions {
  /** Base address: `https://events.pagerduty.com`, that of the EU, a proxy. */
  readonly url: string;
  /** Reference to the integration key of an Events API v2 integration. */
  readonly routingKey: string;
  /** Reference to the secret of the webhook subscription that reports back; null: none does. */
  readonly webhookSecret: string | null;
}

type Context = SinkContext<PagerDutyOptions>;

export const pagerduty = defineSink<PagerDutyOptions>({
  name: 'pagerduty',
  summary: 'Triggers, acknowledges and resolves an alert in PagerDuty (Events API v2).',
  class: 'page',
  deliver: (message, context) => inSteps(() => deliver(message, context)),
  inbound,
  announce: (notice, context) => inSteps(() => send('/v2/enqueue', noticeEvent(notice, context), context)),
  change: (change, context) => inSteps(() => send('/v2/change/enqueue', changeEvent(change, context), context)),
});

/** The rate limit says no number; this is what the vendor suggests to wait. */
const THROTTLED_MS: Millis = 30_000;
const SEVERITY_ORDER: readonly Severity[] = ['info', 'warning', 'error', 'critical'];

async function deliver(message: Message, context: Context): Promise<Outcome> {
  const routingKey = await secretOf(context, context.options.routingKey);
  const key = fingerprint(routingKey);
  const told = (message.remote?.state as Told | undefined) ?? null;
  if (told?.open && told.key !== key)
    context.warn(
      'routing_key_changed',
      'alerts that were opened with another routing key can not be closed with this one: PagerDuty drops it without a word. Resolve them there by hand',
    );
  for (const event of eventsFor(message, told, context)) {
    const outcome = await post('/v2/enqueue', event, routingKey, context);
    if (outcome.kind !== 'ok') return outcome;
  }
  return { kind: 'ok', remote: remoteAfter(message, told, key, context) };
}

/**
 * What has to be said. An alert that somebody resolved over there is opened again by the next trigger, and wakes
 * people again: so an open one is only triggered again for news that is worth it, another broken promise or a
 * higher severity.
 */
function eventsFor(message: Message, told: Told | null, context: Context): PagerDutyEvent[] {
  const { incident } = message;
  const { transition } = message;
  // Somebody may have done the opposite over there in the meantime, so what just happened is said whatever was said before.
  if (!isOpen(incident))
    return told?.open === false && transition !== 'resolved' ? [] : [followUp('resolve', incident, context)];
  const events: PagerDutyEvent[] = [];
  if (!told?.open || transition === 'reopened' || isWorse(incident, told)) events.push(trigger(incident, context));
  if (isHandled(message) && !(told?.open && told.acknowledged && transition !== 'acknowledged'))
    events.push(followUp('acknowledge', incident, context));
  return events;
}

function isWorse(incident: Incident, told: Told): boolean {
  const isHigher = SEVERITY_ORDER.indexOf(severityOf(incident)) > SEVERITY_ORDER.indexOf(told.severity);
  return isHigher || incident.breaches.some(({ objective }) => !told.objectives.includes(objective));
}

/** Somebody has it, as far as this transition says: a reopened or escalated one needs somebody anew. */
function isHandled({ transition, incident }: Message): boolean {
  if (transition === 'acknowledged' || transition === 'held') return true;
  return transition === 'updated' && incident.ackedAt !== null;
}

function remoteAfter(message: Message, told: Told | null, key: string, context: Context): Remote {
  const { incident } = message;
  const open = isOpen(incident);
  const wasOpen = told?.open === true;
  const isWorseNow = wasOpen && isWorse(incident, told);
  const state: Told = {
    open,
    acknowledged: open && (isHandled(message) || (wasOpen && told.acknowledged)),
    severity: wasOpen && !isWorseNow ? told.severity : severityOf(incident),
    objectives: incident.breaches.map(({ objective }) => objective),
    key: wasOpen && open ? told.key : key,
    ...(wasOpen && told.incident !== undefined && { incident: told.incident }),
  };
  return { id: dedupKey(incident, context), state };
}

const fingerprint = (routingKey: string): string =>
  createHash('sha256').update(`plimsoll routing key ${routingKey}`).digest('hex').slice(0, 8);

const send = async (path: string, event: object, context: Context): Promise<Outcome> =>
  post(path, event, await secretOf(context, context.options.routingKey), context);

async function post(path: string, event: object, routingKey: string, context: Context): Promise<Outcome> {
  const result = await context.http({
    method: 'POST',
    url: `${withoutSlash(context.options.url)}${path}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ routing_key: routingKey, ...event }),
  });
  const outcome = outcomeOf(result, context.now());
  if (outcome.kind === 'retry' && outcome.throttled && outcome.afterMs === undefined)
    return { ...outcome, afterMs: THROTTLED_MS };
  return outcome;
}
