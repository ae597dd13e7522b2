import { randomUUID } from 'node:crypto';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { OtlpCounters } from '../../../collectors/otlp/index.ts';
import type { LimitName } from '../../model/config/limits.ts';
import { noRatings, type RatingCounts, type UnjoinedRatings } from '../../store/rating.ts';
import type { Settled } from '../../store/records/inbox.ts';
import type { AuditState } from '../audit/state.ts';
import type { ConfigurationState } from '../reload/state.ts';
import { type FamilyNamed, familyNamed, type NameOf } from './catalogue.ts';
import type { Family } from './family.ts';
import type { Format } from './format.ts';
import { openMetricsOf } from './registry-page.ts';

const FAST_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/**
 * Metrics of Node that mislead: gauges named like counters, of which a reader would take the rate, and those that are NaN
 * or absurd when two scrapes follow each other closely, and poison every sum that they are in.
 */
const MISLEADING = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
  'nodejs_eventloop_lag_min_seconds',
  'nodejs_eventloop_lag_mean_seconds',
  'nodejs_eventloop_lag_stddev_seconds',
];

const CONNECTION_LIMITS = ['connections', 'headersTimeout', 'requestTimeout'] as const;
const TELEMETRY_LIMITS = ['body', 'bodiesInFlight', 'spansPerRequest', 'attributesPerSpan', 'valueDepth'] as const;

/** The limits that each door counts: all but that of idle connections, which bites in good order. */
const LIMITS_OF = {
  otlp_http: [...TELEMETRY_LIMITS, ...CONNECTION_LIMITS],
  otlp_grpc: [...TELEMETRY_LIMITS, ...CONNECTION_LIMITS],
  rest: ['apiBody', 'bodiesInFlight', ...CONNECTION_LIMITS],
} as const satisfies Record<string, readonly LimitName[]>;
type LimitedSource = keyof typeof LIMITS_OF;

const RESULTS = ['ok', 'retry', 'unknown', 'dead'] as const;
const WAYS = ['open', 'paused', 'down', 'gone'] as const;
const HOOK_RESULTS = ['taken', 'duplicate', 'ignored', 'unreadable', 'refused', 'limited', 'failed'] as const;
export type HookResult = (typeof HOOK_RESULTS)[number];

export interface SelfSources {
  readonly version: string;
  /** Names of the destinations in force. */
  readonly sinks: () => readonly string[];
  readonly queue: () => { readonly bytes: number; readonly capacityBytes: number };
  readonly unjoined: () => UnjoinedRatings;
  readonly storeSizes: () => Readonly<Record<string, number>>;
  /** Nothing where another process delivers. */
  readonly deliveries: () => Promise<{
    /** What waits for each destination; the ones with nothing may be left out. */
    readonly waiting: readonly { sink: string; messages: number; oldest: number }[];
    /** How each destination is. */
    readonly destinations: readonly { sink: string; dead: number; tookAt: number | null; way: string | null }[];
  }>;
  /** Whether this process judges and delivers. */
  readonly leads: () => boolean;
  /** Destinations that heads of the audit log are sent to. */
  readonly anchors: readonly string[];
  readonly audit: () => Promise<AuditState | null>;
  readonly series: () => readonly { family: Family; series: number }[];
  /** Of the history outside; null where none is written, and while nobody can say. */
  readonly history: () => Promise<{
    readonly database: string;
    readonly waiting: number;
    readonly oldest: number | null;
    readonly isStopped: boolean;
  } | null>;
  readonly now: () => number;
}

/**
 * What Plimsoll says of itself, and what Node says of the process: kept by prom-client. Its label values are names of sinks,
 * statuses and words of ours: none holds a comma or a colon, with which prom-client would take two series for one.
 */
export class SelfMetrics {
  readonly registry = new Registry();
  readonly #requests = this.#counter('plimsoll_ingest_requests_total');
  readonly #bytes = this.#counter('plimsoll_ingest_bytes_total');
  readonly #signals = this.#counter('plimsoll_ingest_signals_total');
  readonly #joined = this.#counter('plimsoll_ratings_joined_total');
  readonly #unjoined = this.#gauge('plimsoll_ratings_unjoined');
  readonly #deliveries = this.#counter('plimsoll_sink_deliveries_total');
  readonly #deliveryTime = this.#histogram('plimsoll_sink_delivery_duration_seconds');
  readonly #hooks = this.#counter('plimsoll_hook_requests_total');
  readonly #inbox = this.#counter('plimsoll_inbox_events_total');
  readonly #polls = this.#counter('plimsoll_sink_polls_total');
  readonly #refused = this.#counter('plimsoll_metric_series_refused_total');
  readonly #limits = this.#counter('plimsoll_limit_hits_total');
  readonly #commit = this.#histogram('plimsoll_store_commit_duration_seconds');
  readonly #tick = this.#histogram('plimsoll_tick_duration_seconds');
  readonly #render = this.#histogram('plimsoll_exposition_render_duration_seconds');
  readonly #queue = this.#gauge('plimsoll_ingest_queue_bytes');
  readonly #capacity = this.#gauge('plimsoll_ingest_queue_capacity_bytes');
  readonly #size = this.#gauge('plimsoll_store_size_bytes');
  readonly #storeRight = this.#gauge('plimsoll_store_verify_success');
  readonly #storeVerified = this.#gauge('plimsoll_store_last_verified_timestamp_seconds');
  readonly #series = this.#gauge('plimsoll_metric_series');
  readonly #messages = this.#gauge('plimsoll_outbox_messages');
  readonly #oldest = this.#gauge('plimsoll_outbox_oldest_timestamp_seconds');
  readonly #deadLetters = this.#gauge('plimsoll_outbox_dead_letters');
  readonly #way = this.#gauge('plimsoll_sink_way');
  readonly #took = this.#gauge('plimsoll_sink_last_success_timestamp_seconds');
  readonly #leader = this.#gauge('plimsoll_leader');
  readonly #configuration = this.#gauge('plimsoll_configuration_info');
  readonly #configurationOk = this.#gauge('plimsoll_config_last_reload_successful');
  readonly #configurationAt = this.#gauge('plimsoll_config_last_reload_success_timestamp_seconds');
  readonly #auditEntries = this.#gauge('plimsoll_audit_entries');
  readonly #auditSigned = this.#gauge('plimsoll_audit_signed_entries');
  readonly #auditHead = this.#gauge('plimsoll_audit_last_head_timestamp_seconds');
  readonly #auditValid = this.#gauge('plimsoll_audit_chain_valid');
  readonly #auditVerified = this.#gauge('plimsoll_audit_last_verified_timestamp_seconds');
  readonly #anchors = this.#counter('plimsoll_audit_anchors_total');
  readonly #anchorsWaiting = this.#gauge('plimsoll_audit_anchors_waiting');
  readonly #historyPoints = this.#counter('plimsoll_history_points_total');
  readonly #historyWaiting = this.#gauge('plimsoll_history_waiting');
  readonly #historyOldest = this.#gauge('plimsoll_history_oldest_waiting_timestamp_seconds');
  readonly #historyWrote = this.#gauge('plimsoll_history_last_write_timestamp_seconds');
  readonly #historyStopped = this.#gauge('plimsoll_history_stopped');
  readonly #sources: SelfSources;
  readonly #ticked = this.#gauge('plimsoll_tick_last_success_timestamp_seconds');

  constructor(sources: SelfSources) {
    this.#sources = sources;
    collectDefaultMetrics({ register: this.registry });
    // A gauge without labels begins at 0: as long as nobody has looked, nothing is said.
    const looks = [this.#auditValid, this.#auditVerified, this.#storeRight, this.#storeVerified];
    for (const gauge of looks) gauge.remove();
    for (const name of MISLEADING) this.registry.removeSingleMetric(name);
    this.#gauge('plimsoll_build_info').set({ version: sources.version }, 1);
    // What OpenTelemetry calls the resource: joined by job and instance.
    const target = { service_name: 'plimsoll', service_version: sources.version, service_instance_id: randomUUID() };
    new Gauge({
      name: 'target_info',
      help: 'The process that is scraped, always 1.',
      labelNames: Object.keys(target),
      registers: [this.registry],
    }).set(target, 1);
    for (const signal of ['feedback', 'evaluation', 'label', 'change'])
      this.signals(signal, { stored: 0, duplicate: 0, rejected: 0 });
    for (const [source, limits] of Object.entries(LIMITS_OF))
      for (const limit of limits) this.limited(source as LimitedSource, limit, 0);
    this.joined(noRatings());
    this.declareSinks();
    for (const sink of sources.anchors)
      for (const result of ['ok', 'retry', 'dead']) this.#anchors.inc({ sink, result }, 0);
    const limit = this.#gauge('plimsoll_metric_series_limit');
    for (const { family } of sources.series()) {
      limit.set({ family: family.name }, family.cap);
      this.#refused.inc({ family: family.name }, 0);
    }
  }

  /** The series of each destination begin at 0. */
  declareSinks(): void {
    for (const sink of this.#sources.sinks()) {
      for (const result of RESULTS) this.#deliveries.inc({ sink, result }, 0);
      this.#deliveryTime.zero({ sink });
      for (const result of HOOK_RESULTS) this.#hooks.inc({ sink, result }, 0);
      for (const result of ['done', 'nothing', 'unknown']) this.#inbox.inc({ sink, result }, 0);
      for (const result of ['ok', 'failed']) this.#polls.inc({ sink, result }, 0);
    }
  }

  /** What is in force, since when, and whether the last attempt to put something else in force came to its end. */
  configured({ sha256, since, refusal }: ConfigurationState): void {
    this.#configuration.reset();
    this.#configuration.set({ sha256 }, 1);
    this.#configurationOk.set(refusal === null ? 1 : 0);
    this.#configurationAt.set(since / 1000);
  }

  /** A limit of the deployment bit at a door. */
  limited(source: LimitedSource, limit: LimitName, times = 1): void {
    this.#limits.inc({ source, limit }, times);
  }

  /** What one door for telemetry tells of itself. */
  door(source: 'otlp_http' | 'otlp_grpc'): OtlpCounters {
    const spans = (result: string, n: number): void => this.#signals.inc({ source, signal: 'span', result }, n);
    for (const result of ['stored', 'duplicate', 'too_late', 'rejected']) spans(result, 0);
    this.#bytes.inc({ source }, 0);
    this.#requests.inc({ source, code: '200' }, 0);
    return {
      answered: (httpStatus) => this.#requests.inc({ source, code: String(httpStatus) }),
      received: (wireBytes) => this.#bytes.inc({ source }, wireBytes),
      taken: (aiSpans, links, duplicates) => {
        spans('stored', aiSpans + links - duplicates);
        if (duplicates > 0) spans('duplicate', duplicates);
      },
      rejected: (reason, n) => spans(reason === 'too old' ? 'too_late' : 'rejected', n),
      signals: (signal, results) => this.#count(source, signal, results),
      limited: (limit, times) => this.limited(source, limit, times),
      abandoned: () => this.#requests.inc({ source, code: 'abandoned' }),
    };
  }

  /** Feedback, evaluations, labels or changes over REST. */
  signals(signal: string, results: Readonly<Record<string, number>>): void {
    this.#count('rest', signal, results);
  }

  #count(source: string, signal: string, results: Readonly<Record<string, number>>): void {
    for (const [result, n] of Object.entries(results)) this.#signals.inc({ source, signal, result }, n);
  }

  joined(ratings: RatingCounts): void {
    for (const [signal, n] of Object.entries(ratings)) this.#joined.inc({ signal }, n);
  }
  committed(durationMs: number): void {
    this.#commit.observe({ result: 'ok' }, durationMs / 1000);
  }
  refused(durationMs: number): void {
    this.#commit.observe({ result: 'refused' }, durationMs / 1000);
  }
  delivered(sink: string, result: (typeof RESULTS)[number], durationMs: number): void {
    this.#deliveries.inc({ sink, result });
    this.#deliveryTime.observe({ sink }, durationMs / 1000);
  }
  /** A tool has called. @param sink  null: there is none of that name */
  hook(sink: string | null, result: HookResult): void {
    this.#hooks.inc({ sink: sink ?? '', result });
  }
  /** What a tool has told was dealt with. */
  reported(sink: string, result: Settled): void {
    this.#inbox.inc({ sink, result });
  }
  polled(sink: string, result: 'ok' | 'failed'): void {
    this.#polls.inc({ sink, result });
  }
  /** Counts were held against their rows. */
  storeVerified(isRight: boolean, now: number): void {
    this.#storeRight.set(isRight ? 1 : 0);
    this.#storeVerified.set(now / 1000);
  }
  /** The audit log was followed from its last head to its end. */
  auditVerified(isValid: boolean, now: number): void {
    this.#auditValid.set(isValid ? 1 : 0);
    this.#auditVerified.set(now / 1000);
  }
  /** A head of the audit log was sent to where it is kept outside. */
  anchored(sink: string, result: 'ok' | 'retry' | 'dead'): void {
    this.#anchors.inc({ sink, result });
  }
  /** Points of the history: an outcome that is named with 0 has its series. */
  historyPoints(result: 'written' | 'refused' | 'lost', n: number): void {
    this.#historyPoints.inc({ result }, n);
  }
  historyWrote(database: string, at: number): void {
    this.#historyWrote.set({ database }, at / 1000);
  }
  seriesRefused(family: string, times: number): void {
    this.#refused.inc({ family }, times);
  }
  ticked(durationMs: number, now: number): void {
    this.#tick.observe(durationMs / 1000);
    this.#ticked.set(now / 1000);
  }
  rendered(durationMs: number): void {
    this.#render.observe(durationMs / 1000);
  }

  async render(format: Format = 'text'): Promise<string> {
    await this.#look();
    return format === 'text' ? this.registry.metrics() : openMetricsOf(this.registry);
  }

  /** At what is as it is now. */
  async #look(): Promise<void> {
    const { queue, unjoined, storeSizes, series, deliveries, sinks, now, leads } = this.#sources;
    const { bytes, capacityBytes } = queue();
    this.#queue.set(bytes);
    this.#capacity.set(capacityBytes);
    this.#leader.set(leads() ? 1 : 0);
    for (const [state, ratings] of Object.entries<RatingCounts>({ ...unjoined() }))
      for (const [signal, n] of Object.entries(ratings)) this.#unjoined.set({ signal, state }, n);
    for (const [part, size] of Object.entries(storeSizes())) this.#size.set({ part }, size);
    for (const { family, series: n } of series()) this.#series.set({ family: family.name }, n);
    const { waiting, destinations } = await deliveries();
    for (const sink of new Set([...sinks(), ...waiting.map((one) => one.sink)])) {
      const found = waiting.find((one) => one.sink === sink);
      this.#messages.set({ sink }, found?.messages ?? 0);
      this.#oldest.set({ sink }, (found?.oldest ?? now()) / 1000);
    }
    this.#renderDestinations(destinations);
    await this.#renderAudit();
    await this.#renderHistory();
  }

  /** Begun anew: a destination that is gone from the configuration, or that another process serves now, has no series. */
  #renderDestinations(known: Awaited<ReturnType<SelfSources['deliveries']>>['destinations']): void {
    for (const gauge of [this.#deadLetters, this.#way, this.#took]) gauge.reset();
    for (const { sink, dead, tookAt, way } of known) {
      this.#deadLetters.set({ sink }, dead);
      for (const state of WAYS) this.#way.set({ sink, state }, state === way ? 1 : 0);
      this.#took.set({ sink }, (tookAt ?? 0) / 1000);
    }
  }

  async #renderAudit(): Promise<void> {
    const { audit, anchors } = this.#sources;
    const state = await audit();
    if (state === null) return;
    const { entries, signed, lastHeadAt, waiting } = state;
    this.#auditEntries.set(entries);
    this.#auditSigned.set(signed);
    if (lastHeadAt !== null) this.#auditHead.set(lastHeadAt / 1000);
    for (const sink of anchors) this.#anchorsWaiting.set({ sink }, waiting.get(sink) ?? 0);
  }

  /** Begun anew: where another process writes it now, what was known of it here is of then. */
  async #renderHistory(): Promise<void> {
    const { history, now } = this.#sources;
    const state = await history();
    for (const gauge of [this.#historyWaiting, this.#historyOldest, this.#historyStopped]) gauge.reset();
    if (state === null) return;
    const { database, waiting, oldest, isStopped } = state;
    this.#historyWaiting.set({ database }, waiting);
    this.#historyOldest.set({ database }, (oldest ?? now()) / 1000);
    this.#historyStopped.set({ database }, isStopped ? 1 : 0);
  }

  #counter<N extends NameOf<'self', 'counter'>>(name: N): Counter<FamilyNamed<N>['labels'][number]> {
    return new Counter(this.#registration(name));
  }

  #gauge<N extends NameOf<'self', 'gauge'>>(name: N): Gauge<FamilyNamed<N>['labels'][number]> {
    return new Gauge(this.#registration(name));
  }

  #histogram<N extends NameOf<'self', 'histogram'>>(name: N): Histogram<FamilyNamed<N>['labels'][number]> {
    return new Histogram({ ...this.#registration(name), buckets: FAST_SECONDS });
  }

  #registration(name: NameOf<'self', Family['type']>): {
    name: string;
    help: string;
    labelNames: string[];
    registers: Registry[];
  } {
    const { help, labels } = familyNamed(name);
    return { name, help, labelNames: [...labels], registers: [this.registry] };
  }
}
