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
import type { Objective, ObjectiveWindow } from '../objectives/objective.ts';
import { recoveryParams } from '../objectives/recovery.ts';
import { budgetShares } from './false-incident-budget.ts';
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
];

export const isJudged = ({ measure }: ObjectiveConfig): boolean =>
  JUDGED_MEASURES.includes(measure.type) && !(measure.type === 'accuracy' && measure.judge !== null);

const MINUTES_PER_DAY = 1440;
/** Objectives made ready to be judged. */
export function compileObjectives(sources: ObjectiveSources): Objective[] {
  const judged = sources.objectives.filter(isJudged);
  const serviceOf = (objective: ObjectiveConfig): Service =>
    sources.services.find((service) => belongsTo(objective, service))!;
  const shares = budgetShares(judged, serviceOf);
  return judged.map((objective) => compile(sources, objective, serviceOf(objective), shares.get(objective) ?? null));
}

/** @param budgetShare  of the budget of false incidents; null where no sequential test decides */
function compile(
  sources: ObjectiveSources,
  config: ObjectiveConfig,
  service: Service,
  budgetShare: number | null,
): Objective {
  const { measure, alert, target } = config;
  const { share, q0 } = target!;
  const counted = sources.dictionary.code(countedKey({ name: service.name, environment: service.environment }));
  const read = readMeasure(sources, measure, service, counted);
  const window = windowOf(config.window);
  const threshold = budgetShare === null ? null : thresholdOf(sources.falseIncidentsPer30Days, budgetShare);
  return {
    name: config.name,
    service: service.name,
    environment: service.environment === '' ? null : service.environment,
    counted,
    kind: config.kind,
    measure: measure.type,
    subject: read.subject,
    method: read.method,
    proxy: read.method === 'evaluator',
    events: read.events,
    target: share,
    q0,
    window,
    sequential:
      threshold === null
        ? null
        : {
            ticket: detectorParams({ q0, threshold }),
            page: alert.page ? detectorParams({ q0: pageNull(q0), threshold }) : null,
            recovery: recoveryParams({ q0 }),
          },
    burn:
      alert.detector === 'sequential'
        ? null
        : {
            tiers: burnTiers(window.minutes / MINUTES_PER_DAY).map((tier) =>
              alert.page ? tier : { ...tier, severity: 'ticket' },
            ),
            q0,
          },
    guarantee: threshold === null ? null : guaranteeOf(threshold),
    category: config.incident.category ?? defaultCategory({ ...measure, type: measure.type as 'accuracy' }),
    codes: read.codes,
    fingerprint: JSON.stringify([
      measure,
      // Another evaluator version is another baseline; another person who labels is not.
      read.method === 'evaluator' ? read.codes : [],
      share,
      alert,
      threshold,
      service.name,
      service.environment,
    ]),
  };
}

/** Never cut off at the limits: then another rate of false incidents would be kept than the one that is promised. */
function thresholdOf(falseIncidentsPer30Days: number, share: number): number {
  const threshold = alarmThreshold(falseIncidentsPer30Days, share);
  const [low, high] = DETECTOR_LIMITS.threshold;
  if (!(threshold >= low && threshold <= high))
    throw new RangeError(
      `${falseIncidentsPer30Days} false incidents in 30 days lead to a threshold of ${threshold}: it lies from ${low} to ${high}`,
    );
  return threshold;
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
}

function readMeasure(sources: ObjectiveSources, measure: MeasureConfig, service: Service, counted: Code): ReadMeasure {
  const { dictionary, plans } = sources;
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
      if (measure.label !== null) {
        const codes = labelCodes(dictionary, measure.label);
        return { events: labelled(codes), subject: measure.label, method: 'labels', codes };
      }
      const name = measure.evaluation!;
      const mark = measure.pass ?? service.evaluations[name]?.pass ?? null;
      const candidates = plans
        .evaluationsNamed(name)
        .filter(({ version }) => measure.evaluatorVersion === null || version === measure.evaluatorVersion);
      const newest = sources.evaluatorsOf(counted).findLast((code) => candidates.some((one) => one.code === code));
      const known = candidates.find(({ code }) => code === newest);
      // Until an evaluator has been seen there is nothing to count: code 0 names no evaluation.
      const codes = known === undefined || mark === null ? [0, 0] : [known.code, dictionary.code(markKey(known, mark))];
      return { events: evaluated(codes[0]!, codes[1]!), subject: name, method: 'evaluator', codes };
    }
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
