import type { Priority } from './incident.ts';
import type { Millis } from './time.ts';

/** Why nobody more is told. */
export const ESCALATION_ENDS = ['acknowledged', 'resolved', 'exhausted', 'withdrawn'] as const;
export type EscalationEnd = (typeof ESCALATION_ENDS)[number];

/** One time that people were told because nobody had acknowledged. Times are of the clock. */
export interface EscalationCall {
  /** From 1; the owner comes behind the last. */
  readonly level: number;
  readonly kind: 'level' | 'fallback' | 'owner';
  /** Destinations; empty where there was none. */
  readonly sinks: readonly string[];
  /** The transition that told them: its place in the timeline, from 1. */
  readonly seq: number;
  readonly at: Millis;
  /** When the first of them took it. */
  readonly acceptedAt: Millis | null;
  readonly acceptedBy: string | null;
}

/** How far an incident has come in the policy of its service. */
export interface Escalation {
  readonly policy: string;
  /** As it was last seen: a more urgent one begins again. */
  readonly priority: Priority;
  /** Entries of the timeline before this are not looked at: an answer comes after it. */
  readonly from: number;
  /** The step of the policy that was taken last; -1: none yet, in quiet hours. */
  readonly step: number;
  /** Destinations of levels that have been told since it opened: they are told of all that follows. */
  readonly told: readonly string[];
  /** Every time that people were told, oldest first. */
  readonly calls: readonly EscalationCall[];
  /** When the next step is due; null: not while nobody has taken the last one, or it is over. */
  readonly dueAt: Millis | null;
  readonly ended: EscalationEnd | null;
}
