import type { Notice } from '../../model/delivery.ts';
import { evidenceText } from '../../model/estimate-text.ts';
import { ALERT_SEVERITIES, type Incident, isOpen, kindOf } from '../../model/incident.ts';
import { HOUR_MS, iso, type Millis } from '../../model/time.ts';
import { incidentUrl } from '../sink.ts';

export const REFRESH_MS: Millis = 60_000;
/** What isn't said again ends by itself: the clocks of both sides and a few lost rounds have to fit into it. */
const ENDS_AFTER_MS: Millis = 4 * REFRESH_MS;
/** For how long an end is said again: instances that were down hear of it, and clocks that lag catch up. */
export const RESOLVE_FOR_MS: Millis = 5 * 60_000;

/** The whole set is an alert's identity: one label that differs, and the end of it is never heard. */
export type Labels = Readonly<Record<string, string>>;

/** As `POST /api/v2/alerts` takes it. */
export interface Alert {
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
}

/** What was sent, kept beside the outbox: which set is firing, and which ones have to be ended. */
export interface SentAlerts {
  readonly firing: Labels | null;
  readonly ended: readonly { readonly labels: Labels; readonly at: Millis }[];
}
export const NOTHING_SENT: SentAlerts = { firing: null, ended: [] };

/** Alertmanager takes an empty label for an absent one, and drops it from the identity. */
const filled = (entries: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.entries(entries).flatMap(([name, value]) => (value ? [[name, value.toWellFormed()]] : [])));

export const labelsOf = (incident: Incident): Labels =>
  filled({
    alertname: 'PlimsollBreach',
    service: incident.service,
    objective: incident.breaches[0].objective,
    kind: kindOf(incident).toLowerCase(),
    severity: ALERT_SEVERITIES[incident.priority],
    category: incident.category,
    environment: incident.environment,
    incident: incident.id,
  });

export const sameLabels = (a: Labels, b: Labels): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
};

/** What has been sent once this state of the incident has been. */
export function afterSending(sent: SentAlerts, incident: Incident, now: Millis): SentAlerts {
  const wanted = labelsOf(incident);
  if (!isOpen(incident)) {
    // Never sent, as far as we know: an attempt without an answer may have been taken all the same.
    const labels = sent.firing ?? (sent.ended.length === 0 ? wanted : null);
    return { firing: null, ended: labels === null ? sent.ended : [...recent(sent, labels, now), { labels, at: now }] };
  }
  const old = sent.firing !== null && !sameLabels(sent.firing, wanted) ? sent.firing : null;
  const ended = recent(sent, wanted, now);
  return { firing: wanted, ended: old === null ? ended : [...ended, { labels: old, at: now }] };
}

/** Ends still worth saying, without that of a set that fires again. */
const recent = (sent: SentAlerts, firing: Labels, now: Millis): SentAlerts['ended'] =>
  sent.ended.filter((end) => now - end.at < RESOLVE_FOR_MS && !sameLabels(end.labels, firing));

/** The alerts that say it: the ends first, then what fires. */
export function alertsOf(sent: SentAlerts, incident: Incident, now: Millis, consoleUrl: string): Alert[] {
  const alert = (labels: Labels, endsAt: Millis): Alert => ({
    labels,
    annotations: annotationsOf(incident, consoleUrl),
    // An end before its start is refused.
    startsAt: iso(Math.min(incident.startedAt, endsAt, now)),
    endsAt: iso(endsAt),
    generatorURL: incidentUrl(consoleUrl, incident.id),
  });
  const ends = sent.ended.filter((end) => now - end.at < RESOLVE_FOR_MS).map((end) => alert(end.labels, end.at));
  return sent.firing === null ? ends : [...ends, alert(sent.firing, now + ENDS_AFTER_MS)];
}

const annotationsOf = (incident: Incident, consoleUrl: string): Record<string, string> =>
  filled({
    summary: incident.summary,
    description: incident.description,
    runbook_url: incident.links.runbook,
    dashboard_url: incident.links.dashboard ?? incidentUrl(consoleUrl, incident.id),
    evidence: evidenceText(incident.breaches[0].evidence),
  });

/** A word that is about no incident: it ends by itself after an hour. */
export const noticeAlert = ({ about, title, text, url }: Notice, now: Millis): Alert => ({
  labels: { alertname: 'PlimsollNotice', notice: about, severity: 'warning' },
  annotations: filled({ summary: title, description: text, dashboard_url: url }),
  startsAt: iso(now),
  endsAt: iso(now + HOUR_MS),
  generatorURL: url,
});
