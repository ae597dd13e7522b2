import type { Millis } from '../../model/time.ts';
import type { Arrivals } from '../../store/arrivals.ts';
import type { WriterListener } from '../../store/writer.ts';
import type { TickReport } from '../judge/judge.ts';
import type { ShownValue } from '../otlp-metrics/sender.ts';
import { FAMILIES } from './catalogue.ts';
import type { Computed } from './computed.ts';
import { ComputedPage } from './computed-page.ts';
import { CONTENT_TYPES, type Format } from './format.ts';
import { LiveMetrics, type LiveSources } from './live.ts';
import { labelsOf, severityOf } from './names.ts';
import { othersFirst, paced } from './paced.ts';
import { SelfMetrics, type SelfSources } from './self.ts';
import { SeriesTable } from './series-table.ts';

export type MetricsSources = Omit<LiveSources, 'table' | 'onRefused'> & Omit<SelfSources, 'series'>;

/** /metrics: what comes in, what is known of the services, and Plimsoll itself. */
export class Metrics implements WriterListener {
  readonly self: SelfMetrics;
  readonly live: LiveMetrics;
  readonly #liveTable = new SeriesTable(
    FAMILIES.filter(({ kind }) => kind === 'live'),
    (family, times) => this.self.seriesRefused(family, times),
  );
  readonly #computedTable = new SeriesTable(
    FAMILIES.filter(({ kind }) => kind === 'computed'),
    (family, times) => this.self.seriesRefused(family, times),
  );
  readonly #computedPage = new ComputedPage(this.#computedTable);

  constructor(sources: MetricsSources) {
    this.self = new SelfMetrics({
      ...sources,
      series: () => [...this.#liveTable.sizes(), ...this.#computedTable.sizes()],
    });
    this.live = new LiveMetrics({
      ...sources,
      table: this.#liveTable,
      onRefused: (family) => this.self.seriesRefused(family, 1),
    });
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

  /** After a tick. @param computed  what is known as of it: read behind the tick, or when somebody asks here */
  judged(report: TickReport, computed: () => Promise<Computed>, now: Millis): void {
    this.self.ticked(report.durationMs, now);
    for (const { incident, transition } of report.written)
      if (transition === 'opened' || transition === 'resolved')
        this.live.incident(labelsOf(incident), severityOf(incident), transition);
    this.#computedPage.replace(computed);
  }

  /** After a tick that failed, and when the store is closed: old numbers would pass for new ones. */
  forget(): void {
    this.#computedPage.forget();
  }

  /** Counters and gauges of what comes in and of what is known, as the page has them. */
  async values(): Promise<Iterable<ShownValue>> {
    await this.#computedPage.pieces();
    return [this.#liveTable, this.#computedTable].values().flatMap((table) => table.values());
  }

  /** The page as it is when it is complete, or none: in pieces, so that no one of them holds others up. */
  async page(format: Format = 'text'): Promise<{ contentType: string; body: readonly Buffer[] }> {
    const began = performance.now();
    const computed = await this.#computedPage.pieces();
    const live: Buffer[] = [];
    await paced(this.#liveTable.render(format), (piece) => live.push(piece));
    // Gauges are the same in both formats: those that are computed are rendered once a tick.
    await othersFirst();
    const self = await this.self.render(format);
    await othersFirst();
    const body = [...live, ...computed, Buffer.from(format === 'text' ? self : `${self}# EOF\n`)];
    this.self.rendered(performance.now() - began);
    return { contentType: CONTENT_TYPES[format], body };
  }
}
