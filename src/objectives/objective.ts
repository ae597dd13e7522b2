import type { Composition, JudgedBy, SliceSource } from '../measures/definition.ts';
import type { Feature } from '../measures/drift-features.ts';
import type { Estimator } from '../measures/estimator.ts';
import type { EventMeasure } from '../measures/events.ts';
import type { Code } from '../model/dictionary.ts';
import type { Measure } from '../model/estimate.ts';
import type { ObjectiveKind } from '../model/incident.ts';
import type { Minute } from '../model/time.ts';
import type { Clock } from '../tally/book.ts';
import type { BurnParams } from './burn-watch.ts';
import type { DriftWatchParams } from './drift-watch.ts';
import type { SequentialParams } from './sequential-watch.ts';
import type { SlicedParams } from './slice-watch.ts';

/** The window of a promise: rolling, or of the calendar and then from a minute that depends on now. */
export interface ObjectiveWindow {
  readonly text: string;
  /** Longest it can be, minutes. */
  readonly minutes: number;
  /** First minute of the window that holds `now`. */
  readonly startOf: (now: Minute) => Minute;
  /** A fixed start is looked at again and again while it fills: its interval must bear that. */
  readonly hasFixedStart: boolean;
}

/** What drift is looked for in, and from which movement on. */
export interface DriftRule extends DriftWatchParams {
  readonly feature: Feature;
  /** What a key of the feature is called. */
  readonly textOf: (code: Code) => string;
}

/** An objective made ready to be judged. */
export interface Objective {
  readonly name: string;
  readonly service: string;
  readonly environment: string | null;
  /** What its service is counted under. */
  readonly counted: Code;
  readonly kind: ObjectiveKind;
  readonly measure: Measure;
  /** What the measure is of (an evaluation, a limit); null when it is of nothing else. */
  readonly subject: string | null;
  /** How it is measured, where that is not the usual way: what tells two objectives of one measure and subject apart. */
  readonly variant?: string | undefined;
  readonly method: string;
  readonly proxy: boolean;
  readonly judgedBy: JudgedBy;
  /** Of `report` objectives, in words: whose detectors open incidents. Null for the others: their own. */
  readonly incidentsBy: string | null;
  /** What its detectors count; nothing for those that have none. */
  readonly events: EventMeasure;
  /** Where the estimate is no share of those events. */
  readonly estimator?: Estimator;
  /** Where it is read from slices: the tallies that its estimator, or its feature, is given. */
  readonly slices?: SliceSource;
  /** Of one made of others: its estimate follows from theirs. */
  readonly composition?: Composition;
  readonly drift?: DriftRule;
  /** In the unit of the estimate; null where nothing is promised of it (drift). */
  readonly target: number | null;
  /** `at_least`: good is at or above the target. */
  readonly direction: 'at_least' | 'at_most';
  /** The budgeted bad share: 1 - target; null where there is no such budget: then there are no detectors of bad shares either. */
  readonly q0: number | null;
  readonly window: ObjectiveWindow;
  readonly sequential: SequentialParams | null;
  readonly burn: BurnParams | null;
  /** Detectors of the single values of dimensions; absent where none were asked for. */
  readonly sliced?: SlicedParams;
  /** What an alarm of the sequential test is worth, in words. */
  readonly guarantee: string | null;
  /** What a breach is filed under: of the configuration, or the usual one of its measure, than which evidence may know better. */
  readonly category: string;
  /** The configuration says so. */
  readonly isFiled?: boolean;
  /** Changes with anything that the detectors are made from: then they begin anew. */
  readonly fingerprint: string;
  /** What is counted, of those names that telemetry brings: it may grow without anything else changing. */
  readonly codes: readonly Code[];
}

/** The clock of the minutes that its detectors see. */
export const detectorClockOf = ({ drift, events }: Pick<Objective, 'drift' | 'events'>): Clock =>
  (drift?.feature ?? events).detectorClock;

/** An objective with an error budget. */
export type Budgeted = Objective & { readonly target: number; readonly q0: number };
export const isBudgeted = (objective: Objective): objective is Budgeted => objective.q0 !== null;

/** Of a promise that allows more bad than good (a response rate) nothing is spent: it always is nearly all of it. */
export const hasBudget = ({ q0 }: Pick<Budgeted, 'q0'>): boolean => q0 <= 0.5;
