import {
  type Alarm,
  alarmThreshold,
  type DetectorMode,
  detectorParams,
  initialState,
  pageNull,
  step,
} from '../../src/objectives/e-detector.ts';
import { recoveryParams } from '../../src/objectives/recovery.ts';
import {
  type SequentialParams,
  startWatch,
  type WatchEvent,
  watchMinute,
} from '../../src/objectives/sequential-watch.ts';

/** Thresholds that the tables speak of: one false incident in 30 days for one of a thousand streams, and for a stream alone. */
export const FLEET = alarmThreshold(1, 0.001);
export const SOLO = alarmThreshold(1, 1);
export { MINUTES_PER_DAY } from '../../src/model/time.ts';
export { MINUTES_PER_30_DAYS } from '../../src/objectives/e-detector.ts';

export interface Running {
  readonly step: (minute: number, n: number, bad: number) => Alarm | null;
}

/** A detector of production from its start. @param phi  null: the event part is off */
export function detector(
  q0: number,
  threshold: number,
  mode: DetectorMode = 'hybrid',
  phi: number | null = 1,
): Running {
  const params = detectorParams({ q0, threshold, mode });
  const state = initialState(params, mode === 'robust' ? null : phi);
  return { step: (minute, n, bad) => step(params, state, minute, n, bad) };
}

/** Ticket and page detector, dispersion rule and recovery, as an objective is served. */
export function watch(q0: number, threshold: number): (minute: number, n: number, bad: number) => WatchEvent[] {
  const params: SequentialParams = {
    ticket: detectorParams({ q0, threshold }),
    page: detectorParams({ q0: pageNull(q0), threshold }),
    recovery: recoveryParams({ q0 }),
  };
  const state = startWatch(params);
  return (minute, n, bad) => watchMinute(params, state, minute, { n, bad });
}

/** `99.9%`. */
export const objectiveText = (objective: number): string => `${Number((100 * objective).toPrecision(6))}%`;
/** 1 - objective without what floating point adds to it. */
export const budgetOf = (objective: number): number => Number((1 - objective).toPrecision(12));
export const burnText = (burn: number): string => (burn === Infinity ? 'outage' : `${burn}x`);
