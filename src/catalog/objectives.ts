import type { Estimator } from '../measures/estimator.ts';
import { availability, type EventMeasure, evaluated, labelled, latency, satisfaction } from '../measures/events.ts';
import type { MeasureConfig } from '../model/config/measure.ts';
import type { Objective as ObjectiveConfig } from '../model/config/objective.ts';
import type { Service } from '../model/config/service.ts';
import type { Window } from '../model/config/window.ts';
import type { Code, Dictionary } from '../model/dictionary.ts';
import { countedKey, labelKey, markKey } from '../model/names.ts';
import { defaultCategory } from '../model/taxonomy.ts';
import { MINUTE_MS } from '../model/time.ts';
import { burnTiers } from '../objectives/burn-rate.ts';
import { LONGEST_MINUTES, startOfPeriod } from '../objectives/calendar.ts';
import { alarmThreshold, DETECTOR_LIMITS, detectorParams, pageNull } from '../objectives/e-detector.ts';
import type { JudgedBy, Objective, ObjectiveWindow } from '../objectives/objective.ts';
import { recoveryParams } from '../objectives/recovery.ts';
import {
  estimatedFromConfidence,
  type JointMeasure,
  type JointSources,
  judgedByLabel,
  newestEvaluation,
  trustMeasure,
} from './joint-measures.ts';
import { belongsTo, type PlanBook } from './plan-book.ts';

/** What of the configuration objectives are made ready from. */
export interface ObjectiveSources {
  readonly objectives: readonly ObjectiveConfig[];
  readonly services: readonly Service[];
  /** Expected false incidents in 30 days, over all sequential detectors together. */
  readonly falseIncidentsPer30Days: number;
  readonly dictionary: Dictionary;
  readonly plans: PlanBook;
  /** The evaluator versions that have scored what is counted under a name, in order of first sight. */
  readonly evaluatorsOf: (counted: Code) => readonly Code[];
}

/** Measures that are judged in this version; the others are read, and said to be not judged. */
export const JUDGED_MEASURES: readonly MeasureConfig['type'][] = [
  'availability',
  'latency',
  'accuracy',
  'satisfaction',
  'trust',
];

export const isJudged = ({ measure }: ObjectiveConfig): boolean => JUDGED_MEASURES.includes(measure.type);

/** What has no detector of its own takes nothing of the budget of false incidents. */
const isReported = ({ measure }: ObjectiveConfig): boolean =>
  (measure.type === 'accuracy' && measure.confidence !== undefined) ||
  (measure.type === 'trust' && (measure.component === null || measure.component === 'calibration'));

const MINUTES_PER_DAY = 1440;
/** A more critical service may take more of the budget of false incidents: 4 : 3 : 2 : 1. */
const weightOf = (criticality: number): number => 5 - criticality;

/** Objectives made ready to be judged. */
export function compileObjectives(sources: ObjectiveSources): Objective[] {
  const judged = sources.objectives.filter(isJudged);
  const serviceOf = (objective: ObjectiveConfig): Service =>
    sources.services.find((service) => belongsTo(objective, service))!;
  const total = judged
    .filter((objective) => objective.alert.detector !== 'burn_rate' && !isReported(objective))
    .reduce((sum, objective) => sum + weightOf(serviceOf(objective).criticality), 0);
  return judged.map((objective) => compile(sources, objective, serviceOf(objective), total));
}

function compile(sources: ObjectiveSources, config: ObjectiveConfig, service: Service, totalWeight: number): Objective {
  const { measure, alert, target } = config;
  const counted = sources.dictionary.code(countedKey({ name: service.name, environment: service.environment }));
  const read = readMeasure(sources, measure, service, counted);
  const window = windowOf(config.window);
  const { judgedBy = 'events' } = read;
  const share = target!.share * (read.unit ?? 1);
  const q0 = judgedBy === 'report' ? null : target!.q0;
  const share30 = q0 === null || alert.detector === 'burn_rate' ? 1 : weightOf(service.criticality) / totalWeight;
  const [low, high] = DETECTOR_LIMITS.threshold;
  const threshold = Math.min(high, Math.max(low, alarmThreshold(sources.falseIncidentsPer30Days, share30)));
  const isSequential = q0 !== null && alert.detector !== 'burn_rate';
  return {
    name: config.name,
    service: service.name,
    environment: service.environment === '' ? null : service.environment,
    counted,
    kind: config.kind,
    measure: measure.type,
    subject: read.subject,
    method: read.method,
    proxy: read.proxy ?? read.method === 'evaluator',
    judgedBy,
    incidentsBy: read.incidentsBy ?? null,
    events: read.events,
    ...(read.estimator === undefined ? {} : { estimator: read.estimator }),
    target: share,
    direction: 'at_least',
    q0,
    window,
    sequential:
      isSequential && q0 !== null
        ? {
            ticket: detectorParams({ q0, threshold }),
            page: alert.page ? detectorParams({ q0: pageNull(q0), threshold }) : null,
            recovery: recoveryParams({ q0 }),
          }
        : null,
    burn:
      alert.detector === 'sequential' || q0 === null
        ? null
        : {
            tiers: burnTiers(window.minutes / MINUTES_PER_DAY).map((tier) =>
              alert.page ? tier : { ...tier, severity: 'ticket' },
            ),
            q0,
          },
    guarantee: isSequential ? guaranteeOf(threshold) : null,
    category: config.incident.category ?? defaultCategory({ ...measure, type: measure.type as 'accuracy' }),
    codes: read.codes,
    fingerprint: JSON.stringify([
      measure,
      // Another evaluator version is another baseline; another person who labels is not.
      read.method === 'evaluator' ? read.codes : [],
      share,
      alert,
      isSequential ? threshold : null,
      service.name,
      service.environment,
    ]),
  };
}

/** At most T/A false alarms in T minutes with events. @see Shin, Ramdas, Rinaldo (2024), E-detectors, NEJSDS 2:229-260 */
function guaranteeOf(threshold: number): string {
  const days = threshold / MINUTES_PER_DAY;
  const text = days >= 10 ? String(Math.round(days)) : days.toFixed(1);
  return `at most one false alarm in ${text} days, in expectation`;
}

interface ReadMeasure {
  readonly events: EventMeasure;
  readonly subject: string | null;
  readonly method: string;
  /** Codes that the events are read by. */
  readonly codes: readonly number[];
  /** Absent: by its events. */
  readonly judgedBy?: JudgedBy;
  readonly incidentsBy?: string | null;
  readonly estimator?: Estimator | undefined;
  /** Absent: as the method says. */
  readonly proxy?: boolean;
  /** What a target of 1 is in the unit of the estimate. */
  readonly unit?: number;
}

const TRUST_POINTS = 100;

/** A measure of several ratings together: judged by its own detectors, or a report. */
const asRead = (joint: JointMeasure): ReadMeasure => ({
  ...joint,
  ...(joint.incidentsBy !== null && { judgedBy: 'report' }),
});

function readMeasure(sources: ObjectiveSources, measure: MeasureConfig, service: Service, counted: Code): ReadMeasure {
  const { dictionary } = sources;
  const { plans } = sources;
  const seen = sources.evaluatorsOf(counted);
  const joint: JointSources = { plans, newest: (evaluation) => newestEvaluation(plans, seen, evaluation) };
  switch (measure.type) {
    case 'availability':
      return { events: availability(measure.exclude), subject: null, method: 'spans', codes: [] };
    case 'latency':
      return {
        events: latency(measure.thresholdMs),
        subject: durationText(measure.thresholdMs),
        method: 'spans',
        codes: [],
      };
    case 'satisfaction':
      return { events: satisfaction, subject: null, method: 'feedback', codes: [] };
    case 'accuracy': {
      if (measure.judge !== null) return asRead(judgedByLabel(joint, measure));
      if (measure.confidence !== undefined) return asRead(estimatedFromConfidence(joint, measure));
      if (measure.label !== null) {
        const codes = labelCodes(dictionary, measure.label);
        return { events: labelled(codes), subject: measure.label, method: 'labels', codes };
      }
      const name = measure.evaluation!;
      const mark = measure.pass ?? service.evaluations[name]?.pass ?? null;
      const known = newestEvaluation(plans, seen, name, measure.evaluatorVersion);
      // Until an evaluator has been seen there is nothing to count: code 0 names no evaluation.
      const codes = known === null || mark === null ? [0, 0] : [known.code, dictionary.code(markKey(known, mark))];
      return { events: evaluated(codes[0]!, codes[1]!), subject: name, method: 'evaluator', codes };
    }
    case 'trust':
      return {
        ...asRead(trustMeasure(joint, measure, service)),
        ...(measure.component === null && { unit: TRUST_POINTS }),
      };
    default:
      throw new RangeError(`${measure.type} is not judged in this version`);
  }
}

/** Labels of this name, whoever set them and however they were chosen, as far as any have been seen. */
function labelCodes(dictionary: Dictionary, name: string): number[] {
  const codes: number[] = [];
  const prefix = labelKey({ name, source: '', sampling: 'random' }).split('\u0000').slice(0, 2).join('\u0000');
  for (let code = 0; code < dictionary.size; code++)
    if (dictionary.text(code).startsWith(`${prefix}\u0000`)) codes.push(code);
  return codes;
}

const DURATIONS: readonly (readonly [number, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
];

export function durationText(ms: number): string {
  const unit = DURATIONS.find(([length]) => ms % length === 0);
  return unit === undefined ? `${ms}ms` : `${ms / unit[0]}${unit[1]}`;
}

function windowOf(window: Window): ObjectiveWindow {
  if (window.type === 'rolling') {
    const minutes = window.ms / MINUTE_MS;
    return { text: durationText(window.ms), minutes, startOf: (now) => now - minutes + 1, hasFixedStart: false };
  }
  return {
    text: `calendar ${window.unit}`,
    minutes: LONGEST_MINUTES[window.unit],
    startOf: (now) => startOfPeriod(now, window.unit, window.timeZone),
    hasFixedStart: true,
  };
}
