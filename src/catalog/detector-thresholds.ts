import type { Dictionary } from '../model/dictionary.ts';
import { MINUTES_PER_DAY } from '../model/time.ts';
import { alarmThreshold, DETECTOR_LIMITS, detectorParams } from '../objectives/e-detector.ts';
import { recoveryParams } from '../objectives/recovery.ts';
import type { SlicedParams } from '../objectives/slice-watch.ts';

/** Never cut off at the limits: then another rate of false incidents would be kept than the one that is promised. */
export function thresholdOf(falseIncidentsPer30Days: number, share: number): number {
  const threshold = alarmThreshold(falseIncidentsPer30Days, share);
  const [low, high] = DETECTOR_LIMITS.threshold;
  if (!(threshold >= low && threshold <= high))
    throw new RangeError(
      `${falseIncidentsPer30Days} false incidents in 30 days lead to a threshold of ${threshold}: it lies from ${low} to ${high}`,
    );
  return threshold;
}

/**
 * Half of what an objective may take of the budget of false incidents goes to the whole of its service, the other half to its slices: in
 * equal parts to as many values of each dimension as are ever told apart, whether they have been seen or not. So a value that comes
 * tomorrow changes nothing for the others, and all together never take more than their half.
 * @param share  what each of them takes
 */
export function slicedParams(
  {
    dictionary,
    falseIncidentsPer30Days,
  }: { readonly dictionary: Dictionary; readonly falseIncidentsPer30Days: number },
  dimensions: readonly string[],
  q0: number,
  share: number,
): SlicedParams {
  const threshold = thresholdOf(falseIncidentsPer30Days, share);
  return {
    dimensions: [...new Set(dimensions)].map((name) => dictionary.code(name)),
    each: { ticket: detectorParams({ q0, threshold }), page: null, recovery: recoveryParams({ q0 }) },
  };
}

/** At most T/A false alarms in T minutes with events. @see Shin, Ramdas, Rinaldo (2024), E-detectors, NEJSDS 2:229-260 */
export function guaranteeOf(threshold: number): string {
  const days = threshold / MINUTES_PER_DAY;
  const text = days >= 10 ? String(Math.round(days)) : days.toFixed(1);
  return `at most one false alarm in ${text} days, in expectation`;
}
