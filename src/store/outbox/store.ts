import type { Remote } from '../../model/delivery.ts';
import type { Incident } from '../../model/incident.ts';
import type { ProblemRecord } from '../../model/problem.ts';
import type { Millis } from '../../model/time.ts';
import type { OutboxRow } from './row.ts';

/** Where a row goes after an attempt, or without one. `uncertain` and `remote` stay as they are where they aren't named. */
export type Settlement =
  /** `remote`: what the destination answered; null keeps what was known. */
  | { readonly state: 'delivered'; readonly at: Millis; readonly remote: Remote | null }
  | {
      readonly state: 'pending';
      readonly nextAttemptAt: Millis;
      readonly uncertain: boolean;
      readonly lastError: string;
      readonly remote?: Remote;
    }
  | {
      readonly state: 'dead';
      readonly at: Millis;
      readonly uncertain?: boolean;
      readonly lastError: string;
      readonly remote?: Remote;
    }
  /** `by`: id of the row that says it instead; null when nothing needs to be said any more. */
  | { readonly state: 'superseded'; readonly at: Millis; readonly by: string | null };

/** What the audit log says of a delivery. */
export interface DeliveryEntry {
  readonly at: Millis;
  readonly type: `delivery.${string}`;
  /** Ids, counts and hashes. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What an attempt needs. */
export interface Departure {
  /** As it was right after the transition. */
  readonly incident: Incident;
  /** What the last row of this stream up to this one left behind, delivered or not. */
  readonly remote: Remote | null;
}

/** What an attempt needs to tell of a problem. */
export interface ProblemDeparture {
  /** As it was right after the step. */
  readonly problem: ProblemRecord;
}

/**
 * What the dispatcher asks of the table. Every call is one transaction and durable when it resolves. One dispatcher at a
 * time works on it; rows are written by others, in the transaction that writes the incident.
 */
export interface OutboxStore {
  /** Pending rows of all destinations: of each the `streamsPerSink` streams whose oldest pending row is oldest, each stream whole. */
  pending(streamsPerSink: number): Promise<readonly OutboxRow[]>;
  /**
   * Before anything is sent: one more attempt, `uncertain` until settled. A crash between the two leaves it uncertain.
   * Null when the row is no longer pending (somebody has discarded it).
   */
  begin(id: string): Promise<Departure | ProblemDeparture | null>;
  /** Does nothing to a row that is no longer pending. @param entries  of the audit log, appended in the same transaction */
  settle(id: string, settlement: Settlement, entries?: readonly DeliveryEntry[]): Promise<void>;
  /** Incidents as they stand now, with what this destination knows them by, where `remote.refreshUntil` > now. */
  refreshable(sink: string, now: Millis): Promise<readonly Departure[]>;
}
