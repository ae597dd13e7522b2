import { definitionOf } from '../measures/index.ts';
import type { Objective as ObjectiveConfig } from '../model/config/objective.ts';
import type { Service } from '../model/config/service.ts';
import type { Code, Dictionary } from '../model/dictionary.ts';
import { countedKey } from '../model/names.ts';
import { type Category, defaultCategory } from '../model/taxonomy.ts';
import { MINUTES_PER_DAY } from '../model/time.ts';
import { burnTiers } from '../objectives/burn-rate.ts';
import { TOLERANCES } from '../objectives/drift-watch.ts';
import { detectorParams, pageNull } from '../objectives/e-detector.ts';
import type { Objective } from '../objectives/objective.ts';
import { recoveryParams } from '../objectives/recovery.ts';
import { guaranteeOf, slicedParams, thresholdOf } from './detector-thresholds.ts';
import { budgetShares, sliceShare, wholeShare } from './false-incident-budget.ts';
import { measureSources } from './measure-sources.ts';
import { dayOf, windowOf } from './objective-window.ts';
import { belongsTo, type PlanBook } from './plan-book.ts';
import { Shared } from './shared.ts';

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
  const definition = definitionOf(measure);
  const read = definition.read(measure, measureSources(sources, service, counted));
  const window = windowOf(read.isOfADay ? dayOf(config.window) : config.window);
  const { judgedBy = 'events' } = read;
  const isOfShares = judgedBy === 'events' || judgedBy === 'scores';
  const target = config.target ?? read.usualTarget ?? null;
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
    variant: definition.variantOf?.({ name: config.name, measure }, read.method, service),
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
    isFiled: config.incident.category !== null,
    codes: read.codes,
    fingerprint: JSON.stringify([
      isDrift ? ['drift', measure.feature] : measure,
      // SEEN: another evaluator version is another baseline; another person who labels is not, but another way of choosing what is labelled.
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

/** The place of a fingerprint that telemetry and people bring; the others are configured. */
const SEEN = 1;

/** What of a fingerprint is configured: where two of them agree in it, what is different was seen for the first time between them. */
export const configuredOf = (fingerprint: string): string => JSON.stringify(JSON.parse(fingerprint).with(SEEN, null));

/** What of a fingerprint says what is counted. */
export const countedOf = (fingerprint: string): string => JSON.stringify(JSON.parse(fingerprint).slice(0, SEEN + 1));

/** A composite is filed where its first member is. */
function categoryOf(objectives: readonly ObjectiveConfig[], { incident, measure }: ObjectiveConfig): Category {
  if (incident.category !== null) return incident.category;
  if (measure.type !== 'composite') return defaultCategory(measure);
  const first = objectives.find((one) => one.name === measure.of[0]!.objective)!;
  return categoryOf(objectives, first);
}
