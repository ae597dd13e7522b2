import { type Incident, isOpen } from '../../model/incident.ts';
import { plainText } from '../../model/plain-text.ts';
import type { Millis } from '../../model/time.ts';
import { escapeHtml } from '../html.ts';
import { incidentUrl } from '../sink.ts';

/** What an annotation says that changes in its life. */
export interface Told {
  readonly text: string;
  /** Null: it isn't over, or is open again. */
  readonly timeEnd: Millis | null;
}

/** Found again by both; the second one is the same for no other deployment. */
export const marksOf = (incident: string, id: string): readonly [string, string] => [`plimsoll:${incident}`, id];

/** Grafana keeps 100 characters of each half of a tag. */
const TAG_MAX = 90;

export const tagsOf = (incident: Incident, id: string): string[] => [
  'plimsoll',
  ...marksOf(incident.id, id),
  `service:${plainText(incident.service, TAG_MAX)}`,
  ...(incident.environment === null ? [] : [`environment:${plainText(incident.environment, TAG_MAX)}`]),
  plainText(incident.category, TAG_MAX),
];

/** Annotations are HTML. */
export const toldOf = (incident: Incident, consoleUrl: string, now: Millis): Told => ({
  text: `${escapeHtml(plainText(incident.summary, 400))}<br><a href="${escapeHtml(incidentUrl(consoleUrl, incident.id))}">${escapeHtml(incident.id)}</a>`,
  timeEnd: isOpen(incident) ? null : Math.max(incident.startedAt, incident.resolvedAt ?? incident.closedAt ?? now),
});
