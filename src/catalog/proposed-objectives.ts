import { wilson } from '../measures/wilson.ts';
import { bucketAtRank, bucketUpper, countOf, type ExponentialHistogram } from '../tally/exponential.ts';

/** Events that were counted, and the bad ones among them. */
export interface Counted {
  readonly n: number;
  readonly bad: number;
}

/** What is known of a service, of as long as it is looked back. */
export interface ServiceHistory {
  readonly interactions: Counted;
  /** Durations of those that did not fail, ms. */
  readonly durations: ExponentialHistogram;
  readonly satisfaction: Counted;
  /** By label; those of interactions that were chosen at random, and those that somebody cared to label, apart. */
  readonly labels: readonly (Counted & { readonly name: string; readonly sampling: 'random' | 'voluntary' })[];
}

/** A promise that the service would have kept. */
export interface ProposedObjective {
  /** What stands behind the name of the service: `availability`. */
  readonly suffix: string;
  readonly measure: Readonly<Record<string, string>>;
  readonly target: number;
  readonly events: number;
  /** What its history is, for people. */
  readonly because: string;
}

/** With fewer events nothing is promised: what was seen would fit nearly every promise. */
export const EVENTS_MIN = 100;
const TARGETS = [0.999, 0.995, 0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5];
/** A promise that is just kept would be broken by chance: so much of its budget may have been spent at most. */
const BUDGET_SPENT_MAX = 0.5;
const QUANTILE = 0.95;
/** Limits of time that people would write. */
const STEPS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** Objectives that the history supports, each as high as it surely would have kept it with half of its budget. */
export function proposeObjectives(history: ServiceHistory): ProposedObjective[] {
  const { interactions, durations, satisfaction, labels } = history;
  const proposals: (ProposedObjective | null)[] = [
    proposed('availability', { type: 'availability' }, interactions, 'of the interactions failed'),
    latencyOf(durations),
    proposed('satisfaction', { type: 'satisfaction' }, satisfaction, 'of the ratings were bad'),
    ...labels.map((label) =>
      proposed(
        `${label.name}${label.sampling === 'voluntary' ? '-voluntary' : ''}`,
        { type: 'accuracy', label: label.name, sampling: label.sampling },
        label,
        `of the labels say that the answer was not ${label.name}`,
      ),
    ),
  ];
  return proposals.filter((one) => one !== null);
}

function proposed(
  suffix: string,
  measure: ProposedObjective['measure'],
  { n, bad }: Counted,
  what: string,
): ProposedObjective | null {
  if (n < EVENTS_MIN) return null;
  const target = targetFor({ n, bad });
  if (target === null) return null;
  return { suffix, measure, target, events: n, because: `${bad} of ${n} ${what}` };
}

/** The highest target of which surely (at 95 %) no more than half of the budget was spent; null: there is none. */
export function targetFor({ n, bad }: Counted): number | null {
  const worst = 1 - wilson(n - bad, n).low;
  return TARGETS.find((target) => worst <= (1 - target) * BUDGET_SPENT_MAX) ?? null;
}

function latencyOf(durations: ExponentialHistogram): ProposedObjective | null {
  const n = countOf(durations);
  if (n < EVENTS_MIN) return null;
  // Where in its bucket a duration lies is not known: the limit is above all of the bucket.
  const bucket = bucketAtRank(durations, Math.ceil(QUANTILE * n));
  const p95 = bucket === null ? 0 : bucketUpper(bucket);
  const threshold = limitAbove(p95);
  const bad = [...durations.buckets].reduce(
    (sum, [index, count]) => sum + (bucketUpper(index) > threshold ? count : 0),
    0,
  );
  const text = threshold >= 1000 ? `${threshold / 1000}s` : `${threshold}ms`;
  return proposed(
    'latency',
    { type: 'latency', threshold: text },
    { n, bad },
    `of the answers took longer than ${text}, the first limit above their 95th percentile of at most ${Math.ceil(p95)} ms`,
  );
}

/** The first of 1, 1.5, 2, 2.5 ... 10 times a power of ten that is not below; whole, ms. */
export function limitAbove(ms: number): number {
  const unit = 10 ** Math.max(1, Math.floor(Math.log10(Math.max(ms, 1))));
  return STEPS.map((step) => step * unit).find((limit) => limit >= ms) ?? 10 * unit;
}
