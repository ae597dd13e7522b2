import type { ChangeNotice, Notice } from '../../model/delivery.ts';
import { evidenceText } from '../../model/estimate-text.ts';
import { correlationId, type Incident, kindOf, type Priority } from '../../model/incident.ts';
import { clip, plainText } from '../../model/plain-text.ts';
import { iso } from '../../model/time.ts';
import { linksOf } from '../links.ts';
import { incidentUrl } from '../sink.ts';

/** What the Events API v2 allows: characters of a summary, bytes of a whole event. */
export const SUMMARY_MAX = 1024;
export const EVENT_MAX_BYTES = 512 * 1024;
const DESCRIPTION_MAX = 4000;
const LIST_MAX = 5;
const NAME_MAX = 255;

export type Severity = 'critical' | 'error' | 'warning' | 'info';
const SEVERITIES: Readonly<Record<Priority, Severity>> = {
  1: 'critical',
  2: 'error',
  3: 'warning',
  4: 'warning',
  5: 'info',
};
export const severityOf = (incident: Incident): Severity => SEVERITIES[incident.priority];

export interface Sender {
  readonly deployment: string;
  readonly consoleUrl: string;
}

/** An event as `POST /v2/enqueue` takes it, but for the key in it, which is a secret and is put in last. */
export type PagerDutyEvent =
  | { readonly event_action: 'acknowledge' | 'resolve'; readonly dedup_key: string }
  | (TriggerFields & { readonly event_action: 'trigger'; readonly dedup_key: string });
type TriggerFields = ReturnType<typeof triggerFields>;

export const dedupKey = (incident: Incident, { deployment }: Sender): string => correlationId(deployment, incident.id);

/**
 * Opens the alert, or adds to it: the same key is the same alert for as long as it is open.
 * @see https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
 */
export const trigger = (incident: Incident, sender: Sender): PagerDutyEvent => ({
  event_action: 'trigger',
  dedup_key: dedupKey(incident, sender),
  ...triggerFields(incident, sender),
});

/** Acknowledging or resolving an alert that isn't open is answered 202 and dropped. */
export const followUp = (action: 'acknowledge' | 'resolve', incident: Incident, sender: Sender): PagerDutyEvent => ({
  event_action: action,
  dedup_key: dedupKey(incident, sender),
});

function triggerFields(incident: Incident, { consoleUrl }: Sender) {
  const service = nameOf(incident.service);
  return {
    payload: {
      summary: plainText(incident.summary, SUMMARY_MAX) || incident.id,
      source: incident.environment ? `${service}/${nameOf(incident.environment)}` : service,
      severity: severityOf(incident),
      timestamp: iso(incident.startedAt),
      component: service,
      class: incident.category,
      ...(incident.supportGroup ? { group: nameOf(incident.supportGroup) } : {}),
      custom_details: detailsOf(incident),
    },
    client: 'Plimsoll',
    client_url: incidentUrl(consoleUrl, incident.id),
    links: linksOf(incident, consoleUrl),
  };
}

const nameOf = (text: string): string => plainText(text, NAME_MAX) || 'unnamed';

/** Counts and names, for the person who is woken; what people wrote and what was asked and answered stays at home. */
const detailsOf = (incident: Incident) => ({
  incident: incident.id,
  priority: `P${incident.priority}`,
  kind: kindOf(incident),
  objectives: incident.breaches.slice(0, LIST_MAX).map(({ objective }) => nameOf(objective)),
  evidence: incident.breaches.slice(0, LIST_MAX).map(({ evidence }) => plainText(evidenceText(evidence), NAME_MAX)),
  where: incident.slices.slice(0, LIST_MAX).map(({ name, n, bad }) => `${nameOf(name)}: ${bad} of ${n} bad`),
  bad_traces: incident.traces.bad.slice(0, LIST_MAX).map(nameOf),
  description: clip(incident.description, DESCRIPTION_MAX),
});

/** A word that is about no incident: a warning, which stays open until somebody resolves it. */
export const noticeEvent = ({ about, at, title, text, url }: Notice, { deployment }: Sender): object => ({
  event_action: 'trigger',
  dedup_key: `plimsoll-${deployment}-${about}`,
  payload: {
    summary: plainText(title, SUMMARY_MAX),
    source: `plimsoll/${deployment}`,
    severity: 'warning',
    timestamp: iso(at),
    class: 'plimsoll',
    custom_details: { description: clip(text, DESCRIPTION_MAX) },
  },
  client: 'Plimsoll',
  client_url: url,
});

/**
 * A change, shown beside the alerts of its service: it wakes nobody. The description that people wrote stays at home.
 * @see https://developer.pagerduty.com/docs/events-api-v2/send-change-events/
 */
export const changeEvent = (change: ChangeNotice, { deployment, consoleUrl }: Sender): object => {
  const { id, at, service, environment, type, before, after } = change;
  const steps = [before, after].flatMap((one) => (one === null ? [] : [nameOf(one)])).join(' -> ');
  const summary = `${nameOf(service)}: ${type.replaceAll('_', ' ')} changed${steps === '' ? '' : `: ${steps}`}`;
  return {
    payload: {
      summary: plainText(summary, SUMMARY_MAX),
      timestamp: iso(at),
      source: environment === null ? nameOf(service) : `${nameOf(service)}/${nameOf(environment)}`,
      custom_details: { change: nameOf(id), type, before, after, deployment },
    },
    links: [{ href: `${consoleUrl}/services/${encodeURIComponent(service)}`, text: 'Service in Plimsoll' }],
  };
};
