import type { MeasureOf, TrustComponent } from '../model/config/measure.ts';
import type { Service } from '../model/config/service.ts';
import type { Code } from '../model/dictionary.ts';
import { confidenceCounters, counterOf } from '../tally/counters.ts';
import { estimateCalibration } from './calibration-estimate.ts';
import { type MeasureDefinition, type MeasureReading, type RatingSources, UNSEEN } from './definition.ts';
import { escalation } from './escalation.ts';
import type { Estimator } from './estimator.ts';
import { evaluated } from './evaluated.ts';
import { type EventMeasure, NO_EVENTS } from './events.ts';
import { labelMethod, variantOfLabels } from './labelled.ts';
import { reask } from './reask.ts';
import { appropriateReliance } from './reliance.ts';
import { type SafetyCheck, safety } from './safety.ts';
import { satisfaction } from './satisfaction.ts';
import { type TrustSources, trustEstimator } from './trust-parts.ts';
import { trustSources } from './trust-sources.ts';

/** What a target of 1 is of the index. */
const POINTS = 100;

/** The trust index, or one of its components. */
export const trustMeasure: MeasureDefinition<'trust'> = {
  read: (measure, sources) => readTrust(sources, measure, sources.service),
  isReport: ({ component }) => component === null || component === 'calibration',
  variantOf: (_, method) => variantOfLabels(method),
};

export function readTrust(
  sources: RatingSources,
  { component }: Pick<MeasureOf<'trust'>, 'component'>,
  service: Service,
): MeasureReading {
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
      judgedBy: 'report',
      events: NO_EVENTS,
      estimator: trustEstimator(of),
      subject: null,
      method: 'index',
      proxy: false,
      incidentsBy: 'objectives on its components',
      codes,
      unit: POINTS,
    };
  if (component === 'calibration')
    return {
      judgedBy: 'report',
      events: NO_EVENTS,
      estimator: calibrationGoodness(of.bins ?? []),
      subject: component,
      method: labelMethod(of.sampling),
      proxy: false,
      incidentsBy: 'objectives on accuracy and reliance',
      codes,
    };
  return { ...componentShare(of, component), subject: component, codes };
}

function componentShare(
  of: TrustSources,
  component: Exclude<TrustComponent, 'calibration'>,
): Pick<MeasureReading, 'events' | 'method' | 'proxy'> {
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
      return { events: appropriateReliance(of.reliance), method: labelMethod(of.sampling), proxy: false };
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
    estimate: (tally, looks) => {
      const { value, low, high, ...rest } = estimateCalibration(tally, bins, looks);
      const mirrored = (one: number | null): number | null => (one === null ? null : 1 - one);
      return { ...rest, value: mirrored(value), low: mirrored(high), high: mirrored(low) };
    },
  };
}
