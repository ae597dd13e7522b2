import { OPERATION_KINDS } from '../../../collectors/dialects/operations.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Service } from '../../model/config/service.ts';
import type { Code, Dictionary } from '../../model/dictionary.ts';
import { ERROR_CLASSES, type ErrorClass } from '../../model/error-class.ts';
import { countedKey, markKey, parseEvaluationKey, parseLabelKey } from '../../model/names.ts';
import { CHANGE_TYPES } from '../../model/signals.ts';
import type { Millis } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import {
  type Arrivals,
  type CallArrivals,
  type DurationArrivals,
  type InteractionArrivals,
  type ModelArrivals,
  type Signal,
  type Slowest,
  TOKEN_TYPES,
} from '../../store/arrivals.ts';
import * as counters from '../../tally/counters.ts';
import type { FamilyName, FamilyNamed, NameOf } from './catalogue.ts';
import { dependencyName } from './dependencies.ts';
import { type Deployment, Deployments } from './deployments.ts';
import { type Exemplar, exemplarOf } from './exemplar.ts';
import type { LabelValues } from './family.ts';
import { measureLabel, SEVERITIES, type ServiceLabels, serviceLabels } from './names.ts';
import { SENTIMENTS } from './sentiments.ts';
import type { SeriesTable } from './series-table.ts';

const OUTCOMES = ['success', 'error', 'timeout', 'content'] as const;
const RESULTS = ['good', 'bad', 'excluded'] as const;
const SIGNALS: readonly Signal[] = ['interaction', 'feedback', 'evaluation', 'ranking', 'label'];
const OTHER = 'other';
const OPERATIONS = [...Object.keys(OPERATION_KINDS), OTHER];
const NANOS_PER_UNIT = 1e9;

export interface LiveSources {
  readonly table: SeriesTable;
  readonly dictionary: Dictionary;
  readonly catalog: Catalog;
  readonly objectives: () => readonly Objective[];
  /** The currency that a service's costs are counted in, by what it is counted under. */
  readonly currencyOf: (counted: number) => string;
  /** Something was left out because its family, or its service's part of it, is full. */
  readonly onRefused: (family: FamilyName) => void;
}

/** Counters and histograms of what comes in. Label sets that are known beforehand begin at 0, as far as there is room: of a series born at 5 nobody sees an increase. */
export class LiveMetrics {
  readonly #sources: LiveSources;
  /** Services that were heard of, with their labels. */
  readonly #begun = new Map<number, ServiceLabels>();
  readonly #signals: ReadonlyMap<Signal, { readonly signal: Signal }>;
  /** Labels by the codes that they are made of; every outcome of theirs has a series. */
  readonly #operations = new Made<Outcomes<ServiceLabels & { readonly operation: string }>>();
  readonly #dependencies = new Made<
    Outcomes<ServiceLabels & { readonly dependency_kind: string; readonly dependency: string }>
  >();
  readonly #models = new Made<Models>();
  readonly #deployments: Deployments;
  #objectives: readonly Objective[] = [];
  #byService: ReadonlyMap<number, readonly Objective[]> = new Map();

  constructor(sources: LiveSources) {
    this.#sources = sources;
    this.#deployments = new Deployments(() => sources.onRefused('plimsoll_deployment_info'));
    this.#signals = new Map(SIGNALS.map((signal) => [signal, sources.table.keep({ signal })]));
    for (const labels of this.#signals.values()) sources.table.add('plimsoll_ingest_corrections_total', labels, 0);
    this.declare();
  }

  /** The series of declared services begin at 0: at the start, and when the catalog has changed. */
  declare(): void {
    const { catalog, dictionary } = this.#sources;
    this.#models.clear();
    for (const { name, environment } of catalog.services)
      this.#labelsOf(dictionary.code(countedKey({ name, environment })));
  }

  /** Services that anything came in for, or that are declared, with their labels. */
  get services(): ReadonlyMap<Code, ServiceLabels> {
    return this.#begun;
  }

  /** What has answered within the hour. */
  deployments(now: Millis): Iterable<ServiceLabels & Deployment> {
    return this.#deployments.running(now);
  }

  arrived(arrivals: Arrivals): void {
    const { interactions, models, calls, counts: others } = arrivals;
    this.#ingested(arrivals);
    const tallies = new Map<number, Map<counters.Counter, number>>();
    const lookedAt = Map.groupBy(interactions, ({ service }) => service);
    const tallyOf = (service: number): Map<counters.Counter, number> => {
      const tally = tallies.get(service) ?? new Map();
      tallies.set(service, tally);
      return tally;
    };
    for (const one of interactions) {
      this.#interactions(one);
      addInteractions(tallyOf(one.service), one);
    }
    for (const one of models) this.#used(one);
    for (const one of calls) this.#calls(one);
    for (const { service, counts } of others) {
      this.#ratings(service, counts);
      const tally = tallyOf(service);
      for (const [counter, n] of counts) tally.set(counter, n);
    }
    for (const [service, tally] of tallies) this.#measures(service, tally, lookedAt.get(service) ?? []);
  }

  change(labels: ServiceLabels, type: string): void {
    this.#sources.table.add('plimsoll_changes_total', { ...labels, change_type: type }, 1);
  }

  incident(labels: ServiceLabels, severity: string, transition: 'opened' | 'resolved'): void {
    this.#sources.table.add(`plimsoll_incidents_${transition}_total`, { ...labels, severity }, 1);
  }

  #ingested({ at, lags, corrected, deployments }: Arrivals): void {
    const { table, dictionary } = this.#sources;
    for (const { signal, durations } of lags)
      this.#observe('plimsoll_ingest_lag_seconds', this.#signals.get(signal)!, durations);
    for (const [signal, labels] of this.#signals)
      if (corrected[signal] > 0) table.add('plimsoll_ingest_corrections_total', labels, corrected[signal]);
    for (const { service, requestModel, responseModel, promptVersion, serviceVersion } of deployments) {
      const labels = this.#labelsOf(service);
      const answered = dictionary.text(responseModel);
      const deployment = {
        model: this.#modelOf(labels, dictionary.text(requestModel), answered),
        model_version: answered,
        prompt_version: dictionary.text(promptVersion),
        build: dictionary.text(serviceVersion),
      };
      this.#deployments.seen(service, labels, deployment, at);
    }
  }

  #interactions({ service, operation, failed, durations, failedTrace }: InteractionArrivals): void {
    const { table } = this.#sources;
    const { of, by } = this.#operationOf(service, operation);
    const succeeded = totalOf(durations.counts);
    if (succeeded > 0) table.add('plimsoll_interactions_total', by.success, succeeded);
    for (let i = 0; i < failed.length; i++)
      if (failed[i]! > 0)
        table.add(
          'plimsoll_interactions_total',
          by[outcomeOf(ERROR_CLASSES[i]!)],
          failed[i]!,
          exemplarOf(failedTrace, 1),
        );
    this.#observe('plimsoll_interaction_duration_seconds', of, durations);
  }

  #operationOf(service: Code, operation: Code): Outcomes<ServiceLabels & { readonly operation: string }> {
    const labels = this.#labelsOf(service);
    return this.#operations.get(`${service} ${operation}`, () => {
      const { table, dictionary } = this.#sources;
      const name = dictionary.text(operation);
      const made = outcomesOf(table, { ...labels, operation: name in OPERATION_KINDS ? name : OTHER });
      for (const outcome of OUTCOMES) table.add('plimsoll_interactions_total', made.by[outcome], 0);
      return made;
    });
  }

  #used({ service, requestModel, responseModel, counts, costNanos, firstToken, perOutputToken }: ModelArrivals): void {
    const { table, dictionary, currencyOf } = this.#sources;
    const labels = this.#labelsOf(service);
    const { of, byToken } = this.#models.get(`${service} ${requestModel} ${responseModel}`, () => {
      const model = this.#modelOf(labels, dictionary.text(requestModel), dictionary.text(responseModel));
      const byToken = TOKEN_TYPES.map((token_type) => table.keep({ ...labels, model, token_type }));
      return { of: table.keep({ ...labels, model }), byToken };
    });
    for (let i = 0; i < counts.length; i++) table.add('plimsoll_tokens_total', byToken[i]!, counts[i]!);
    if (costNanos > 0 && currencyOf(service) === 'USD')
      table.add('plimsoll_cost_usd_total', of, costNanos / NANOS_PER_UNIT);
    if (totalOf(firstToken.counts) > 0) this.#observe('plimsoll_time_to_first_token_seconds', of, firstToken);
    if (totalOf(perOutputToken.counts) > 0) this.#observe('plimsoll_time_per_output_token_seconds', of, perOutputToken);
  }

  #calls({ service, kind, provider, name, failed, durations }: CallArrivals): void {
    const { table, dictionary } = this.#sources;
    const labels = this.#labelsOf(service);
    const { of, by } = this.#dependencies.get(`${service} ${provider} ${name} ${kind}`, () => {
      const dependency = dependencyName(dictionary, provider, name);
      const made = outcomesOf(table, { ...labels, dependency_kind: kind, dependency });
      for (const outcome of OUTCOMES) table.add('plimsoll_calls_total', made.by[outcome], 0);
      return made;
    });
    const succeeded = totalOf(durations.counts);
    if (succeeded > 0) table.add('plimsoll_calls_total', by.success, succeeded);
    for (let i = 0; i < failed.length; i++)
      if (failed[i]! > 0) table.add('plimsoll_calls_total', by[outcomeOf(ERROR_CLASSES[i]!)], failed[i]!);
    if (succeeded > 0) this.#observe('plimsoll_call_duration_seconds', of, durations);
  }

  #observe<N extends NameOf<'live', 'histogram'>>(
    name: N,
    labels: LabelValues<FamilyNamed<N>>,
    { boundsMs, counts, sumMs, slowest }: DurationArrivals,
  ): void {
    this.#sources.table.observe(
      name,
      labels,
      boundsMs.map((ms) => ms / 1000),
      counts,
      sumMs / 1000,
      slowest === null ? undefined : exemplarOf(slowest.traceId, slowest.ms / 1000),
    );
  }

  /** Names of models come from the wire: where a service declares its models, every other one is `other`. */
  #modelOf({ service, environment }: ServiceLabels, requested: string, answered: string): string {
    const declared = this.#sources.catalog.byName(service, environment)?.models ?? [];
    if (declared.length === 0) return requested || answered || OTHER;
    const known = declared.find(
      ({ name, version }) => name === requested || name === answered || (version !== null && version === answered),
    );
    return known?.name ?? OTHER;
  }

  #ratings(service: number, counts: readonly (readonly [counters.Counter, number])[]): void {
    const { table, dictionary } = this.#sources;
    const labels = this.#labelsOf(service);
    const found = new Map(counts);
    this.#guardrails(labels, found);
    for (const { channel, sentiment, counter } of SENTIMENTS) {
      const n = found.get(counter);
      if (n !== undefined) table.add('plimsoll_feedback_total', { ...labels, channel, sentiment }, n);
    }
    for (const [counter, n] of counts) {
      if (counters.isLabels(counter)) {
        const source = parseLabelKey(dictionary.text(counters.placeOf(counter)))?.source ?? OTHER;
        table.add('plimsoll_labels_total', { ...labels, label_source: source }, n);
      }
      if (counters.isScores(counter)) this.#evaluations(labels, counters.placeOf(counter), n, found);
    }
  }

  /** The tallies tell guardrails of one service not apart. */
  #guardrails(labels: ServiceLabels, found: ReadonlyMap<counters.Counter, number>): void {
    const guarded = found.get(counters.GUARDED);
    if (guarded === undefined) return;
    const blocked = found.get(counters.BLOCKED) ?? 0;
    const add = (decision: string, n: number): void =>
      this.#sources.table.add('plimsoll_guardrail_decisions_total', { ...labels, guardrail: 'any', decision }, n);
    add('passed', guarded - blocked);
    add('blocked', blocked);
  }

  #evaluations(labels: ServiceLabels, code: number, n: number, found: ReadonlyMap<counters.Counter, number>): void {
    const { table, dictionary, catalog } = this.#sources;
    const evaluation = parseEvaluationKey(dictionary.text(code))!;
    const add = (result: string, by: number): void => {
      if (by > 0) table.add('plimsoll_evaluations_total', { ...labels, evaluator: evaluation.evaluator, result }, by);
    };
    const mark = catalog.byName(labels.service, labels.environment)?.evaluations[evaluation.name]?.pass ?? null;
    if (mark === null) {
      add('unjudged', n);
      return;
    }
    const passed = found.get(counters.passed(dictionary.code(markKey(evaluation, mark)))) ?? 0;
    add('pass', passed);
    add('fail', n - passed);
  }

  /** Each measure once, though several objectives may rest on it. */
  #measures(
    service: number,
    tally: ReadonlyMap<counters.Counter, number>,
    interactions: readonly InteractionArrivals[],
  ): void {
    const { table } = this.#sources;
    const labels = this.#labelsOf(service);
    const done = new Set<string>();
    for (const objective of this.#objectivesOf(service)) {
      const measure = measureLabel(objective);
      if (!isLive(objective) || done.has(measure)) continue;
      done.add(measure);
      const { n, bad, eligible } = objective.events.eventsOf(tally);
      const excluded = objective.method === 'spans' ? eligible - n : 0;
      for (const [i, by] of [n - bad, bad, excluded].entries())
        table.add(
          'plimsoll_measure_events_total',
          { ...labels, measure, result: RESULTS[i]! },
          by,
          RESULTS[i] === 'bad' && by > 0 ? badOne(objective, interactions) : undefined,
        );
    }
  }

  #labelsOf(service: number): ServiceLabels {
    const known = this.#begun.get(service);
    if (known !== undefined) return known;
    const labels = serviceLabels(this.#sources.dictionary, service);
    this.#begun.set(service, labels);
    const declared = this.#sources.catalog.byName(labels.service, labels.environment);
    if (declared !== null) this.#begin(service, labels, declared);
    return labels;
  }

  #begin(counted: number, labels: ServiceLabels, declared: Service): void {
    const { table, currencyOf } = this.#sources;
    for (const operation of OPERATIONS)
      for (const outcome of OUTCOMES) table.add('plimsoll_interactions_total', { ...labels, operation, outcome }, 0);
    for (const { channel, sentiment } of SENTIMENTS)
      table.add('plimsoll_feedback_total', { ...labels, channel, sentiment }, 0);
    for (const severity of SEVERITIES)
      for (const transition of ['opened', 'resolved'] as const)
        table.add(`plimsoll_incidents_${transition}_total`, { ...labels, severity }, 0);
    for (const change_type of CHANGE_TYPES) table.add('plimsoll_changes_total', { ...labels, change_type }, 0);
    for (const { name } of declared.models) {
      for (const token_type of TOKEN_TYPES)
        table.add('plimsoll_tokens_total', { ...labels, model: name, token_type }, 0);
      if (currencyOf(counted) === 'USD') table.add('plimsoll_cost_usd_total', { ...labels, model: name }, 0);
    }
    for (const objective of this.#objectivesOf(counted).filter(isLive))
      for (const result of RESULTS)
        table.add('plimsoll_measure_events_total', { ...labels, measure: measureLabel(objective), result }, 0);
  }

  /** Looked up with every commit: sorted out anew only when the objectives are others. */
  #objectivesOf(service: number): readonly Objective[] {
    const objectives = this.#sources.objectives();
    if (objectives !== this.#objectives) {
      this.#objectives = objectives;
      this.#byService = Map.groupBy(objectives, ({ counted }) => counted);
    }
    return this.#byService.get(service) ?? [];
  }
}

/** What waits for something to come late, or follows from several ratings together, is not known when one comes. */
const isLive = ({ judgedBy, events }: Objective): boolean =>
  judgedBy === 'events' && events.detectorLag === undefined && events.isJoint !== true;

/** One of the bad events of a measure, where it is known which: of those that did not keep a limit, the slowest did not. */
function badOne({ measure, variant }: Objective, interactions: readonly InteractionArrivals[]): Exemplar | undefined {
  if (measure === 'availability' && variant === undefined)
    return exemplarOf(interactions.find((one) => one.failedTrace !== null)?.failedTrace, 1);
  if (measure !== 'latency') return undefined;
  const slow = interactions.flatMap(({ durations }) => durations.slowest ?? []);
  return exemplarOf(slow.reduce<Slowest | null>((a, b) => (a === null || b.ms > a.ms ? b : a), null)?.traceId, 1);
}

function totalOf(counts: readonly number[]): number {
  let total = 0;
  for (const n of counts) total += n;
  return total;
}

/** Labels, and the same with each outcome. */
interface Outcomes<L> {
  readonly of: L;
  readonly by: Readonly<Record<(typeof OUTCOMES)[number], L & { readonly outcome: string }>>;
}

function outcomesOf<L extends Readonly<Record<string, string>>>(table: SeriesTable, labels: L): Outcomes<L> {
  const withOne = (outcome: string): L & { readonly outcome: string } => table.keep({ ...labels, outcome });
  const by = {
    success: withOne('success'),
    error: withOne('error'),
    timeout: withOne('timeout'),
    content: withOne('content'),
  };
  return { of: table.keep(labels), by };
}

interface Models {
  readonly of: ServiceLabels & { readonly model: string };
  /** In the order of TOKEN_TYPES. */
  readonly byToken: readonly (ServiceLabels & { readonly model: string; readonly token_type: string })[];
}

/** So many of what was made are remembered: names come from the wire. */
const MADE_MAX = 10_000;

/** What was made for a key, for as long as it is remembered. */
class Made<V> {
  readonly #values = new Map<string, V>();

  get(key: string, make: () => V): V {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    if (this.#values.size >= MADE_MAX) this.#values.clear();
    const made = make();
    this.#values.set(key, made);
    return made;
  }

  clear(): void {
    this.#values.clear();
  }
}

const outcomeOf = (error: ErrorClass): (typeof OUTCOMES)[number] =>
  error === 'timeout' || error === 'content' ? error : 'error';

/** What measures of events read of interactions: how many, how many failed and why, how many kept a latency limit. */
function addInteractions(
  tally: Map<counters.Counter, number>,
  { failed, durations: { boundsMs, counts } }: InteractionArrivals,
): void {
  const add = (counter: counters.Counter, n: number): void => void tally.set(counter, (tally.get(counter) ?? 0) + n);
  let count = 0;
  for (const [i, n] of failed.entries()) {
    add(counters.FAILED_BY_INDEX[i]!, n);
    count += n;
  }
  let within = 0;
  for (const [i, n] of counts.entries()) {
    within += n;
    if (i < boundsMs.length) add(counters.within(boundsMs[i]!), within);
  }
  add(counters.COUNT, count + within);
}
