import type { Transition } from '../../model/incident.ts';
import type { ProblemTransition } from '../../model/problem.ts';
import type { Millis } from '../../model/time.ts';

/** `discarded`: a person decided that it is not to be sent. */
export const OUTBOX_STATES = ['pending', 'delivered', 'dead', 'superseded', 'discarded'] as const;
export type OutboxState = (typeof OUTBOX_STATES)[number];

/** What a message says has happened: to an incident, or to a problem. */
export type Told = Transition | ProblemTransition;

/** An undelivered message as the planner sees it: all but the payload, which is read when it is sent. */
export interface OutboxRow {
  readonly id: string;
  /** `INC-42`; or `PRB-7`, of what is told about a problem. */
  readonly incident: string;
  /** Name of the destination in the configuration. */
  readonly sink: string;
  /** Of the transition within its incident: rows of one stream (incident, sink) leave in this order. Gaps are fine. */
  readonly seq: number;
  readonly transition: Told;
  /** When the transition was committed, clock. */
  readonly createdAt: Millis;
  /** Since when it waits, clock: when it was written, or put back by a person. */
  readonly waitsSince: Millis;
  readonly attempts: number;
  /** Clock; not before. */
  readonly nextAttemptAt: Millis;
  /** Some attempt may have reached the destination: one without an answer, or one that a crash cut off. */
  readonly uncertain: boolean;
  /** The destination has, or may have, heard of this incident: an earlier row of this stream is delivered or uncertain. */
  readonly announced: boolean;
}

/** What ties rows together: one incident on its way to one destination. */
export const streamOf = (row: Pick<OutboxRow, 'sink' | 'incident'>): string => `${row.sink}\u0000${row.incident}`;
