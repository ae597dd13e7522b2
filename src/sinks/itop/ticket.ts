import type { HoldReason, Incident, IncidentState, Priority } from '../../model/incident.ts';
import { plainText } from '../../model/plain-text.ts';
import { escapeHtml } from '../html.ts';
import { closeText, lines, openingText } from '../ticket-text.ts';
import type { ITopOptions } from './door.ts';

/** iTop computes the priority from both; these come out right in its own table, which differs from ServiceNow's. */
export const WEIGHTS: Readonly<Record<Priority, { readonly impact: string; readonly urgency: string }>> = {
  1: { impact: '1', urgency: '1' },
  2: { impact: '2', urgency: '2' },
  3: { impact: '2', urgency: '3' },
  4: { impact: '3', urgency: '4' },
  5: { impact: '3', urgency: '4' },
};
export const weightsOf = (priority: Priority): object => WEIGHTS[priority];

export type Place = 'new' | 'assigned' | 'pending' | 'resolved' | 'closed';
const PLACES: Readonly<Record<IncidentState, Place>> = {
  new: 'new',
  in_progress: 'assigned',
  on_hold: 'pending',
  resolved: 'resolved',
  closed: 'closed',
  cancelled: 'closed',
};
export const placeOf = ({ state }: Pick<Incident, 'state'>): Place => PLACES[state];

/** A status as iTop has it, without how late it is. */
export function placeOfStatus(status: unknown): Place | null {
  if (status === 'new' || status === 'escalated_tto') return 'new';
  if (status === 'assigned' || status === 'escalated_ttr') return 'assigned';
  return status === 'pending' || status === 'resolved' || status === 'closed' ? status : null;
}

/**
 * The next stimulus on the way from one place to another; null: it is there, or no way leads there. Only what is assigned
 * can be resolved or wait, and only what is resolved can be closed.
 */
export function nextStimulus(
  from: Place,
  to: Place,
): 'ev_assign' | 'ev_pending' | 'ev_resolve' | 'ev_close' | 'ev_reopen' | null {
  if (from === to || from === 'closed' || to === 'new') return null;
  if (from === 'resolved') return to === 'closed' ? 'ev_close' : 'ev_reopen';
  if (from !== 'assigned') return 'ev_assign';
  return to === 'pending' ? 'ev_pending' : 'ev_resolve';
}

/** What a stimulus asks for. */
export function fieldsOf(stimulus: string, incident: Incident, options: ITopOptions): object {
  if (stimulus === 'ev_assign') return { team_id: byName(options.team), agent_id: person(options.agent) };
  if (stimulus === 'ev_pending') return { pending_reason: holdText(incident.hold?.reason) };
  if (stimulus === 'ev_resolve') return { resolution_code: 'other', solution: withoutTags(closeText(incident)) };
  return {};
}

const holdText = (reason: HoldReason | undefined): string => (reason ?? 'on_hold').replaceAll('_', ' ');

/** Found again by it: `ref` is theirs. It stands behind a text that may have been cut. */
export const markOf = (id: string): string => `(${id})`;

export const openingFields = (incident: Incident, id: string, options: ITopOptions, consoleUrl: string): object => ({
  org_id: byName(options.organization),
  caller_id: person(options.caller),
  title: plainText(incident.title, 255) || incident.id,
  description: `${html(openingText(incident, consoleUrl))} ${markOf(id)}`,
  ...WEIGHTS[incident.priority],
});

const ID = /^\d{1,10}$/;
const byName = (written: string): unknown => (ID.test(written) ? Number(written) : { name: written });
const person = (written: string): unknown =>
  ID.test(written) ? Number(written) : written.includes('@') ? { email: written } : { friendlyname: written };

/** Descriptions and logs are HTML. */
export const html = (text: string): string => escapeHtml(lines(text)).replaceAll('\n', '<br>');

/** Of a text that is HTML in some versions and plain in others. */
const withoutTags = (text: string): string => text.replaceAll('<', '‹').replaceAll('>', '›');
