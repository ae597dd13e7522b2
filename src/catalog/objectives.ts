import { costPerInteraction, spendingEstimator } from '../measures/cost.ts';
import { categoriesTogether, category, duration, type Feature, scoresOf, tokens } from '../measures/drift-features.ts';
import { escalation } from '../measures/escalation.ts';
import type { Estimator } from '../measures/estimator.ts';
import {
  availability,
  type EventMeasure,
  evaluated,
  labelled,
  latency,
  NO_EVENTS,
  responded,
  satisfaction,
} from '../measures/events.ts';
import { firstToken } from '../measures/first-token.ts';
import { guardrail } from '../measures/guardrail.ts';
import { parity, together } from '../measures/parity.ts';
import { rankedScores } from '../measures/ranked.ts';
import { reask } from '../measures/reask.ts';
import { meanScore, scored } from '../measures/scores.ts';
import type { MeasureConfig, MeasureOf } from '../model/config/measure.ts';
import type { Objective as ObjectiveConfig } from '../model/config/objective.ts';
import type { Service } from '../model/config/service.ts';
import { targetOf } from '../model/config/target.ts';
import type { Window } from '../model/config/window.ts';
import type { Code, Dictionary } from '../model/dictionary.ts';
import type { Measure } from '../model/estimate.ts';
import { REASK } from '../model/estimate-text.ts';
import { costLimitKey, countedKey, type LabelName, markKey, rankingKey } from '../model/names.ts';
import { type Category, defaultCategory } from '../model/taxonomy.ts';
import { MINUTE_MS } from '../model/time.ts';
import { burnTiers } from '../objectives/burn-rate.ts';
import { LONGEST_MINUTES, startOfPeriod } from '../objectives/calendar.ts';
import type { Composition } from '../objectives/composite.ts';
import { TOLERANCES } from '../objectives/drift-watch.ts';
import { alarmThreshold, DETECTOR_LIMITS, detectorParams, pageNull } from '../objectives/e-detector.ts';
import type { JudgedBy, Objective, ObjectiveWindow, SliceSource } from '../objectives/objective.ts';
import { recoveryParams } from '../objectives/recovery.ts';
import type { SlicedParams } from '../objectives/slice-watch.ts';
import { budgetShares, isOfADay, isReported, sliceShare, wholeShare } from './false-incident-budget.ts';
import {
  estimatedFromConfidence,
  type JointMeasure,
  type JointSources,
  judgedByLabel,
  trustMeasure,
} from './joint-measures.ts';
import { belongsTo, type KnownEvaluation, nanosOfAmount, type PlanBook, scoreBinCodes } from './plan-book.ts';

/** What telemetry and people have brought so far. */
export type LabelSources = Pick<ObjectiveSources, 'plans' | 'evaluatorsOf' | 'labelsAtRandomOf'>;

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
  /** The labels that it has of interactions chosen at random. */
  readonly labelsAtRandomOf: (counted: Code) => readonly Code[];
}

const MINUTES_PER_DAY = 1440;
/** Of interactions with a limit of cost and no share that is promised: so many keep to it. */
const DEFAULT_COST_TARGET = targetOf(0.99);

/** Objectives made ready to be judged. */
export function compileObjectives(sources: ObjectiveSources): Objective[] {
  const byName = Map.groupBy(sources.services, ({ name }) => name);
  const serviceOf = (objective: ObjectiveConfig): Service =>
    byName.get(objective.service)!.find((service) => belongsTo(objective, service))!;
  const shared = new Shared();
  const shares = budgetShares(sources.objectives, serviceOf);
  return sources.objectives.map((objective) =>
    compile(sources, objective, serviceOf(objective), shares.get(objective) ?? null, shared),
  );
}

/**
 * What objectives have in common is the same object for all of them: thousands of equal tables, each read once a minute, would be
 * fetched from memory one by one.
 */
class Shared {
  readonly #known = new Map<string, unknown>();

  /** @param of  all that it is made from */
  get<T>(of: readonly unknown[], make: () => T): T {
    const key = JSON.stringify(of);
    const known = this.#known.get(key) as T | undefined;
    if (known !== undefined) return known;
    const made = make();
    this.#known.set(key, made);
    return made;
  }
}

/** @param budgetShare  of the budget of false incidents; null where neither a sequential test nor a drift detector decides */
function compile(
  sources: ObjectiveSources,
  config: ObjectiveConfig,
  service: Service,
  budgetShare: number | null,
  shared: Shared,
): Objective {
  const { measure, alert } = config;
  const counted = sources.dictionary.code(countedKey({ name: service.name, environment: service.environment }));
  const read = readMeasure(sources, measure, service, counted);
  const window = windowOf(isOfADay(measure) ? dayOf(config.window) : config.window);
  const { judgedBy = 'events' } = read;
  const isOfShares = judgedBy === 'events' || judgedBy === 'scores';
  const target = config.target ?? (measure.type === 'cost' ? DEFAULT_COST_TARGET : null);
  const promised = read.limit ?? (target === null ? null : target.share * (read.unit ?? 1));
  const q0 = isOfShares ? target!.q0 : null;
  const bounded = judgedBy === 'scores';
  const threshold =
    budgetShare === null ? null : thresholdOf(sources.falseIncidentsPer30Days, wholeShare(config, budgetShare));
  const isDrift = measure.type === 'drift';
  const sliced =
    alert.slices.length > 0 && budgetShare !== null && q0 !== null
      ? slicedParams(sources, alert.slices, q0, sliceShare(config, budgetShare))
      : undefined;
  return {
    name: config.name,
    service: service.name,
    environment: service.environment === '' ? null : service.environment,
    counted,
    kind: config.kind,
    measure: read.measure ?? measure.type,
    subject: read.subject,
    variant: variantOf(config, read.method, service),
    method: read.method,
    proxy: read.proxy ?? read.method === 'evaluator',
    judgedBy,
    incidentsBy: read.incidentsBy ?? null,
    events: shared.get(
      // Components of trust are made of whatever their service has evaluations for: equal codes can be of different ones.
      ['events', measure, read.subject, read.codes, measure.type === 'trust' ? counted : null],
      () => read.events,
    ),
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
    target: promised,
    direction: read.limit === undefined ? 'at_least' : 'at_most',
    q0,
    window,
    sequential:
      threshold === null || q0 === null
        ? null
        : shared.get(['sequential', q0, threshold, alert.page, bounded], () => ({
            ticket: detectorParams({ q0, threshold, bounded }),
            page: alert.page ? detectorParams({ q0: pageNull(q0), threshold, bounded }) : null,
            recovery: recoveryParams({ q0 }),
          })),
    burn:
      alert.detector === 'sequential' || q0 === null
        ? null
        : {
            tiers: burnTiers(window.minutes / MINUTES_PER_DAY).map((tier) =>
              alert.page ? tier : { ...tier, severity: 'ticket' },
            ),
            q0,
          },
    ...(sliced === undefined ? {} : { sliced }),
    guarantee: threshold === null ? null : guaranteeOf(threshold),
    category: categoryOf(sources.objectives, config),
    codes: read.codes,
    fingerprint: JSON.stringify([
      isDrift ? ['drift', measure.feature] : measure,
      // Another evaluator version is another baseline; another person who labels is not, but another way of choosing what is labelled.
      read.method === 'evaluator' ? read.codes : read.method === 'voluntary_labels' ? [read.method] : [],
      promised,
      // A baseline outlives every setting but that of what is looked at.
      isDrift ? null : alert,
      isDrift ? null : threshold,
      service.name,
      service.environment,
      ...(sliced === undefined ? [] : [sliced.each.ticket.threshold]),
    ]),
  };
}

/** What tells it apart from others of the same measure and subject; undefined where it is measured in the usual way. */
function variantOf({ name, measure }: ObjectiveConfig, method: string, { evaluations }: Service): string | undefined {
  switch (measure.type) {
    case 'availability':
      return measure.exclude.length === 0 ? undefined : `without ${measure.exclude.toSorted().join(', ')}`;
    case 'accuracy': {
      if (method === 'voluntary_labels') return 'voluntary';
      if (measure.confidence !== undefined) return `from ${measure.confidence}`;
      if (measure.judge !== null)
        return [`with ${measure.judge}`, measure.strata].filter((part) => part !== undefined).join(' by ');
      const { pass } = measure;
      const usual = evaluations[measure.evaluation ?? '']?.pass ?? null;
      const isUsual = pass === null || (pass.op === usual?.op && pass.value === usual.value);
      const own = isUsual ? [] : [`${pass.op} ${pass.value}`];
      return [...own, ...versionOf(measure.evaluatorVersion)].join(' ') || undefined;
    }
    case 'relevance':
      return versionOf(measure.evaluatorVersion)[0];
    case 'composite':
      return name;
    default:
      return undefined;
  }
}
const versionOf = (pinned: string | null): string[] => (pinned === null ? [] : [`version ${pinned}`]);

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

/**
 * Half of what an objective may take of the budget of false incidents goes to the whole of its service, the other half to its slices: in
 * equal parts to as many values of each dimension as are ever told apart, whether they have been seen or not. So a value that comes
 * tomorrow changes nothing for the others, and all together never take more than their half.
 * @param share  what each of them takes
 */
function slicedParams(
  sources: ObjectiveSources,
  dimensions: readonly string[],
  q0: number,
  share: number,
): SlicedParams {
  const threshold = thresholdOf(sources.falseIncidentsPer30Days, share);
  return {
    dimensions: [...new Set(dimensions)].map((name) => sources.dictionary.code(name)),
    each: { ticket: detectorParams({ q0, threshold }), page: null, recovery: recoveryParams({ q0 }) },
  };
}

/** At most T/A false alarms in T minutes with events. @see Shin, Ramdas, Rinaldo (2024), E-detectors, NEJSDS 2:229-260 */
export function guaranteeOf(threshold: number): string {
  const days = threshold / MINUTES_PER_DAY;
  const text = days >= 10 ? String(Math.round(days)) : days.toFixed(1);
  return `at most one false alarm in ${text} days, in expectation`;
}

interface ReadMeasure {
  /** What it is shown as, where that is not what its file calls it. */
  readonly measure?: Measure;
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
  /** Absent: as the method says. */
  readonly proxy?: boolean;
  /** What a target of 1 is in the unit of the estimate. */
  readonly unit?: number;
}

const TRUST_POINTS = 100;

/** A measure of several ratings together: judged by its own detectors, or a report. */
const asRead = ({ incidentsBy, ...joint }: JointMeasure): ReadMeasure => ({
  ...joint,
  ...(incidentsBy !== null && { judgedBy: 'report', incidentsBy }),
});

function readMeasure(sources: ObjectiveSources, measure: MeasureConfig, service: Service, counted: Code): ReadMeasure {
  const { dictionary } = sources;
  const joint = jointSources(sources, counted);
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
      return measure.responseRate
        ? { events: responded, subject: 'response rate', method: 'responses', codes: [] }
        : { events: satisfaction, subject: null, method: 'feedback', codes: [] };
    case 'accuracy': {
      if (measure.judge !== null) return asRead(judgedByLabel(joint, measure));
      if (measure.confidence !== undefined) return asRead(estimatedFromConfidence(joint, measure));
      if (measure.label !== null) {
        const { sampling, codes } = labelsOf(sources, counted, measure.label, measure.sampling);
        const method = sampling === 'random' ? 'labels' : 'voluntary_labels';
        return { events: labelled(codes), subject: measure.label, method, codes };
      }
      const name = measure.evaluation!;
      const mark = measure.pass ?? service.evaluations[name]?.pass ?? null;
      const known = newestEvaluator(sources, name, measure.evaluatorVersion, counted);
      // Until an evaluator has been seen there is nothing to count: code 0 names no evaluation.
      const codes = known === undefined || mark === null ? [0, 0] : [known.code, dictionary.code(markKey(known, mark))];
      return { events: evaluated(codes[0]!, codes[1]!), subject: name, method: 'evaluator', codes };
    }
    case 'time_to_first_token':
      return {
        events: firstToken(measure.thresholdMs),
        subject: durationText(measure.thresholdMs),
        method: 'spans',
        codes: [],
      };
    case 'cost':
      return readCost(sources, measure, service);
    case 'escalation':
      return { events: escalation, subject: null, method: 'feedback', codes: [] };
    case 'guardrail':
      return { events: guardrail, subject: null, method: 'spans', codes: [] };
    case 'trust':
      return {
        ...asRead(trustMeasure(joint, measure, service)),
        ...(measure.component === null && { unit: TRUST_POINTS }),
      };
    case 'relevance':
      return readRelevance(sources, measure, counted);
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
        incidentsBy: detectorsOf([...detectingIn(sources.objectives, measure)]),
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
        // Values are compared by what was counted of each: of accuracy with a judge by the labels alone.
        method: method === 'ppi' ? 'labels' : method,
        codes,
        estimator: parity({ isOfScores: judgedBy === 'scores', nameOf }),
        slices: { dimension: dictionary.code(measure.dimension), together: (slices) => together(slices, events) },
        limit: measure.limit,
        incidentsBy: `the detectors of ${measure.of}`,
      };
    }
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
    const found = objectives.find((one) => one.name === name);
    if (found?.measure.type === 'composite') yield* detectingIn(objectives, found.measure, seen);
    else if (found !== undefined && !isReported(found)) yield name;
  }
}
const detectorsOf = (names: readonly string[]): string =>
  names.length === 0 ? 'none of its parts: they are reports themselves' : `the detectors of ${names.join(', ')}`;

const REASKED: ReadMeasure = { events: reask, subject: REASK, method: 'feedback', codes: [] };

function readCost(
  { dictionary, plans }: ObjectiveSources,
  { perInteraction, perDay }: MeasureOf<'cost'>,
  service: Service,
): ReadMeasure {
  const { currency } = plans.pricesOf(service);
  if (perInteraction === null)
    return {
      measure: 'cost_per_day',
      judgedBy: 'report',
      incidentsBy: 'objectives on the cost of one interaction',
      events: NO_EVENTS,
      estimator: spendingEstimator(currency),
      subject: currency,
      method: 'spans',
      codes: [],
      limit: perDay!,
    };
  const limit = dictionary.code(costLimitKey(currency, nanosOfAmount(perInteraction)));
  return {
    events: costPerInteraction(limit),
    subject: `${perInteraction} ${currency}`,
    method: 'spans',
    codes: [limit],
  };
}

function readRelevance(
  sources: ObjectiveSources,
  { evaluation, evaluatorVersion, ranking }: MeasureOf<'relevance'>,
  counted: Code,
): ReadMeasure {
  if (evaluation !== null) {
    const code = newestEvaluator(sources, evaluation, evaluatorVersion, counted)?.code ?? 0;
    const scores = { events: scored(code), estimator: meanScore(code) };
    return { judgedBy: 'scores', ...scores, subject: evaluation, method: 'evaluator', codes: [code] };
  }
  if (ranking === null) return REASKED;
  const { dictionary, plans, evaluatorsOf } = sources;
  const newest = evaluatorsOf(counted).findLast((code) => plans.judges.some((one) => one.code === code));
  const judge = plans.judges.find(({ code }) => code === newest);
  // Until documents have been judged there is nothing to count: code 0 names no ranking.
  const code = judge === undefined ? 0 : dictionary.code(rankingKey(judge, ranking.metric, ranking.k));
  const subject = `${ranking.metric}@${ranking.k}`;
  return { judgedBy: 'scores', ...rankedScores(code), subject, method: 'judged', codes: [code] };
}

/** The newest version of an evaluator that has scored the service, or the one that is pinned: scores of two are never put together. */
function newestEvaluator(
  { plans, evaluatorsOf }: LabelSources,
  name: string,
  pinned: string | null,
  counted: Code,
): KnownEvaluation | undefined {
  const candidates = plans.evaluationsNamed(name).filter(({ version }) => pinned === null || version === pinned);
  const newest = evaluatorsOf(counted).findLast((code) => candidates.some((one) => one.code === code));
  return candidates.find(({ code }) => code === newest);
}

/** What measures of several ratings together are read from. */
export const jointSources = (sources: LabelSources, counted: Code): JointSources => ({
  plans: sources.plans,
  newest: (evaluation) => newestEvaluator(sources, evaluation, null, counted) ?? null,
  labelsNamed: (name) => labelsOf(sources, counted, name, null).codes,
});

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

type Sampling = LabelName['sampling'];

/**
 * Labels of a name, whoever set them, as far as any have been seen: of one kind of sampling alone. Where none is asked for, those of
 * interactions chosen at random as soon as the service has one, until then those of volunteers.
 */
function labelsOf(
  { plans, labelsAtRandomOf }: LabelSources,
  counted: Code,
  name: string,
  asked: Sampling | null,
): { sampling: Sampling; codes: number[] } {
  const random = plans.labelsNamed(name, 'random');
  const voluntary = plans.labelsNamed(name, 'voluntary');
  const hasRandom = labelsAtRandomOf(counted).some((code) => random.includes(code));
  const sampling = asked ?? (hasRandom || voluntary.length === 0 ? 'random' : 'voluntary');
  return { sampling, codes: sampling === 'random' ? random : voluntary };
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

/** Of the calendar, in the time zone of the window where it names one. */
const dayOf = (window: Window): Window => ({
  type: 'calendar',
  unit: 'day',
  timeZone: window.type === 'calendar' ? window.timeZone : 'UTC',
});

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
