import { categoriesTogether, category, duration, type Feature, scoresOf, tokens } from '../measures/drift-features.ts';
import type { Estimator } from '../measures/estimator.ts';
import {
  availability,
  type EventMeasure,
  evaluated,
  labelled,
  latency,
  NO_EVENTS,
  satisfaction,
} from '../measures/events.ts';
import { parity, together } from '../measures/parity.ts';
import { meanScore, scored } from '../measures/scores.ts';
import type { MeasureConfig, MeasureOf } from '../model/config/measure.ts';
import type { Objective as ObjectiveConfig } from '../model/config/objective.ts';
import type { Service } from '../model/config/service.ts';
import type { Window } from '../model/config/window.ts';
import type { Code, Dictionary } from '../model/dictionary.ts';
import { countedKey, labelKey, markKey } from '../model/names.ts';
import { type Category, defaultCategory } from '../model/taxonomy.ts';
import { MINUTE_MS } from '../model/time.ts';
import { burnTiers } from '../objectives/burn-rate.ts';
import { LONGEST_MINUTES, startOfPeriod } from '../objectives/calendar.ts';
import type { Composition } from '../objectives/composite.ts';
import { TOLERANCES } from '../objectives/drift-watch.ts';
import { alarmThreshold, DETECTOR_LIMITS, detectorParams, pageNull } from '../objectives/e-detector.ts';
import type { JudgedBy, Objective, ObjectiveWindow, SliceSource } from '../objectives/objective.ts';
import { recoveryParams } from '../objectives/recovery.ts';
import { budgetShares } from './false-incident-budget.ts';
import { belongsTo, type KnownEvaluation, type PlanBook, scoreBinCodes } from './plan-book.ts';

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
  'drift',
  'parity',
  'composite',
];

export const isJudged = ({ measure }: ObjectiveConfig): boolean =>
  measure.type === 'relevance'
    ? measure.evaluation !== null
    : JUDGED_MEASURES.includes(measure.type) && !(measure.type === 'accuracy' && measure.judge !== null);

const MINUTES_PER_DAY = 1440;
/** Objectives made ready to be judged. */
export function compileObjectives(sources: ObjectiveSources): Objective[] {
  const judged = sources.objectives.filter(isJudged);
  const serviceOf = (objective: ObjectiveConfig): Service =>
    sources.services.find((service) => belongsTo(objective, service))!;
  const shares = budgetShares(judged, serviceOf);
  return judged.map((objective) => compile(sources, objective, serviceOf(objective), shares.get(objective) ?? null));
}

/** @param budgetShare  of the budget of false incidents; null where neither a sequential test nor a drift detector decides */
function compile(
  sources: ObjectiveSources,
  config: ObjectiveConfig,
  service: Service,
  budgetShare: number | null,
): Objective {
  const { measure, alert } = config;
  const counted = sources.dictionary.code(countedKey({ name: service.name, environment: service.environment }));
  const read = readMeasure(sources, measure, service, counted);
  const window = windowOf(config.window);
  const { judgedBy = 'events' } = read;
  const isOfShares = judgedBy === 'events' || judgedBy === 'scores';
  const share = read.limit ?? config.target?.share ?? null;
  const q0 = isOfShares ? config.target!.q0 : null;
  const bounded = judgedBy === 'scores';
  const threshold = budgetShare === null ? null : thresholdOf(sources.falseIncidentsPer30Days, budgetShare);
  const isDrift = measure.type === 'drift';
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
    judgedBy,
    incidentsBy: read.incidentsBy ?? null,
    events: read.events,
    ...(read.estimator === undefined ? {} : { estimator: read.estimator }),
    ...(read.slices === undefined ? {} : { slices: read.slices }),
    ...(read.composition === undefined ? {} : { composition: read.composition }),
    ...(read.feature === undefined || measure.type !== 'drift'
      ? {}
      : {
          drift: {
            kind: read.feature.kind,
            feature: read.feature,
            threshold: threshold!,
            tolerance: TOLERANCES[measure.tolerance],
            textOf: (code: Code) => sources.dictionary.text(code),
          },
        }),
    target: share,
    direction: read.limit === undefined ? 'at_least' : 'at_most',
    q0,
    window,
    sequential:
      threshold === null || q0 === null
        ? null
        : {
            ticket: detectorParams({ q0, threshold, bounded }),
            page: alert.page ? detectorParams({ q0: pageNull(q0), threshold, bounded }) : null,
            recovery: recoveryParams({ q0 }),
          },
    burn:
      alert.detector === 'sequential' || q0 === null
        ? null
        : {
            tiers: burnTiers(window.minutes / MINUTES_PER_DAY).map((tier) =>
              alert.page ? tier : { ...tier, severity: 'ticket' },
            ),
            q0,
          },
    guarantee: threshold === null ? null : guaranteeOf(threshold),
    category: categoryOf(sources.objectives, config),
    codes: read.codes,
    fingerprint: JSON.stringify([
      isDrift ? ['drift', measure.feature] : measure,
      // Another evaluator version is another baseline; another person who labels is not.
      read.method === 'evaluator' ? read.codes : [],
      share,
      // A baseline outlives every setting but that of what is looked at.
      isDrift ? null : alert,
      isDrift ? null : threshold,
      service.name,
      service.environment,
    ]),
  };
}

/** A composite is filed where its first member is. */
function categoryOf(objectives: readonly ObjectiveConfig[], { incident, measure }: ObjectiveConfig): Category {
  if (incident.category !== null) return incident.category;
  if (measure.type !== 'composite') return defaultCategory(measure);
  const first = objectives.find((one) => one.name === measure.of[0]!.objective)!;
  return categoryOf(objectives, first);
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
  /** Absent: by its events. */
  readonly judgedBy?: JudgedBy;
  readonly incidentsBy?: string;
  readonly estimator?: Estimator;
  readonly slices?: SliceSource;
  readonly composition?: Composition;
  readonly feature?: Feature;
  /** What is promised where that is a most, instead of a target. */
  readonly limit?: number;
}

function readMeasure(sources: ObjectiveSources, measure: MeasureConfig, service: Service, counted: Code): ReadMeasure {
  const { dictionary } = sources;
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
      const known = newestEvaluator(sources, name, measure.evaluatorVersion, counted);
      // Until an evaluator has been seen there is nothing to count: code 0 names no evaluation.
      const codes = known === undefined || mark === null ? [0, 0] : [known.code, dictionary.code(markKey(known, mark))];
      return { events: evaluated(codes[0]!, codes[1]!), subject: name, method: 'evaluator', codes };
    }
    case 'relevance': {
      const name = measure.evaluation!;
      const code = newestEvaluator(sources, name, measure.evaluatorVersion, counted)?.code ?? 0;
      return {
        judgedBy: 'scores',
        events: scored(code),
        estimator: meanScore(code),
        subject: name,
        method: 'evaluator',
        codes: [code],
      };
    }
    case 'drift':
      return { judgedBy: 'drift', events: NO_EVENTS, ...driftOf(sources, measure.feature, service, counted) };
    case 'composite': {
      return {
        judgedBy: 'report',
        events: NO_EVENTS,
        subject: null,
        method: measure.rule,
        codes: [],
        composition: { rule: measure.rule, members: measure.of },
        incidentsBy: `the detectors of ${[...detectingIn(sources.objectives, measure)].join(', ')}`,
      };
    }
    case 'parity': {
      const of = sources.objectives.find((one) => one.name === measure.of)!;
      const { events, method, codes, judgedBy } = readMeasure(sources, of.measure, service, counted);
      const nameOf = (code: Code): string => dictionary.text(code);
      return {
        judgedBy: 'report',
        events: NO_EVENTS,
        subject: `${measure.of} by ${measure.dimension}`,
        method,
        codes,
        estimator: parity({ isOfScores: judgedBy === 'scores', nameOf }),
        slices: { dimension: dictionary.code(measure.dimension), together: (slices) => together(slices, events) },
        limit: measure.limit,
        incidentsBy: `the detectors of ${measure.of}`,
      };
    }
    default:
      throw new RangeError(`${measure.type} is not judged in this version`);
  }
}

/** Names of the objectives with detectors of their own that a composite is made of, through all composites in it. */
function* detectingIn(
  objectives: readonly ObjectiveConfig[],
  { of }: MeasureOf<'composite'>,
  seen = new Set<string>(),
): Generator<string> {
  for (const { objective: name } of of) {
    if (seen.has(name)) continue;
    seen.add(name);
    const measure = objectives.find((one) => one.name === name)?.measure;
    if (measure?.type === 'composite') yield* detectingIn(objectives, measure, seen);
    else yield name;
  }
}

/** The newest version of an evaluator that has scored the service, or the one that is pinned: scores of two are never put together. */
function newestEvaluator(
  { plans, evaluatorsOf }: ObjectiveSources,
  name: string,
  pinned: string | null,
  counted: Code,
): KnownEvaluation | undefined {
  const candidates = plans.evaluationsNamed(name).filter(({ version }) => pinned === null || version === pinned);
  const newest = evaluatorsOf(counted).findLast((code) => candidates.some((one) => one.code === code));
  return candidates.find(({ code }) => code === newest);
}

/** What drift is looked for in. */
function driftOf(
  sources: ObjectiveSources,
  name: string,
  service: Service,
  counted: Code,
): Pick<ReadMeasure, 'feature' | 'slices' | 'codes' | 'method' | 'subject'> {
  const { dictionary } = sources;
  const ofSpans = { subject: name, method: 'spans', codes: [] };
  switch (name) {
    case 'input_tokens':
    case 'output_tokens':
      return { feature: tokens(name), ...ofSpans };
    case 'duration':
      return { feature: duration, ...ofSpans };
  }
  if (service.evaluations[name] === undefined)
    return {
      feature: category,
      slices: { dimension: dictionary.code(name), together: categoriesTogether },
      ...ofSpans,
    };
  const known = newestEvaluator(sources, name, null, counted);
  const bins = known === undefined ? [] : scoreBinCodes(dictionary, known);
  const codes = known === undefined ? [0] : [known.code];
  return { feature: scoresOf(bins), subject: name, method: 'evaluator', codes };
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
