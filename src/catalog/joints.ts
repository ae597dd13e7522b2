import { SAMPLINGS } from '../model/config/measure.ts';
import type { Objective } from '../model/config/objective.ts';
import type { Service } from '../model/config/service.ts';
import { confidenceKey, type EvaluationName, type LabelName, pairKey, relianceKey } from '../model/names.ts';
import { CONFIDENCE_BINS, type ConfidencePlan, type PairPlan, type ReliancePlan } from '../tally/plan.ts';
import type { JointPlanData, PlanBook } from './plan-book.ts';

/** What is counted of several ratings of one interaction together: what the objectives of a service, and its own file, ask for. */
export function jointsOf(
  plans: PlanBook,
  service: Service,
  objectives: readonly Objective[],
): { readonly joints?: JointPlanData } {
  const pairs = new Map<string, PairPlan>();
  const confidences = new Map<string, ConfidencePlan>();
  const addConfidences = (label: string, sampling: LabelName['sampling'], evaluation: string): void => {
    for (const known of plans.evaluationsNamed(evaluation))
      confidences.set(confidenceKey(label, sampling, known, 0), {
        bins: binCodes(plans, label, sampling, known),
        labels: plans.labelsNamed(label, sampling),
        evaluation: known.code,
      });
  };
  for (const { measure } of objectives) {
    if (measure.type !== 'accuracy' || measure.label === null) continue;
    if (measure.confidence !== undefined) addConfidences(measure.label, 'random', measure.confidence);
    if (measure.judge === null) continue;
    for (const known of plans.evaluationsNamed(measure.judge))
      pairs.set(pairKey(measure.label, known), {
        code: plans.codeOf(pairKey(measure.label, known)),
        labels: plans.labelsNamed(measure.label, 'random'),
        evaluation: known.code,
      });
  }
  const { components, label, confidence } = service.trust;
  const reliances: ReliancePlan[] = [];
  for (const sampling of SAMPLINGS) {
    const labels = plans.labelsNamed(label, sampling);
    if (confidence !== null && components.includes('calibration') && (labels.length > 0 || sampling === 'random'))
      addConfidences(label, sampling, confidence);
    if (components.includes('reliance') && labels.length > 0)
      reliances.push({ code: plans.codeOf(relianceKey(label, sampling)), labels });
  }
  if (pairs.size + confidences.size + reliances.length === 0) return {};
  return { joints: { pairs: [...pairs.values()], confidences: [...confidences.values()], reliances } };
}

/** Codes of the bins of a stated confidence, the lowest first. */
export const binCodes = (
  plans: PlanBook,
  label: string,
  sampling: LabelName['sampling'],
  stated: EvaluationName,
): number[] =>
  Array.from({ length: CONFIDENCE_BINS }, (_, bin) => plans.codeOf(confidenceKey(label, sampling, stated, bin)));
