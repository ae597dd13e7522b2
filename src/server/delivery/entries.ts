import type { Outcome } from '../../model/delivery.ts';
import type { Millis } from '../../model/time.ts';
import type { OutboxRow } from '../../store/outbox/row.ts';
import type { DeliveryEntry } from '../../store/outbox/store.ts';

/** What became known of one attempt. */
export interface Attempt {
  readonly row: OutboxRow;
  readonly deliveryId: string;
  /** From 1. */
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly durationMs: Millis;
  /** Status of the last HTTP answer, or the last reply of a mail server; null without one. */
  readonly status: number | null;
  /** Hex, over the last body that was sent; null when nothing was. */
  readonly payloadSha256: string | null;
}

/** An attempt in the audit log: neither what was sent nor what was answered. */
export const attemptedEntry = (
  { row, deliveryId, attempt, outcome, durationMs, status, payloadSha256 }: Attempt,
  at: Millis,
): DeliveryEntry => ({
  at,
  type: 'delivery.attempted',
  data: {
    deliveryId,
    sink: row.sink,
    attempt,
    outcome: outcome.kind,
    status,
    durationMs,
    remoteId: outcome.kind === 'ok' ? (outcome.remote?.id ?? null) : null,
    payloadSha256,
  },
});

export const supersededEntry = ({ sink, incident, seq }: OutboxRow, by: string | null, at: Millis): DeliveryEntry => ({
  at,
  type: 'delivery.superseded',
  data: { sink, incident, seq, by },
});

export const deadEntry = ({ sink, incident, seq }: OutboxRow, reason: string, at: Millis): DeliveryEntry => ({
  at,
  type: 'delivery.dead',
  data: { sink, incident, seq, reason },
});
