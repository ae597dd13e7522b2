import type { Arrivals } from '../../store/arrivals.ts';
import type { WriterListener } from '../../store/writer.ts';
import type { TickReport } from '../judge/judge.ts';
import { FAMILIES } from './catalogue.ts';
import { type Computed, showComputed } from './computed.ts';
import { LiveMetrics, type LiveSources } from './live.ts';
import { labelsOf, severityOf } from './names.ts';
import { SelfMetrics, type SelfSources } from './self.ts';
import { SeriesTable } from './series-table.ts';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export type MetricsSources = Omit<LiveSources, 'table'> & Omit<SelfSources, 'series'>;

/** /metrics: what comes in, what is known of the services, and Plimsoll itself. */
export class Metrics implements WriterListener {
  readonly self: SelfMetrics;
  readonly live: LiveMetrics;
  readonly #liveTable = new SeriesTable(
    FAMILIES.filter(({ kind }) => kind === 'live'),
    (family) => this.self.seriesRefused(family),
  );
  readonly #computedTable = new SeriesTable(
    FAMILIES.filter(({ kind }) => kind === 'computed'),
    (family) => this.self.seriesRefused(family),
  );
  /** Rendered once a tick. */
  #computedPage = '';

  constructor(sources: MetricsSources) {
    this.self = new SelfMetrics({
      ...sources,
      series: () => [...this.#liveTable.sizes(), ...this.#computedTable.sizes()],
    });
    this.live = new LiveMetrics({ ...sources, table: this.#liveTable });
  }

  committed(durationMs: number, arrivals: Arrivals | null): void {
    this.self.committed(durationMs);
    if (arrivals === null) return;
    this.self.joined(arrivals.joined);
    this.live.arrived(arrivals);
  }

  refused(durationMs: number): void {
    this.self.refused(durationMs);
  }

  /** After a tick. */
  judged(report: TickReport, computed: Computed): void {
    this.self.ticked(report.durationMs, computed.now);
    for (const { incident, transition } of report.written)
      if (transition === 'opened' || transition === 'resolved')
        this.live.incident(labelsOf(incident), severityOf(incident), transition);
    showComputed(this.#computedTable, computed);
    this.#computedPage = this.#computedTable.render();
  }

  /** After a tick that failed: old numbers would pass for new ones. */
  forget(): void {
    this.#computedTable.clear();
    this.#computedPage = '';
  }

  async page(): Promise<{ contentType: string; body: string }> {
    const began = performance.now();
    const body = this.#liveTable.render() + this.#computedPage + (await this.self.render());
    this.self.rendered(performance.now() - began);
    return { contentType: CONTENT_TYPE, body };
  }
}
