import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { OtlpCounters } from '../../collectors/otlp/index.ts';
import type { Incident } from '../model/incident.ts';
import { isOpen } from '../model/incident.ts';
import type { Objective } from '../objectives/objective.ts';
import { type Reading, VERDICTS } from '../objectives/reading.ts';
import type { Writer } from '../store/writer.ts';
import type { TickReport } from './judge/judge.ts';

const PREFIX = 'plimsoll_';
const S = ['service', 'environment'] as const;
const O = [...S, 'objective'] as const;

/** /metrics: what Plimsoll says of the services, and of itself. Computed gauges are set anew by each tick. */
export class Metrics implements OtlpCounters {
  readonly registry = new Registry();
  readonly #requests = this.#counter('ingest_requests_total', 'Requests answered, by source and status.', [
    'source',
    'code',
  ]);
  readonly #bytes = this.#counter('ingest_bytes_total', 'Bytes received, packed as they came.', ['source']);
  readonly #signals = this.#counter('ingest_signals_total', 'Signals by what became of them.', [
    'source',
    'signal',
    'result',
  ]);
  readonly #deliveries = this.#counter('sink_deliveries_total', 'Attempts to deliver, by result.', ['sink', 'result']);
  readonly #opened = this.#counter('incidents_opened_total', 'Incidents opened.', [...S, 'severity']);
  readonly #resolved = this.#counter('incidents_resolved_total', 'Incidents resolved.', [...S, 'severity']);
  readonly #tick = this.#histogram('tick_duration_seconds', 'Time one tick of judging took.');
  readonly #computed: Gauge[] = [];
  readonly #verdict = this.#gauge('objective_verdict', 'One for the verdict of the objective, zero for the others.', [
    ...O,
    'verdict',
  ]);
  readonly #target = this.#gauge('objective_target_ratio', 'The promised share of good events.', O);
  readonly #windowSeconds = this.#gauge('objective_window_seconds', 'Length of the window of the objective.', O);
  readonly #info = this.#gauge('objective_info', 'What the objective is of.', [...O, 'kind', 'measure', 'policy']);
  readonly #remaining = this.#gauge(
    'objective_error_budget_remaining_ratio',
    'Share of the error budget that is left, negative when overspent.',
    O,
  );
  readonly #burn = this.#gauge(
    'objective_burn_rate',
    'How fast the error budget is being spent; one spends it exactly by the end of the window.',
    [...O, 'window'],
  );
  readonly #evidence = this.#gauge(
    'objective_evidence_ratio',
    'How far the evidence for a breach has come; one is an alarm.',
    [...O, 'detector'],
  );
  readonly #ratio = this.#gauge('measure_ratio', 'Estimated share of good events.', [...S, 'measure', 'window']);
  readonly #low = this.#gauge('measure_ci_lower_ratio', 'Lower bound of the 95 % interval of the estimate.', [
    ...S,
    'measure',
    'window',
  ]);
  readonly #high = this.#gauge('measure_ci_upper_ratio', 'Upper bound of the 95 % interval of the estimate.', [
    ...S,
    'measure',
    'window',
  ]);
  readonly #events = this.#gauge('measure_window_events', 'Events that the estimate rests on.', [
    ...S,
    'measure',
    'window',
  ]);
  readonly #coverage = this.#gauge('measure_coverage_ratio', 'Share of the eligible events that were counted.', [
    ...S,
    'measure',
    'window',
  ]);
  readonly #open = this.#gauge('incidents_open', 'Incidents that are not resolved.', [...S, 'severity']);
  readonly #outbox = this.#gauge('outbox_messages', 'Messages that wait to be delivered.', ['sink']);
  readonly #tickSuccess: Gauge;
  readonly #queue: Gauge;

  constructor(version: string, writer: () => Writer) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: `${PREFIX}build_info`,
      help: 'One, with the version that runs.',
      labelNames: ['version'],
      registers: [this.registry],
    }).set({ version }, 1);
    this.#tickSuccess = new Gauge({
      name: `${PREFIX}tick_last_success_timestamp_seconds`,
      help: 'When judging last came to its end.',
      registers: [this.registry],
    });
    this.#queue = new Gauge({
      name: `${PREFIX}ingest_queue_bytes`,
      help: 'Packed rows that wait for the store.',
      registers: [this.registry],
      collect() {
        this.set(writer().queuedBytes);
      },
    });
    void this.#queue;
  }

  answered(httpStatus: number): void {
    this.#requests.inc({ source: 'otlp_http', code: String(httpStatus) });
  }
  received(wireBytes: number): void {
    this.#bytes.inc({ source: 'otlp_http' }, wireBytes);
  }
  taken(aiSpans: number, links: number, duplicates: number): void {
    this.#signals.inc({ source: 'otlp_http', signal: 'span', result: 'stored' }, aiSpans + links - duplicates);
    if (duplicates > 0) this.#signals.inc({ source: 'otlp_http', signal: 'span', result: 'duplicate' }, duplicates);
  }
  rejected(reason: string, spans: number): void {
    this.#signals.inc(
      { source: 'otlp_http', signal: 'span', result: reason === 'too old' ? 'too_late' : 'rejected' },
      spans,
    );
  }
  turnedAway(): void {
    this.#requests.inc({ source: 'otlp_http', code: 'turned_away' });
  }
  abandoned(): void {
    this.#requests.inc({ source: 'otlp_http', code: 'abandoned' });
  }

  delivered(sink: string, result: 'ok' | 'retry' | 'dead'): void {
    this.#deliveries.inc({ sink, result });
  }

  waiting(sink: string, messages: number): void {
    this.#outbox.set({ sink }, messages);
  }

  /** After a tick: what is no longer said is taken away, so that nothing old stands as if it were new. */
  judged(
    report: TickReport,
    readings: readonly { objective: Objective; reading: Reading | null }[],
    incidents: readonly Incident[],
    now: number,
  ): void {
    this.#tick.observe(report.durationMs / 1000);
    this.#tickSuccess.set(now / 1000);
    for (const { incident, transition } of report.written) {
      const labels = {
        service: incident.service,
        environment: incident.environment ?? '',
        severity: `P${incident.priority}`,
      };
      if (transition === 'opened') this.#opened.inc(labels);
      if (transition === 'resolved') this.#resolved.inc(labels);
    }
    for (const gauge of this.#computed) gauge.reset();
    for (const { objective, reading } of readings) if (reading !== null) this.#show(objective, reading);
    for (const incident of incidents)
      if (isOpen(incident))
        this.#open.inc({
          service: incident.service,
          environment: incident.environment ?? '',
          severity: `P${incident.priority}`,
        });
  }

  #show(objective: Objective, reading: Reading): void {
    const s = { service: objective.service, environment: objective.environment ?? '' };
    const o = { ...s, objective: objective.name };
    for (const verdict of VERDICTS) this.#verdict.set({ ...o, verdict }, verdict === reading.verdict ? 1 : 0);
    this.#target.set(o, objective.target);
    this.#windowSeconds.set(o, objective.window.minutes * 60);
    this.#info.set(
      { ...o, kind: objective.kind.toLowerCase(), measure: objective.measure, policy: reading.detector.name },
      1,
    );
    if (reading.budget !== null) this.#remaining.set(o, reading.budget.remaining);
    for (const [window, burn] of Object.entries(reading.burns))
      if (burn !== null) this.#burn.set({ ...o, window }, burn);
    this.#evidence.set({ ...o, detector: 'ticket' }, reading.evidence);
    const { estimate } = reading;
    const m = {
      ...s,
      measure: estimate.subject === null ? estimate.measure : `${estimate.measure}:${estimate.subject}`,
      window: objective.window.text,
    };
    this.#events.set(m, estimate.n);
    if (estimate.coverage !== null) this.#coverage.set(m, estimate.coverage);
    if (estimate.value === null) return;
    this.#ratio.set(m, estimate.value);
    this.#low.set(m, estimate.low!);
    this.#high.set(m, estimate.high!);
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name: PREFIX + name, help, labelNames: [...labelNames], registers: [this.registry] });
  }
  #gauge<L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> {
    const gauge = new Gauge({ name: PREFIX + name, help, labelNames: [...labelNames], registers: [this.registry] });
    this.#computed.push(gauge as unknown as Gauge);
    return gauge;
  }
  #histogram(name: string, help: string): Histogram {
    return new Histogram({
      name: PREFIX + name,
      help,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers: [this.registry],
    });
  }
}
