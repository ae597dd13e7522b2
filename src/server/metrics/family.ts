/**
 * `live`: counters and histograms that move when something arrives, of this process since it started: `sum by`, `rate()`.
 * `computed`: gauges said anew after each tick, as known now, the same on every replica: `max by`, never `rate()`.
 * `self`: Plimsoll about itself.
 */
export type FamilyKind = 'live' | 'computed' | 'self';
export type FamilyType = 'counter' | 'gauge' | 'histogram';

/** One metric: registration, the page of the guide, the lint of dashboards and their queries all come from this. */
export interface Family {
  readonly kind: FamilyKind;
  readonly type: FamilyType;
  readonly name: `plimsoll_${string}`;
  readonly labels: readonly string[];
  /** One sentence. */
  readonly help: string;
  /** Series it may have at most. */
  readonly cap: number;
}

export type LabelValues<F extends Family> = Readonly<Record<F['labels'][number], string>>;
