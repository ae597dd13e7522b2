import { estimateCalibration } from '../measures/calibration-estimate.ts';
import { accuracyFromConfidence } from '../measures/confidence-accuracy.ts';
import { escalation } from '../measures/escalation.ts';
import type { Estimator } from '../measures/estimator.ts';
import { type EventMeasure, evaluated, labelled, NO_EVENTS, satisfaction } from '../measures/events.ts';
import { judgedAccuracy } from '../measures/judged-accuracy.ts';
import { reask } from '../measures/reask.ts';
import { appropriateReliance } from '../measures/reliance.ts';
import { SAFE_LABEL, type SafetyCheck, safety } from '../measures/safety.ts';
import { type TrustSources, trustEstimator } from '../measures/trust-parts.ts';
import type { MeasureOf, TrustComponent } from '../model/config/measure.ts';
import type { Service } from '../model/config/service.ts';
import { type Code, codeOfKnown } from '../model/dictionary.ts';
import { markKey, pairKey, relianceKey } from '../model/names.ts';
import { confidenceCounters, counterOf } from '../tally/counters.ts';
import { binCodes } from './joints.ts';
import type { KnownEvaluation, PlanBook } from './plan-book.ts';

/** How a measure of several ratings together is read, and what decides about it. */
export interface JointMeasure {
  readonly events: EventMeasure;
  readonly estimator?: Estimator;
  readonly subject: string | null;
  readonly method: string;
  readonly proxy: boolean;
  /** Whose detectors open incidents, in words; null: its own. Then it is a report. */
  readonly incidentsBy: string | null;
  /** Codes that it is read by. */
  readonly codes: readonly Code[];
}

/** What telemetry and people have brought so far. */
export interface JointSources {
  readonly plans: PlanBook;
  /** The newest version of an evaluation that has rated the service; null until one has. */
  readonly newest: (evaluation: string) => KnownEvaluation | null;
  /** Codes of the labels of a name that count: of one kind of sampling alone. */
  readonly labelsNamed: (name: string) => readonly Code[];
}

const RESPONSE_MODEL = codeOfKnown('response_model');
/** No name has it: what is read by it has not been seen yet. */
const UNSEEN: Code = 0;

/** Accuracy by labels drawn at random, with a judge of the rest. */
export function judgedByLabel(
  { plans, newest }: JointSources,
  { label, judge, strata }: MeasureOf<'accuracy'>,
): JointMeasure {
  const labels = plans.labelsNamed(label!, 'random');
  const known = newest(judge!);
  const codes = known === null ? [UNSEEN, UNSEEN] : [known.code, plans.codeOf(pairKey(label!, known))];
  return {
    events: labelled(labels),
    estimator: judgedAccuracy({
      labels,
      judge: codes[0]!,
      pair: codes[1]!,
      strata: strata === undefined ? null : plans.codeOf(strata),
    }),
    subject: label,
    method: 'ppi',
    proxy: false,
    incidentsBy: null,
    codes: [...labels, ...codes],
  };
}

/** Accuracy without labels, from stated confidence. */
export function estimatedFromConfidence(
  { plans, newest }: JointSources,
  { label, confidence }: MeasureOf<'accuracy'>,
): JointMeasure {
  const known = newest(confidence!);
  const bins = known === null ? [] : binCodes(plans, label!, 'random', known);
  return {
    events: NO_EVENTS,
    estimator: accuracyFromConfidence(bins, RESPONSE_MODEL),
    subject: label,
    method: 'cbpe',
    proxy: true,
    incidentsBy: 'objectives on labels: what is estimated without them opens none',
    codes: bins,
  };
}

/** What the trust index of a service is read from. */
export function trustSources(
  { plans, newest, labelsNamed }: JointSources,
  { trust, evaluations }: Service,
): TrustSources {
  const passing = (name: string | null): SafetyCheck | null => {
    if (name === null) return null;
    const known = newest(name);
    const mark = evaluations[name]?.pass ?? null;
    if (known === null || mark === null) return { evaluation: UNSEEN, mark: UNSEEN };
    return { evaluation: known.code, mark: plans.codeOf(markKey(known, mark)) };
  };
  const stated = trust.confidence === null ? null : newest(trust.confidence);
  return {
    applicable: trust.components,
    reliance: plans.codeOf(relianceKey(trust.label)),
    bins: stated === null ? null : binCodes(plans, trust.label, 'any', stated),
    safety: Object.keys(evaluations)
      .filter((name) => evaluations[name]!.safety)
      .flatMap((name) => passing(name) ?? []),
    safeLabels: labelsNamed(SAFE_LABEL),
    transparency: passing(trust.transparency),
    randomLabels: plans.labelsNamed(trust.label, 'random'),
    labels: plans.labelsNamed(trust.label, 'any'),
  };
}

/** The trust index, or one of its components. */
export function trustMeasure(sources: JointSources, { component }: MeasureOf<'trust'>, service: Service): JointMeasure {
  const of = trustSources(sources, service);
  const codes = [
    of.reliance,
    ...(of.bins ?? []),
    ...[...of.safety, ...(of.transparency === null ? [] : [of.transparency])].flatMap((one) => [
      one.evaluation,
      one.mark,
    ]),
    ...of.labels,
    ...of.safeLabels,
  ];
  if (component === null)
    return {
      events: NO_EVENTS,
      estimator: trustEstimator(of),
      subject: null,
      method: 'index',
      proxy: false,
      incidentsBy: 'objectives on its components',
      codes,
    };
  if (component === 'calibration')
    return {
      events: NO_EVENTS,
      estimator: calibrationGoodness(of.bins ?? []),
      subject: component,
      method: 'labels',
      proxy: false,
      incidentsBy: 'objectives on accuracy and reliance',
      codes,
    };
  return { ...componentShare(of, component), subject: component, incidentsBy: null, codes };
}

function componentShare(
  of: TrustSources,
  component: Exclude<TrustComponent, 'calibration'>,
): Pick<JointMeasure, 'events' | 'method' | 'proxy'> {
  const byPeople = (events: EventMeasure) => ({ events, method: 'feedback', proxy: false });
  const byScores = ({ evaluation, mark }: SafetyCheck) => ({
    events: evaluated(evaluation, mark),
    method: 'evaluator',
    proxy: true,
  });
  switch (component) {
    case 'satisfaction':
      return byPeople(satisfaction);
    case 'reliance':
      return { events: appropriateReliance(of.reliance), method: 'labels', proxy: false };
    case 'safety':
      return { events: safety(of.safety, of.safeLabels), method: 'checks', proxy: false };
    case 'escalation':
      return byPeople(escalation);
    case 'consistency':
      return byPeople(reask);
    case 'transparency':
      return byScores(of.transparency ?? { evaluation: UNSEEN, mark: UNSEEN });
  }
}

/** 1 - ECE_adj, so that more is better, as in all components. */
function calibrationGoodness(bins: readonly Code[]): Estimator {
  const names = new Set(bins.flatMap(confidenceCounters));
  return {
    reads: (name) => names.has(counterOf(name)),
    estimate: (tally) => {
      const { value, low, high, ...rest } = estimateCalibration(tally, bins);
      const mirrored = (one: number | null): number | null => (one === null ? null : 1 - one);
      return { ...rest, value: mirrored(value), low: mirrored(high), high: mirrored(low) };
    },
  };
}
