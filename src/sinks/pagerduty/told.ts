import type { Severity } from './event.ts';

/** What the alert was last told, or has told since; kept beside the outbox. */
export interface Told {
  readonly open: boolean;
  readonly acknowledged: boolean;
  readonly severity: Severity;
  readonly objectives: readonly string[];
  /** Tells one routing key from another: an alert is closed through the key that opened it, or not at all. */
  readonly key: string;
  /** PagerDuty's own id of its incident, once a callback has named it. */
  readonly incident?: string;
}
