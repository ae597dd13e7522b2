import type { Incident, Transition } from './incident.ts';
import type { ProblemRecord, ProblemTransition } from './problem.ts';
import type { Millis } from './time.ts';

/**
 * What a destination is for, which decides what it hears of: `record` tools keep a history, `page` wakes people, `chat`
 * tells them, `note` marks a place in time. A breach that was over before it could be told reaches records and notes only.
 */
export const SINK_CLASSES = ['record', 'page', 'chat', 'note'] as const;
export type SinkClass = (typeof SINK_CLASSES)[number];

/** What a destination knows an incident by. Kept beside the outbox and handed to the sink with its next message. */
export interface Remote {
  readonly id?: string;
  readonly url?: string;
  /** Whatever the sink needs to go on after a restart; plain JSON. */
  readonly state?: unknown;
  /** Until when the sink wants to say it again by itself (see `refresh`); absent: never. `FOR_GOOD` while it is open. */
  readonly refreshUntil?: Millis;
}

export const FOR_GOOD: Millis = Number.MAX_SAFE_INTEGER;

/** One transition of one incident, on its way to one destination. */
export interface Message {
  /** The idempotency key: the same in every attempt, and for no other message. */
  readonly deliveryId: string;
  /** Of the transition within its incident, from 1. */
  readonly seq: number;
  readonly transition: Transition;
  /** When the transition happened, clock. */
  readonly at: Millis;
  /** As it was right after the transition. */
  readonly incident: Incident;
  /** From 1. */
  readonly attempt: number;
  /**
   * An earlier attempt, or an earlier message that left nothing behind, may have arrived: tools without an idempotency
   * key are asked before anything is created.
   */
  readonly mayHaveArrived: boolean;
  /** An earlier message of this incident has arrived there, or may have: otherwise it hears of it for the first time. The same in every attempt. */
  readonly announced: boolean;
  /** What the last attempt that left something behind did leave, of this message or one before; null: none did. */
  readonly remote: Remote | null;
}

/** One step of one problem, on its way to one destination. It may have arrived before. */
export interface ProblemMessage {
  /** The idempotency key: the same in every attempt, and for no other message. */
  readonly deliveryId: string;
  /** Of the step within its problem, from 1. */
  readonly seq: number;
  readonly transition: ProblemTransition;
  /** When it happened, clock. */
  readonly at: Millis;
  /** As it was right after the step. */
  readonly problem: ProblemRecord;
}

/**
 * What became of one attempt.
 * - `ok`: the destination has it. Without `remote` what was known before stays.
 * - `retry`: the destination has not taken it. `throttled`: it is well, but asks for less.
 * - `permanent`: it never will. `gone`: and it wants nothing more from us.
 * - `unknown`: it may have taken it, it may not (no answer after sending, an error in the middle of the work).
 * `isOurFault`: the sink itself broke off, which says nothing of how the destination is.
 * `waiting`: the destination is well and asks for nothing; this message alone comes again after `afterMs`.
 * A failure may leave something behind too: `remote` is what is known by now, for the next attempt.
 * Reasons are for operators: they hold no secrets, no addresses that are secrets, nothing that the destination said.
 */
export type Outcome =
  | { readonly kind: 'ok'; readonly remote?: Remote }
  | {
      readonly kind: 'retry';
      readonly reason: string;
      readonly afterMs?: Millis;
      readonly throttled?: true;
      readonly waiting?: true;
      readonly remote?: Remote;
    }
  | { readonly kind: 'permanent'; readonly reason: string; readonly gone?: true; readonly remote?: Remote }
  | {
      readonly kind: 'unknown';
      readonly reason: string;
      readonly afterMs?: Millis;
      readonly isOurFault?: true;
      readonly remote?: Remote;
    };
export type Failure = Exclude<Outcome, { kind: 'ok' }>;

/** A signed head of the audit log, to be kept where whoever may change the store can't. */
export interface Checkpoint {
  /** Idempotency key: the same in every attempt. */
  readonly deliveryId: string;
  readonly log: string;
  readonly size: number;
  /** When it was signed. */
  readonly at: Millis;
  /** The signed head as docs/guide/audit-format.md has it. */
  readonly head: Readonly<Record<string, unknown>>;
}

/** A word to people that is about no incident. */
export interface Notice {
  /** Idempotency key: the same in every attempt. */
  readonly deliveryId: string;
  /** What it is about, the same each time: tools that keep alerts open keep one for it. Letters, digits and hyphens. */
  readonly about: string;
  readonly at: Millis;
  /** One line. */
  readonly title: string;
  /** Plain text, several lines. */
  readonly text: string;
  /** Where the console shows more. */
  readonly url: string;
}

/** A change of a service that was declared, for tools that show changes beside their alerts. */
export interface ChangeNotice {
  readonly id: string;
  readonly at: Millis;
  readonly service: string;
  readonly environment: string | null;
  readonly type: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly description: string | null;
}
