import type { Millis } from '../../model/time.ts';
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
  /** What is known as of the last tick, as soon as somebody asks; null while that is nothing. */
  #computed: (() => Promise<Computed>) | null = null;
  /** Made of it, once a tick at most. */
  #computedPage: Promise<string> | null = null;

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

  /** After a tick. @param computed  what is known as of it: asked for when somebody asks here */
  judged(report: TickReport, computed: () => Promise<Computed>, now: Millis): void {
    this.self.ticked(report.durationMs, now);
    for (const { incident, transition } of report.written)
      if (transition === 'opened' || transition === 'resolved')
        this.live.incident(labelsOf(incident), severityOf(incident), transition);
    this.#computed = computed;
    this.#computedPage = null;
  }

  /** After a tick that failed: old numbers would pass for new ones. */
  forget(): void {
    this.#computedTable.clear();
    this.#computed = null;
    this.#computedPage = null;
  }

  async page(): Promise<{ contentType: string; body: string }> {
    const began = performance.now();
    this.#computedPage ??= this.#renderComputed().catch((error: unknown) => {
      this.#computedPage = null;
      throw error;
    });
    const computed = await this.#computedPage;
    const body = this.#liveTable.render() + computed + (await this.self.render());
    this.self.rendered(performance.now() - began);
    return { contentType: CONTENT_TYPE, body };
  }

  async #renderComputed(): Promise<string> {
    if (this.#computed === null) return '';
    showComputed(this.#computedTable, await this.#computed());
    return this.#computedTable.render();
  }
}
