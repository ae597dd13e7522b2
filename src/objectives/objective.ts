import type { EventMeasure } from '../measures/events.ts';
import type { Code } from '../model/dictionary.ts';
import type { Measure } from '../model/estimate.ts';
import type { ObjectiveKind } from '../model/incident.ts';
import type { Minute } from '../model/time.ts';
import type { BurnParams } from './burn-watch.ts';
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
  readonly method: string;
  readonly proxy: boolean;
  readonly events: EventMeasure;
  readonly target: number;
  /** The budgeted bad share: 1 - target. */
  readonly q0: number;
  readonly window: ObjectiveWindow;
  readonly sequential: SequentialParams | null;
  readonly burn: BurnParams | null;
  /** Detectors of the single values of dimensions; absent where none were asked for. */
  readonly sliced?: SlicedParams;
  /** What an alarm of the sequential test is worth, in words. */
  readonly guarantee: string | null;
  readonly category: string;
  /** Changes with anything that the detectors are made from: then they begin anew. */
  readonly fingerprint: string;
  /** What is counted, of those names that telemetry brings: it may grow without anything else changing. */
  readonly codes: readonly Code[];
}
