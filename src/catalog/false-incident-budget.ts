import { definitionOf } from '../measures/index.ts';
import type { Objective as ObjectiveConfig } from '../model/config/objective.ts';
import type { Service } from '../model/config/service.ts';
import { alarmThreshold, DETECTOR_LIMITS } from '../objectives/e-detector.ts';
import { SLICE_VALUES_MAX } from '../tally/plan.ts';

/** A more critical service may take more of the budget of false incidents: 4 : 3 : 2 : 1. */
const weightOf = (criticality: number): number => 5 - criticality;

/** What has no detector of its own takes nothing of the budget of false incidents. */
export const isReported = ({ measure }: ObjectiveConfig): boolean => definitionOf(measure).isReport?.(measure) ?? false;

/** Whether a sequential test or a drift detector decides: burn-rate rules are outside of the budget. */
const isOfBudget = (objective: ObjectiveConfig): boolean =>
  !isReported(objective) && (objective.measure.type === 'drift' || objective.alert.detector !== 'burn_rate');

/** What each objective with a sequential test or a drift detector may take of the budget of false incidents: shares in (0, 1] that sum to 1. */
export function budgetShares(
  objectives: readonly ObjectiveConfig[],
  serviceOf: (objective: ObjectiveConfig) => Service,
): Map<ObjectiveConfig, number> {
  const weights = new Map(
    objectives.filter(isOfBudget).map((objective) => [objective, weightOf(serviceOf(objective).criticality)]),
  );
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return new Map([...weights].map(([objective, weight]) => [objective, weight / total]));
}

/** Of an objective's share what the test of the whole service takes: half where slices have tests of their own. */
export const wholeShare = ({ alert }: ObjectiveConfig, share: number): number =>
  alert.slices.length > 0 ? share / 2 : share;

/** What each slice takes, of as many as are ever told apart. */
export const sliceShare = ({ alert }: ObjectiveConfig, share: number): number =>
  share / 2 / (new Set(alert.slices).size * SLICE_VALUES_MAX);

/** What is watched by a test of its own, and its share of the budget, in (0, 1]. */
export interface BudgetedStream {
  readonly objective: string;
  readonly share: number;
}

/** An objective whose alarm threshold lies where the detector was not examined, and the budget from or up to which none does. */
export interface BudgetOutOfRange {
  readonly objective: string;
  readonly threshold: number;
  /** False incidents in 30 days. */
  readonly nearest: number;
}

/**
 * Whether a budget of false incidents can be kept: each threshold it leads to must lie where detectors were examined. Cutting a threshold off at
 * the end of that range would promise one rate of false incidents and keep another.
 * @param falseIncidentsPer30Days  > 0   @returns null when it can
 */
export function budgetOutOfRange(
  falseIncidentsPer30Days: number,
  streams: readonly BudgetedStream[],
): BudgetOutOfRange | null {
  const [low, high] = DETECTOR_LIMITS.threshold;
  const thresholds = streams.map((stream) => ({
    ...stream,
    threshold: alarmThreshold(falseIncidentsPer30Days, stream.share),
  }));
  if (thresholds.length === 0) return null;
  const largest = thresholds.reduce((a, b) => (b.threshold > a.threshold ? b : a));
  const smallest = thresholds.reduce((a, b) => (b.threshold < a.threshold ? b : a));
  for (const [{ objective, share, threshold }, limit, isOut] of [
    [largest, high, largest.threshold > high],
    [smallest, low, smallest.threshold < low],
  ] as const)
    if (isOut) return { objective, threshold, nearest: alarmThreshold(limit, share) };
  return null;
}
