import type { Answer } from './http-server.ts';

interface Event {
  readonly routing_key?: string;
  readonly event_action?: string;
  readonly dedup_key?: string;
  readonly payload?: { readonly summary?: string; readonly source?: string; readonly severity?: string };
}

export interface PagerDutyIncident {
  readonly key: string;
  status: 'triggered' | 'acknowledged' | 'resolved';
  /** How often it was triggered; only the first time wakes somebody. */
  triggers: number;
}

const EVENT_MAX_BYTES = 512 * 1024;
const SEVERITIES = ['critical', 'error', 'warning', 'info'];

/**
 * What the Events API v2 does: one alert for a routing key and a dedup key while it is open, follow-ups of what isn't open
 * are answered 202 and dropped, a trigger after the end opens another incident, bursts are answered 429.
 */
export class PagerDutyModel {
  /** In the order in which people were woken. */
  readonly incidents: PagerDutyIncident[] = [];
  /** Follow-ups that fell on the floor. */
  dropped = 0;
  /** How many events are taken before it asks for less. */
  burst = Number.POSITIVE_INFINITY;

  /** Summaries of changes, in the order in which they came; nothing tells a repetition. */
  readonly changes: string[] = [];

  readonly answer = ({ path = '/v2/enqueue', body }: { readonly path?: string; readonly body: string }): Answer => {
    if (this.burst-- <= 0) return { status: 429, body: 'Too many requests' };
    if (path.endsWith('/v2/change/enqueue')) return this.#takeChange(JSON.parse(body));
    const event = JSON.parse(body) as Event;
    const errors = problemsOf(event, Buffer.byteLength(body));
    if (errors.length > 0)
      return {
        status: 400,
        body: JSON.stringify({ status: 'invalid event', message: 'Event object is invalid', errors }),
      };
    const key = event.dedup_key ?? `made-up-${this.incidents.length}`;
    this.#take(event.event_action!, `${event.routing_key} ${key}`);
    return { status: 202, body: JSON.stringify({ status: 'success', message: 'Event processed', dedup_key: key }) };
  };

  #takeChange({ routing_key, payload }: Event & { readonly payload?: { readonly timestamp?: string } }): Answer {
    const isWhole = /^[A-Za-z0-9]{32}$/.test(routing_key ?? '') && (payload?.summary ?? '') !== '';
    if (!isWhole) return { status: 400, body: JSON.stringify({ status: 'invalid event' }) };
    this.changes.push(payload!.summary!);
    return { status: 202, body: JSON.stringify({ status: 'success', message: 'Change event processed' }) };
  }

  /** As somebody does it there. */
  resolveByHand(): void {
    for (const incident of this.incidents) incident.status = 'resolved';
  }

  #take(action: string, key: string): void {
    const open = this.incidents.find((incident) => incident.key === key && incident.status !== 'resolved');
    if (action === 'trigger') {
      if (open === undefined) this.incidents.push({ key, status: 'triggered', triggers: 1 });
      else open.triggers++;
    } else if (open === undefined) this.dropped++;
    else open.status = action === 'resolve' ? 'resolved' : 'acknowledged';
  }
}

function problemsOf({ routing_key, event_action, dedup_key, payload }: Event, bytes: number): string[] {
  const problems: string[] = [];
  if (!/^[A-Za-z0-9]{32}$/.test(routing_key ?? '')) problems.push("'routing_key' is missing or is an invalid format");
  if (!['trigger', 'acknowledge', 'resolve'].includes(event_action ?? '')) problems.push("'event_action' is invalid");
  if ((dedup_key ?? '').length > 255) problems.push("'dedup_key' is too long");
  if (event_action !== 'trigger' && dedup_key === undefined) problems.push("'dedup_key' is required");
  if (event_action === 'trigger') {
    const { summary = '', source = '', severity = '' } = payload ?? {};
    if (summary === '' || summary.length > 1024) problems.push("'payload.summary' is missing or too long");
    if (source === '') problems.push("'payload.source' is missing or blank");
    if (!SEVERITIES.includes(severity)) problems.push("'payload.severity' is invalid");
  }
  if (bytes > EVENT_MAX_BYTES) problems.push('the event is too large');
  return problems;
}
