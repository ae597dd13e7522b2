import type { Priority } from './incident.ts';
import type { Millis } from './time.ts';

/** What is promised of an incident itself: that somebody takes it up, and that it is over. */
export const TIMER_KINDS = ['response', 'resolution'] as const;
export type TimerKind = (typeof TIMER_KINDS)[number];

/** A timer that has breached its target runs on: that it has is said beside its stage. */
export const TIMER_STAGES = ['in_progress', 'paused', 'completed', 'cancelled'] as const;
export type TimerStage = (typeof TIMER_STAGES)[number];

/** Shares of the target, in percent, that are told when they have passed. */
export const WARNINGS = [50, 75, 100] as const;
export type Warning = (typeof WARNINGS)[number];

/** A target for one run of an incident (from its opening, or a reopening, to its end) at one priority. Times are of the clock. */
export interface IncidentTimer {
  readonly kind: TimerKind;
  /** That its target is for. */
  readonly priority: Priority;
  /** Time of the schedule, ms. */
  readonly targetMs: Millis;
  /** Name of the schedule that time counts by; null: around the clock. */
  readonly schedule: string | null;
  readonly stage: TimerStage;
  readonly start: Millis;
  /** When it was completed or cancelled. */
  readonly stop: Millis | null;
  /** When it breaches if nothing more happens, or did; null while it is paused and has not. */
  readonly plannedEnd: Millis | null;
  /** When it would have breached if it had never been paused. */
  readonly originalBreach: Millis;
  readonly hasBreached: boolean;
  /** The highest share that was told, or that had passed when it was begun; 0: none. */
  readonly warned: 0 | Warning;
  /** When the next share will have passed; null: none will, as things are. */
  readonly nextAt: Millis | null;
}

/** The timers of an incident, oldest first. */
export interface IncidentTimers {
  /** How many entries of its timeline they have followed, and which priority. */
  readonly through: number;
  readonly priority: Priority;
  readonly list: readonly IncidentTimer[];
}

/** A timer as it reads at a moment. Percentages are for display, rounded down; what is decided rests on `leftMs`. */
export interface TimerReading {
  /** Since the start, without pauses: on the clock, and of the schedule. */
  readonly elapsedMs: Millis;
  readonly businessElapsedMs: Millis;
  /** How long it was paused, on the clock. */
  readonly pausedMs: Millis;
  /** Of the schedule; negative: that long beyond it. */
  readonly leftMs: Millis;
  /** Of the target, of the schedule's time and of the clock's. */
  readonly percentage: number;
  readonly actualPercentage: number;
}
