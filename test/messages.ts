import type { Message } from '../src/model/delivery.ts';
import { incidentWith } from './incidents.ts';

/** A message for tests, and whatever a test wants to be different. */
export function messageOf(changes: Partial<Message> = {}): Message {
  const incident = changes.incident ?? incidentWith();
  const seq = changes.seq ?? 1;
  return {
    deliveryId: `plimsoll-eu1-${incident.id}-${seq}`,
    seq,
    transition: 'opened',
    at: incident.openedAt,
    incident,
    attempt: 1,
    mayHaveArrived: false,
    announced: seq > 1,
    remote: null,
    ...changes,
  };
}
