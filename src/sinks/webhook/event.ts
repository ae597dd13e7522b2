import type { Checkpoint, Message, Notice } from '../../model/delivery.ts';
import { correlationId, incidentToJson } from '../../model/incident.ts';
import { clip } from '../../model/plain-text.ts';
import { iso } from '../../model/time.ts';
import { incidentUrl } from '../sink.ts';

/** What Standard Webhooks asks senders to keep to. */
export const BODY_MAX_BYTES = 20 * 1024;

export interface Sender {
  readonly deployment: string;
  readonly consoleUrl: string;
}

/**
 * The body: a CloudEvent 1.0 in structured mode, the same bytes in every attempt. Ids, counts and links; the timeline, the
 * notes that people wrote and the long description stay at home, behind the link. What doesn't fit is left out from
 * the end of the lists, and `data.trimmed` says so.
 * @see CloudEvents 1.0.2; extensions "partitioning" and "sequence" (strings that sort as the events do)
 */
export const eventBody = (message: Message, sender: Sender): string =>
  fittedBody(message.deliveryId, envelopeOf(message, sender), dataOf(message, sender));

/** An event with as much of its data as fits. @throws RangeError  when even its names do not */
export function fittedBody(deliveryId: string, envelope: object, data: object): string {
  for (const size of SIZES) {
    const body = JSON.stringify({ ...envelope, data: trimmed(data, size) });
    if (Buffer.byteLength(body) <= BODY_MAX_BYTES) return body;
  }
  throw new RangeError(`the event of ${deliveryId} can't be made to fit into ${BODY_MAX_BYTES} bytes`);
}

/** The body for a head of the audit log. It is about no incident, so it has no subject. */
export const checkpointBody = ({ deliveryId, at, size, head }: Checkpoint, sender: Sender): string =>
  JSON.stringify({
    specversion: '1.0',
    id: deliveryId,
    source: sourceOf(sender),
    type: 'dev.plimsoll.audit.checkpoint.v1',
    time: iso(at),
    datacontenttype: 'application/json',
    sequence: String(size).padStart(16, '0'),
    data: head,
  });

/** The body for a word that is about no incident, and so has no subject. */
export const noticeBody = ({ deliveryId, about, at, title, text, url }: Notice, sender: Sender): string =>
  JSON.stringify({
    specversion: '1.0',
    id: deliveryId,
    source: sourceOf(sender),
    type: 'dev.plimsoll.notice.v1',
    time: iso(at),
    datacontenttype: 'application/json',
    data: { about, title: clip(title, 256), text: clip(text, 4000), url },
  });

export const sourceOf = ({ consoleUrl, deployment }: Sender): string => `${consoleUrl}/instances/${deployment}`;

/** What is told of a target has a subject of its own: that of an incident is of its transitions alone. */
const envelopeOf = (message: Message, sender: Sender) => ({
  specversion: '1.0',
  id: message.deliveryId,
  source: sourceOf(sender),
  ...aboutOf(message),
  time: iso(message.at),
  datacontenttype: 'application/json',
  sequence: String(message.seq).padStart(10, '0'),
  partitionkey: message.incident.id,
});

function aboutOf(message: Message): { type: string; subject: string } {
  const { id } = message.incident;
  const sla = slaOf(message);
  if (sla === null) return { type: `dev.plimsoll.incident.${message.transition}.v1`, subject: id };
  return {
    type: `dev.plimsoll.sla.${sla.percent === 100 ? 'breached' : 'warning'}.v1`,
    subject: `${id}/${sla.timer}`,
  };
}

/** Of a message that says how much of a target has passed. */
const slaOf = ({ incident, seq }: Message) => incident.timeline[seq - 1]?.sla ?? null;

/** The target, as the record has it. */
function timerOf(message: Message): object {
  const sla = slaOf(message);
  const timer = sla && message.incident.timers?.list.findLast(({ kind }) => kind === sla.timer);
  if (sla === null || timer == null) return {};
  const { kind, priority, targetMs, schedule, start, plannedEnd, originalBreach, hasBreached } = timer;
  const times = { start: iso(start), plannedEnd: plannedEnd && iso(plannedEnd), originalBreach: iso(originalBreach) };
  return { timer: { kind, priority, targetMs, schedule, ...times, hasBreached, percentage: sla.percent } };
}

function dataOf(message: Message, sender: Sender) {
  const {
    description,
    timeline,
    closeNotes,
    ackedBy,
    assignedTo,
    awareBy,
    categorySetBy,
    classifiedBy,
    highRisk,
    override,
    reckoned,
    suppressedBy,
    withheld,
    traces,
    links,
    ...rest
  } = incidentToJson(message.incident);
  return {
    ...rest,
    suppressedBy: suppressedBy.map(({ kind, id, until }) => ({ kind, id, until })),
    correlationId: correlationId(sender.deployment, message.incident.id),
    ...(slaOf(message) === null ? { transition: message.transition } : timerOf(message)),
    traces,
    links: { incident: incidentUrl(sender.consoleUrl, message.incident.id), ...links },
  };
}

interface Size {
  readonly items: number;
  readonly chars: number;
}

const SIZES: readonly Size[] = [
  { items: Number.POSITIVE_INFINITY, chars: 2048 },
  { items: 10, chars: 512 },
  { items: 5, chars: 256 },
  { items: 2, chars: 128 },
  { items: 1, chars: 64 },
  { items: 0, chars: 24 },
];

/** Names and addresses that are worthless when cut: whole, or not at all. */
const WHOLE = new Set(['id', 'correlationId', 'incident', 'problem']);

function trimmed(data: object, size: Size): object {
  let cut = false;
  const visit = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') {
      if (value.length <= size.chars || WHOLE.has(key)) return value.toWellFormed();
      cut = true;
      return value.startsWith('https:') || value.startsWith('http:') ? null : clip(value, size.chars);
    }
    if (Array.isArray(value)) {
      // The first breach is the incident's own; the others joined it.
      const kept = value.slice(0, key === 'breaches' || key === 'objectives' ? Math.max(1, size.items) : size.items);
      if (kept.length < value.length) cut = true;
      return kept.map((item) => visit(item, ''));
    }
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, visit(item, name)]));
  };
  const copy = visit(data, '') as object;
  return cut ? { ...copy, trimmed: true } : copy;
}
